"""The table at the end: each thing that was to hold, what was found, and whether it does."""

from __future__ import annotations

import statistics
import textwrap
from dataclasses import dataclass
from typing import Final

from scripts.benchmarks.printing import show_table
from scripts.soaking.blows import KILLS, KINDS
from scripts.soaking.city import DAYS
from scripts.soaking.endurance import MORE_MIB, MORE_SOCKETS, MORE_THREADS, Endurance
from scripts.soaking.faults import NOT_PLAYED
from scripts.soaking.soak import Outcome

_EXAMPLES: Final = 5
_ALL_FAMILIES: Final = {f"F{number:02}" for number in range(1, 56)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that has to hold.

    Attributes:
        what: has to hold.
        found: in figures.
        holds: whether it does.
        examples: of where it does not.

    """

    what: str
    found: str
    holds: bool
    examples: tuple[str, ...] = ()


def findings_of(outcome: Outcome) -> list[Finding]:
    """Give everything that was to hold."""
    return [
        *_blows(outcome),
        *_evidence(outcome),
        *_verdicts(outcome),
        *_terminals(outcome),
        *_processes(outcome),
    ]


def show(outcome: Outcome) -> bool:
    """Print what happened and what was found; give whether all holds."""
    _show_play(outcome)
    findings = findings_of(outcome)
    rows = [(one.what, one.found, "yes" if one.holds else "NO") for one in findings]
    show_table("What holds after it", ("", "found", "holds"), rows)
    for finding in findings:
        if not finding.holds:
            for example in finding.examples[:_EXAMPLES]:
                print(f"  {finding.what}: {example}")
    return all(finding.holds for finding in findings)


def _show_play(outcome: Outcome) -> None:
    options, city = outcome.options, outcome.city
    units, people = len(city.units), len(city.employees)
    title = (
        f"A week of {units} units, {people} people and {len(city.posts)} terminals in {options.seconds / 60:.1f} min, "
        f"two collectors, seed {options.seed}"
    )
    done = dict(outcome.stage.done)
    done["collector started"] = outcome.collectors.tally.done["started"]
    done["collector could not begin, the database being away"] = outcome.collectors.tally.done["could not begin"]
    show_table(title, ("what happened", "times"), sorted(done.items()))
    blows = outcome.stage.blows
    rows = [(how, blows.planned[how], blows.skipped.get(how, blows.struck[how])) for how in KINDS]
    show_table("Blows, the first four of which kill", ("", "planned", "struck"), rows)
    if blows.waited:
        print(f"  {blows.waited} found no collector at work and waited for one.")
    _show_families(outcome)
    if outcome.takeovers:
        print(
            f"  A killed collector's terminals were asked again after {statistics.median(outcome.takeovers):.1f} s "
            f"(median), {outcome.takeovers[-1]:.1f} s at most; lease {outcome.pace.granted:g} s, "
            f"interval {outcome.pace.interval:g} s, the database's own absences included."
        )


def _show_families(outcome: Outcome) -> None:
    """Print how often each family of the fault list was brought about, and how often a poll met it."""
    played = outcome.played
    told = [f"{name} {played.begun[name]}/{played.met[name]}" for name in sorted(played.begun)]
    print("\nFamilies of faults (protocol §3), how often brought about / met by a poll:")
    print(textwrap.fill(" · ".join(told), 118, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
    built = ", ".join(f"{name} {count}" for name, count in sorted(played.built.items()))
    absent = ", ".join(sorted(_ALL_FAMILIES - played.families - set(NOT_PLAYED)))
    print(f"  Terminals built so: {built}.")
    print(f"  Not a terminal's doing: {', '.join(NOT_PLAYED)}." + (f" Not in this city: {absent}." if absent else ""))


def _blows(outcome: Outcome) -> list[Finding]:
    blows, played = outcome.stage.blows, outcome.played
    planned, struck = (sum(count[how] for how in KILLS) for count in (blows.planned, blows.struck))
    wanted = outcome.planned_families
    spared = sorted(name for name in wanted if not (played.met if outcome.has_room else played.begun)[name])
    return [
        Finding(
            "as many kills as planned struck", f"{struck} of {planned}", struck >= planned == outcome.options.kills
        ),
        Finding(
            "every kind of blow struck as often as planned",
            f"{len(+blows.struck)} kinds, {blows.struck.total()} of {blows.planned.total()}",
            not blows.missed,
            tuple(blows.missed),
        ),
        Finding(
            f"every family of faults {'met a poll' if outcome.has_room else 'of this short week was brought about'}",
            f"{len(wanted) - len(spared)} of {len(wanted)}, {played.met.total():,} met of {played.begun.total():,}",
            not spared,
            tuple(spared),
        ),
    ]


def _evidence(outcome: Outcome) -> list[Finding]:
    findings = []
    for name, evidence in (("punches", outcome.punches), ("unreadable records", outcome.unreadable)):
        lost = f"{evidence.lost} lost on the terminal before any reading of them was kept" if evidence.lost else ""
        findings += [
            Finding(
                f"{name}: stored = ever punched",
                f"{evidence.stored:,} = {evidence.punched:,} - {evidence.lost:,} excused",
                not evidence.missing and evidence.stored == evidence.punched - evidence.lost,
                tuple(evidence.missing),
            ),
            Finding(
                f"{name}: each once, each under its own terminal",
                f"{len(evidence.doubled)} doubled, {len(evidence.foreign)} foreign",
                not evidence.doubled and not evidence.foreign,
                (*evidence.doubled, *evidence.foreign),
            ),
        ]
        if lost:
            findings.append(Finding(f"{name}: proof of each loss", lost, holds=True))
    findings.append(Finding("the chain over the evidence is whole", outcome.chain or "yes", not outcome.chain))
    return findings


def _verdicts(outcome: Outcome) -> list[Finding]:
    verdicts = outcome.verdicts
    days = len(DAYS) * len(outcome.city.employees)
    statuses = ", ".join(f"{count} {status}" for status, count in verdicts.statuses.most_common())
    return [
        Finding("every day is judged", f"{verdicts.judged} of {days}: {statuses}", verdicts.judged == days),
        Finding(
            "verdicts = judged from nothing in a fresh database",
            f"{len(verdicts.differing)} differ",
            not verdicts.differing,
            tuple(verdicts.differing),
        ),
        Finding(
            "verdicts = the plain oracle's, where no clock was wrong",
            f"{len(verdicts.plainly_differing)} of {verdicts.plain} differ",
            bool(verdicts.plain) and not verdicts.plainly_differing,
            tuple(verdicts.plainly_differing),
        ),
    ]


def _terminals(outcome: Outcome) -> list[Finding]:
    told = outcome.terminals
    return [
        Finding("every terminal enabled", f"{len(told.locked)} locked", not told.locked, tuple(told.locked)),
        Finding(
            "no forbidden command",
            f"{len(told.forbidden)} seen",
            not told.forbidden,
            tuple(sorted(set(told.forbidden))),
        ),
        Finding(
            "never two talk to one terminal",
            f"{told.spoken_over} requests beside another client in {told.sessions:,} sessions; "
            f"{told.waited} clients found it taken",
            not told.spoken_over,
        ),
        Finding("no session, no lease left", f"{told.left_open}, {outcome.leases_left}", not outcome.leases_left),
    ]


def _processes(outcome: Outcome) -> list[Finding]:
    return [
        Finding("no collector crashed by itself", f"{outcome.crashes} tracebacks", not outcome.crashes),
        Finding(
            "no collector ended by itself, save for want of a database at its start",
            f"{len(outcome.unforeseen)} ended",
            not outcome.unforeseen,
            tuple(outcome.unforeseen),
        ),
        Finding("all was read and judged in the calm", "; ".join(outcome.late) or "yes", not outcome.late),
        _endurance(outcome.endurance),
    ]


def _endurance(endurance: Endurance) -> Finding:
    before, after = endurance.before, endurance.after
    return Finding(
        "nothing leaks",
        f"threads {before.threads} -> {after.threads}, sockets {before.sockets} -> {after.sockets}, "
        f"{before.mib:.0f} -> {after.mib:.0f} MiB (at most +{MORE_THREADS}, +{MORE_SOCKETS}, +{MORE_MIB:g} MiB)",
        endurance.is_steady,
    )
