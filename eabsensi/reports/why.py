"""One day explained, as prose that an employee and a judge understand, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TextIO

from eabsensi.assessing.content import day_content, verdict_row
from eabsensi.assessing.ranges import PersonDay
from eabsensi.assessing.why import DayExplained
from eabsensi.discipline.clockreasons import offset_text
from eabsensi.discipline.explanation import PunchUse
from eabsensi.discipline.facts import DayFacts, DeviceFact
from eabsensi.discipline.prospects import PaperApproved
from eabsensi.discipline.reasons import loss_text, outcome_text
from eabsensi.discipline.verdict import ApelOutcome, ApelResult, Status, Verdict
from eabsensi.discipline.workday import Span
from eabsensi.law.citation import Citation, Confidence
from eabsensi.law.policy import Policy
from eabsensi.law.wording import Language, clock_time, full_date, long_date, moment, month_name, zone_name
from eabsensi.reports.cause_words import cause_text
from eabsensi.reports.labels import label, status_label
from eabsensi.reports.standings import star
from eabsensi.reports.why_objects import device_object, iso, let_go_object, punch_object, version_object
from eabsensi.reports.why_words import pattern_text, word
from eabsensi.store.documents import DocumentRow
from eabsensi.store.verdicts import StoredVerdict

_SECOND = timedelta(seconds=1)
_PARAGRAPH = textwrap.TextWrapper(
    width=96, initial_indent="  - ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its sentences; ``key`` names it in every language, e.g. ``punches``."""

    key: str
    heading: str
    lines: Sequence[str]


def why_sections(found: DayExplained, policy: Policy, language: Language) -> tuple[Section, ...]:
    """Tell an explanation by sections, the verdict first; one with nothing to say says so."""
    nothing = [word("nothing", language)]
    sections = _Telling(found, policy, language).sections()
    return tuple(Section(section.key, section.heading, section.lines or nothing) for section in sections)


def write_why(found: DayExplained, policy: Policy, stream: TextIO, language: Language) -> None:
    """Write an explanation as prose."""
    stream.writelines(f"{line}\n" for line in _Telling(found, policy, language).head())
    for section in why_sections(found, policy, language):
        stream.write(f"\n{section.heading}\n")
        stream.writelines(f"{_PARAGRAPH.fill(line)}\n" for line in section.lines)


class _Telling:
    """Tells one explanation in one language."""

    def __init__(self, found: DayExplained, policy: Policy, language: Language) -> None:
        self._found = found
        self._why = found.explanation
        self._policy = policy
        self._language = language
        self._zone = found.explanation.facts.zone
        self._only_if_any = _ONLY_IF_ANY | ({"devices"} if found.let_go else set())

    def head(self) -> Iterator[str]:
        """Say who, which day, where, and by what was known when."""
        language, facts = self._language, self._why.facts
        person = facts.person
        yield word("title", language)
        about = ", ".join(part for part in (person.kind, person.rank, person.position) if part)
        yield f"{person.name}, NIP {person.nip} ({about})"
        yield word("where", language).format(
            day=full_date(facts.on, language), unit=facts.unit.name, code=facts.unit.code
        )
        yield word("known", language).format(as_of=self._moment(self._why.as_of))

    def sections(self) -> Iterator[Section]:
        """Give the sections in the order in which a reader asks."""
        told: tuple[tuple[str, Iterator[str]], ...] = (
            ("verdict", self._verdict()),
            ("schedule", self._schedule()),
            ("punches", self._punches()),
            ("devices", self._devices()),
            ("documents", self._documents()),
            ("gatherings", (self._gathering(result) for result in self._why.verdict.apel)),
            ("sums", (step.text(self._language) for step in self._why.steps)),
            ("law", (self._citation(cited) for cited in self._why.verdict.citations)),
            ("needs", (need.text(self._language) for need in self._why.needs)),
            ("changes", self._changes()),
            ("history", self._history()),
        )
        for key, lines in told:
            found = list(lines)
            if found or key not in self._only_if_any:
                yield Section(key, word(key, self._language), found)

    def _verdict(self) -> Iterator[str]:
        verdict, language = self._why.verdict, self._language
        yield word("result", language).format(
            result=_starred(verdict.status, verdict.codes, language, complete=verdict.complete)
        )
        if self._found.let_go:
            yield word("as_kept" if self._found.let_go.kept else "nothing_kept", language)
        yield from (reason.text(language) for reason in verdict.reasons)
        if not self._found.let_go:
            yield word("final" if verdict.complete else "not_final", language)

    def _schedule(self) -> Iterator[str]:
        day, language = self._why.day, self._language
        if not day.spans:
            yield day.reason.text(language) if day.reason else day.name
        for span in day.spans:
            yield self._span(day.name if len(day.spans) == 1 else f"{day.name}: {span.name}", span)
        setter = "by_roster" if day.rostered else "by_calendar"
        cited = "; ".join(citation.text(language) for citation in day.citations) or "-"
        yield word(setter, language).format(pattern=pattern_text(self._why.facts.unit.pattern, language), cited=cited)

    def _span(self, name: str, span: Span) -> str:
        language = self._language
        hours = word("hours", language).format(
            name=name,
            start=self._clock(span.starts_at),
            end=self._clock(span.ends_at),
            zone=zone_name(self._zone.key),
        )
        return hours + word("windows", language).format(
            in_opens=self._clock(span.arrival.opens),
            in_closes=self._clock(span.arrival.closes - _SECOND),
            out_opens=self._clock(span.departure.opens),
            out_closes=self._clock(span.departure.closes - _SECOND),
        )

    def _punches(self) -> Iterator[str]:
        gone = self._found.let_go
        if gone is None:
            yield from (self._punch(use) for use in self._why.punches)
            return
        retired, language = gone.retired, self._language
        yield word("let_go", language).format(
            month=month_name(retired.month, language),
            rows=f"{retired.rows:,}".replace(",", "." if language is Language.ID else ","),
            at=self._moment(retired.at),
            by=retired.by,
            reason=retired.reason,
        )
        yield word("let_go_proof", language).format(head=gone.head or "-")
        verdict = self._why.verdict
        if gone.kept and (verdict.in_at or verdict.out_at):
            times = (self._clock(at) if at else "-" for at in (verdict.in_at, verdict.out_at))
            yield word("let_go_times", language).format(**dict(zip(("arrived", "left"), times, strict=True)))

    def _devices(self) -> Iterator[str]:
        """Say how far devices are read, of a day whose punches are there; of others today's state proves nothing."""
        if self._found.let_go is None:
            yield from (self._device(device) for device in _devices(self._why.facts))

    def _punch(self, use: PunchUse) -> str:
        punch, language = use.punch, self._language
        at = punch.punched_at.astimezone(self._zone)
        offset = punch.clock_offset_seconds
        return word("punch", language).format(
            day="" if at.date() == self._why.facts.on else f"{long_date(at.date(), language)} ",
            at=clock_time(at, language, seconds=True),
            device=punch.device.name,
            serial=punch.device.serial,
            source=word(f"source_{punch.source.value}", language),
            received=self._moment(punch.received_at),
            clock=self._offset(offset, "measured_then"),
            use=use.reason.text(language),
        )

    def _offset(self, offset: float | None, key: str) -> str:
        if offset is None:
            return word("clock_unknown", self._language)
        right = abs(offset) < 1
        told = word("clock_right", self._language) if right else offset_text(offset, self._language)
        return word(key, self._language).format(offset=told)

    def _device(self, device: DeviceFact) -> str:
        language = self._language
        through = self._moment(device.complete_through) if device.complete_through else None
        read = word("read_through", language).format(through=through) if through else word("never_read", language)
        if (loss := device.loss) is not None:
            after, until = self._moment(loss.after), self._moment(loss.until)
            read += word("save_lost", language).format(cause=loss_text(loss.cause, language), after=after, until=until)
        outcome = outcome_text(device.last_outcome, language)
        failed = device.last_outcome not in (None, "ok") and device.last_error
        error = f" ({device.last_error})" if failed else ""
        wrong = abs(device.clock_offset_seconds or 0.0) > self._why.rules.clock_tolerance_seconds
        return word("device", language).format(
            device=device.name,
            serial=device.serial,
            use=self._in_use(device),
            read=read,
            outcome=f"{outcome}{error}",
            clock=self._offset(device.clock_offset_seconds, "measured_last"),
            wrong=word("beyond_tolerance", language) if wrong else "",
        )

    def _in_use(self, device: DeviceFact) -> str:
        if device.in_use_from is None:
            return ""
        stated = "in_use_stated" if device.use_stated else "in_use"
        return word(stated, self._language).format(since=long_date(device.in_use_from, self._language))

    def _documents(self) -> Iterator[str]:
        language = self._language
        for use in self._why.papers:
            fact, rule = use.paper.fact, use.paper.rule
            yield word("approved", language).format(
                name=f"{rule.name} ({rule.code}) {fact.number}".strip(),
                dates=_dates(fact.first_on, fact.last_on, language),
                by=fact.approved_by,
                at=self._moment(fact.approved_at),
                wide=word("unit_wide", language) if fact.unit_wide else "",
                use=use.reason.text(language),
            )
        yield from (self._uncounted(row) for row in self._found.undecided)

    def _uncounted(self, row: DocumentRow) -> str:
        language, rule = self._language, self._why.rules.documents[row.kind]
        revoked = row.revoked_at is not None and row.revoked_at <= self._why.as_of
        told = word("revoked" if revoked else "filed", language)
        return told.format(
            name=f"{rule.name} ({rule.code}) {row.number}".strip(),
            dates=_dates(row.first, row.last, language),
            by=row.revoked_by if revoked else row.filed_by,
            at=self._moment(row.revoked_at if revoked and row.revoked_at else row.filed_at),
            reason=row.revoke_reason or "",
        )

    def _gathering(self, result: ApelResult) -> str:
        event, language = result.event, self._language
        at = f" ({self._clock(result.at)})" if result.at else ""
        return word("gathering", language).format(
            name=event.name,
            opens=self._clock(event.opens_at),
            closes=self._clock(event.closes_at),
            basis=f", {event.basis}" if event.basis else "",
            outcome=word(_GATHERINGS[result.outcome], language) + at,
        )

    def _citation(self, citation: Citation) -> str:
        sure = word(_CONFIDENCES[citation.confidence], self._language)
        return word("cited", self._language).format(
            text=citation.text(self._language), sure=sure, source=citation.source
        )

    def _changes(self) -> Iterator[str]:
        """Say what would change the verdict; kinds of paper that lead to the same status stand together."""
        language = self._language
        papers: dict[Status, list[tuple[str, Verdict]]] = {}
        for change in self._why.changes:
            if isinstance(change.condition, PaperApproved):
                papers.setdefault(change.verdict.status, []).append((change.condition.kinds, change.verdict))
            else:
                yield f"{change.condition.text(language)}: {result_text(change.verdict, language)}"
        for status, found in papers.items():
            condition = PaperApproved(f" {word('or', language)} ".join(kinds for kinds, _ in found))
            codes = " / ".join(" ".join(verdict.codes) for _, verdict in found)
            yield f"{condition.text(language)}: {status_label(status, language)} ({codes})"

    def _history(self) -> Iterator[str]:
        """Say every stored version, the state of the month, and what was learnt after its closing."""
        language = self._language
        if not self._found.versions and not self._found.let_go:
            yield word("never_stored", language)
        yield from (self._version(stored) for stored in self._found.versions)
        if self._found.versions and not self._found.let_go and not self._is_stored(self._found.versions[-1]):
            yield word("differs", language)
        period = self._found.period
        if period is None:
            yield word("month_open", language)
        else:
            key = "month_closed" if period.state == "closed" else "month_reopened"
            yield word(key, language).format(
                version=period.version,
                at=self._moment(period.at),
                by=period.by,
                reason=period.reason or "-",
                sha256=period.sha256,
            )
        for item in self._found.addenda:
            yield word("addendum", language).format(
                at=self._moment(item.at),
                reason=cause_text(item.reason, self._language),
                before=_codes(item.before),
                after=_codes(item.after),
            )
        yield label("policy", language).format(name=self._policy.name, version=self._policy.version)

    def _is_stored(self, stored: StoredVerdict) -> bool:
        """Whether the verdict of this explanation is the one that is stored."""
        verdict = self._why.verdict
        return (stored.row.status, tuple(stored.row.codes)) == (verdict.status.value, verdict.codes)

    def _version(self, stored: StoredVerdict) -> str:
        row, language = stored.row, self._language
        key = "en" if language is Language.EN else "id"
        return word("version", language).format(
            version=stored.version,
            at=self._moment(stored.judged_at),
            by=stored.judged_by or "-",
            cause=cause_text(stored.cause, language),
            result=_starred(Status(row.status), row.codes, language, complete=row.complete),
            unit=row.unit_code,
            reasons="; ".join(reason[key] for reason in row.reasons) or "-",
            policy=stored.policy_version,
        )

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{moment(local, self._language)} {zone_name(self._zone.key)}"

    def _clock(self, at: datetime) -> str:
        return clock_time(at.astimezone(self._zone), self._language)


_ONLY_IF_ANY = {"gatherings", "sums", "needs", "changes"}
_CONFIDENCES = {Confidence.HIGH: "sure_high", Confidence.MEDIUM: "sure_medium", Confidence.LOW: "sure_low"}
_GATHERINGS = {
    ApelOutcome.ATTENDED: "attended",
    ApelOutcome.MISSED: "missed",
    ApelOutcome.UNDECIDED: "undecided",
}


def result_text(verdict: Verdict, language: Language) -> str:
    """Say a verdict in a word and its codes."""
    return f"{status_label(verdict.status, language)} ({' '.join(verdict.codes)})"


def _starred(status: Status, codes: Sequence[str], language: Language, *, complete: bool) -> str:
    """Say what a day was judged to be in a word and its codes, with the star of a day that is still open."""
    return f"{status_label(status, language)} ({' '.join(codes) or '-'}{star(status, complete=complete)})"


def _codes(content: dict[str, Any] | None) -> str:
    """Give the codes of a closed day; a dash where the day was not the unit's."""
    return " ".join(content["codes"]) if content else "-"


def _dates(first: date, last: date, language: Language) -> str:
    if first == last:
        return long_date(first, language)
    return f"{long_date(first, language)} - {long_date(last, language)}"


def why_object(found: DayExplained, policy: Policy, language: Language) -> dict[str, Any]:
    """Give an explanation as other programs read it; sentences are in ``language``."""
    why = found.explanation
    facts, zone = why.facts, why.facts.zone
    row = verdict_row(PersonDay(facts.person, facts.unit, why.verdict))
    telling = _Telling(found, policy, language)
    return day_content(row, zone) | {
        "nip": facts.person.nip,
        "name": facts.person.name,
        "kind": facts.person.kind,
        "as_of": iso(why.as_of, zone),
        "policy": {"name": policy.name, "version": policy.version},
        "punches": None if found.let_go else [punch_object(use, zone, language) for use in why.punches],
        "punches_let_go": let_go_object(found.let_go, zone),
        "devices": [] if found.let_go else [device_object(device, zone) for device in _devices(facts)],
        "documents": [
            {"id": use.paper.fact.id, "label": use.paper.label, "use": use.reason.text(language)} for use in why.papers
        ],
        "uncounted_documents": [{"id": row.id, "kind": row.kind, "state": row.state} for row in found.undecided],
        "arithmetic": [step.text(language) for step in why.steps],
        "needs": [need.text(language) for need in why.needs],
        "changes": [
            {
                "condition": change.condition.text(language),
                "status": change.verdict.status.value,
                "codes": list(change.verdict.codes),
            }
            for change in why.changes
        ],
        "versions": [version_object(stored, zone) for stored in found.versions],
        "period": {"version": found.period.version, "state": found.period.state, "sha256": found.period.sha256}
        if found.period
        else None,
        "addenda": [{"at": iso(item.at, zone), "reason": item.reason} for item in found.addenda],
        "text": ["\n".join((section.heading, *section.lines)) for section in telling.sections()],
    }


def _devices(facts: DayFacts) -> tuple[DeviceFact, ...]:
    """Give the devices that could hold a punch, and those that were not in use yet."""
    return (*facts.devices, *facts.not_in_use)
