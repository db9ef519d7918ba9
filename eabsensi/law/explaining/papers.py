"""Documents in words: what an approved paper makes of a day, and which one comes first."""

from __future__ import annotations

from collections.abc import Iterator

from eabsensi.law.duty import DocumentClass, DocumentRule, Effect
from eabsensi.law.explaining.statement import Asked, Statement, Topic

_CLASSES = {
    DocumentClass.EXCUSED: (
        "tidak wajib hadir dan tidak dihitung tidak masuk kerja",
        "excused; no duty to be there and no absence",
    ),
    DocumentClass.PRESENT: (
        "hadir: tugas dijalankan di tempat lain; rekaman ditampilkan dan tidak dinilai",
        "present: the duty is done elsewhere; punches are shown and not judged",
    ),
    DocumentClass.CORRECTION: ("koreksi", "a correction"),
}
_CHARGED = (
    "tidak wajib hadir, tetapi dihitung tidak masuk kerja",
    "excused, but counted as a day absent",
)
_EFFECTS = {
    Effect.TAP: (
        "menggantikan rekaman masuk atau pulang yang tidak ada",
        "stands in for a missing arrival or departure",
    ),
    Effect.PRESENCE: ("menunjukkan hadir walau tidak ada rekaman", "shows presence although nothing was recorded"),
    Effect.ABSENCE: ("meniadakan “TK” tanpa menunjukkan hadir", "lifts a “TK” without showing presence"),
    Effect.MINUTES: ("mengizinkan terlambat atau pulang cepat", "permits arriving late or leaving early"),
}


def papers_topic(asked: Asked) -> Topic:
    """State each kind of paper and their order."""
    policy = asked.policy
    title = asked.say("Dokumen", "Papers (“dokumen”)")
    return Topic(title, (*_kinds(asked), *asked.series(policy.document_precedence, lambda kinds: _order(asked, kinds))))


def _kinds(asked: Asked) -> Iterator[Statement]:
    for version, until in asked.versions(asked.policy.documents):
        for kind, rule in version.value.items():
            yield Statement(f"documents.{kind}", _rule(asked, rule), version.from_on, until, rule.citation)


def _rule(asked: Asked, rule: DocumentRule) -> str:
    made = asked.say(*(_CHARGED if rule.charged else _CLASSES[rule.document_class]))
    effects = [asked.say(*words) for effect, words in _EFFECTS.items() if effect in rule.effects]
    what = f"{made}: {', '.join(effects)}" if effects else made
    return f"“{rule.code}” ({rule.name}): {what}."


def _order(asked: Asked, kinds: tuple[str, ...]) -> str:
    on = asked.on or max(version.from_on for version in asked.policy.documents.versions)
    rules = asked.policy.documents.on(on).value
    codes = " > ".join(rules[kind].code if kind in rules else kind for kind in kinds)
    return asked.say(
        f"Bila ada beberapa dokumen pada satu hari, yang terkuat dahulu: {codes}.",
        f"Several papers of one day, the strongest first: {codes}.",
    )
