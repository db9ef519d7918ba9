"""R1 to R6, R9, R14 (late records) and R17: what a terminal's clock, log, identity, polls and users show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

from eabsensi.discipline.findings.facts import (
    Backwards,
    ClockDay,
    DeviceFacts,
    FutureRecord,
    Ghost,
    LateRecord,
    LogLoss,
    Mass,
    OutageDay,
    Stranger,
    Terminal,
    UnknownUser,
)
from eabsensi.discipline.findings.finding import About, Both, Evidence, Finding, Rule, Subject, dates_of, many
from eabsensi.law import findinglimits as limits
from eabsensi.law.wording import Language, clock_time, length_of_time


class _OfDevice(Protocol):
    @property
    def device(self) -> int: ...


F = TypeVar("F", bound=_OfDevice)


def _by_terminal(facts: DeviceFacts, rows: Iterable[F]) -> Iterator[tuple[Terminal, list[F]]]:
    """Group rows by terminal; those of a terminal that is not looked at are left out."""
    found: dict[int, list[F]] = defaultdict(list)
    for row in rows:
        found[row.device].append(row)
    return ((facts.terminals[device], of_it) for device, of_it in found.items() if device in facts.terminals)


def _subject(terminal: Terminal) -> Subject:
    return Subject(About.DEVICE, terminal.serial, terminal.name, terminal.unit)


def _span(seconds: float) -> Both:
    return Both(length_of_time(seconds, Language.ID), length_of_time(seconds, Language.EN))


def _finding(
    rule: Rule, terminal: Terminal, *, measured: Both, limit: Both, sentence: Both, evidence: Iterable[Evidence]
) -> Finding:
    rows = tuple(evidence)
    return Finding(rule, _subject(terminal), dates_of(rows), measured, limit, sentence, rows)


def future_records(facts: DeviceFacts, limit: limits.FutureLimits) -> Iterator[Finding]:
    """R1: records later than their own receipt."""
    for terminal, rows in _by_terminal(facts, facts.future):
        if len(rows) < limit.rows:
            continue
        worst = _span(max(row.ahead_seconds for row in rows))
        yield _finding(
            Rule.R1,
            terminal,
            measured=Both(f"{len(rows)} rekaman", many(len(rows), "record")),
            limit=Both(f"{limit.rows} rekaman", many(limit.rows, "record")),
            sentence=Both(
                f"{len(rows)} rekaman bertanggal sesudah saat diterima, paling jauh {worst.id}.",
                f"{many(len(rows), 'record')} are dated after their own receipt, by up to {worst.en}.",
            ),
            evidence=(Evidence(row.at, terminal.serial, _ahead(row)) for row in rows),
        )


def _ahead(row: FutureRecord) -> Both:
    ahead = _span(row.ahead_seconds)
    return Both(f"PIN {row.pin}, {ahead.id} sesudah diterima", f"PIN {row.pin}, {ahead.en} after its receipt")


def wrong_clocks(facts: DeviceFacts, limit: limits.ClockLimits, tolerance_seconds: int) -> Iterator[Finding]:
    """R2: a clock that differs from the server's, or that jumped between two polls."""
    for terminal, days in _by_terminal(facts, facts.clocks):
        wrong = sum(day.wrong for day in days)
        jumps = [day for day in days if day.jump_at and abs(day.jump_to - day.jump_from) >= limit.jump_seconds]
        if wrong < limit.polls and not jumps:
            continue
        shown = [day for day in days if day.wrong or day in jumps]
        worst = _span(max(abs(day.worst_seconds) for day in shown))
        yield _finding(
            Rule.R2,
            terminal,
            measured=Both(
                f"{wrong} penarikan, {len(jumps)} lompatan", f"{many(wrong, 'poll')}, {many(len(jumps), 'jump')}"
            ),
            limit=Both(
                f"{limit.polls} penarikan dengan selisih > {tolerance_seconds} dtk, atau lompatan "
                f"{limit.jump_seconds} dtk",
                f"{many(limit.polls, 'poll')} off by > {tolerance_seconds} s, or a jump of {limit.jump_seconds} s",
            ),
            sentence=Both(
                f"Jam mesin berselisih sampai {worst.id} dengan jam server, dengan {len(jumps)} lompatan.",
                f"The terminal's clock differs from the server's by up to {worst.en}, with {many(len(jumps), 'jump')}.",
            ),
            evidence=(Evidence(day.jump_at or day.on, terminal.serial, _clock(day)) for day in shown),
        )


def _clock(day: ClockDay) -> Both:
    if day.jump_at:
        return Both(
            f"jam melompat dari {day.jump_from:+.0f} ke {day.jump_to:+.0f} detik",
            f"clock jumped from {day.jump_from:+.0f} to {day.jump_to:+.0f} seconds",
        )
    return Both(
        f"{day.wrong} penarikan, selisih sampai {day.worst_seconds:+.0f} detik",
        f"{many(day.wrong, 'poll')}, off by up to {day.worst_seconds:+.0f} seconds",
    )


def broken_order(facts: DeviceFacts, limit: limits.OrderLimits) -> Iterator[Finding]:
    """R3: time that goes backwards from one reading to the next, and several people within one second."""
    back = [row for row in facts.backwards if _step(row) >= limit.backwards_seconds]
    masses = [row for row in facts.masses if len(row.pins) >= limit.people]
    rows: list[Backwards | Mass] = [*back, *masses]
    for terminal, found in _by_terminal(facts, rows):
        backwards = sum(isinstance(row, Backwards) for row in found)
        shared = len(found) - backwards
        yield _finding(
            Rule.R3,
            terminal,
            measured=Both(
                f"{backwards} kali mundur, {shared} detik bersama",
                f"{many(backwards, 'step')} back, {many(shared, 'shared second')}",
            ),
            limit=Both(
                f"mundur {limit.backwards_seconds} dtk, atau {limit.people} orang dalam satu detik",
                f"{limit.backwards_seconds} s back, or {limit.people} people within one second",
            ),
            sentence=Both(
                f"Urutan waktu dalam log tidak wajar: mundur {backwards} kali, {shared} kali beberapa orang dalam "
                "detik yang sama.",
                f"The log's order of time is unusual: {many(backwards, 'time')} back, {many(shared, 'time')} several "
                "people in the same second.",
            ),
            evidence=sorted(Evidence(_start(row), terminal.serial, _disorder(row)) for row in found),
        )


def _start(row: Backwards | Mass) -> datetime:
    return row.first if isinstance(row, Backwards) else row.at


def _step(row: Backwards) -> float:
    return (row.before - row.first).total_seconds()


def _disorder(row: Backwards | Mass) -> Both:
    if isinstance(row, Mass):
        pins = ", ".join(row.pins)
        return Both(
            f"{len(row.pins)} PIN dalam satu detik: {pins}", f"{many(len(row.pins), 'PIN')} in one second: {pins}"
        )
    step = _span(_step(row))
    return Both(
        f"{row.rows} rekaman, mulai {step.id} sebelum rekaman yang sudah terbaca",
        f"{many(row.rows, 'record')}, beginning {step.en} before those already read",
    )


def lost_records(facts: DeviceFacts, limit: limits.LogLimits) -> Iterator[Finding]:
    """R4: a log that became shorter; one that was full drops its oldest records by itself and is left out."""
    for terminal, rows in _by_terminal(facts, facts.losses):
        shorter = [row for row in rows if row.before - row.after >= limit.lost_records and not _was_full(terminal, row)]
        if not shorter:
            continue
        gone = sum(row.before - row.after for row in shorter)
        yield _finding(
            Rule.R4,
            terminal,
            measured=Both(f"{gone} rekaman", many(gone, "record")),
            limit=Both(f"{limit.lost_records} rekaman", many(limit.lost_records, "record")),
            sentence=Both(
                f"Log mesin berkurang {gone} rekaman ({len(shorter)} kali); yang sudah terbaca tetap tersimpan.",
                f"The terminal's log lost {many(gone, 'record')} ({many(len(shorter), 'time')}); what was read stays.",
            ),
            evidence=(Evidence(row.at, terminal.serial, _loss(row)) for row in shorter),
        )


def _was_full(terminal: Terminal, row: LogLoss) -> bool:
    return terminal.capacity is not None and row.before >= terminal.capacity


def _loss(row: LogLoss) -> Both:
    return Both(f"{row.before} rekaman menjadi {row.after}", f"{many(row.before, 'record')} became {row.after}")


def strangers(facts: DeviceFacts, limit: limits.IdentityLimits) -> Iterator[Finding]:
    """R5, in part: another terminal answered at this one's address."""
    for terminal, rows in _by_terminal(facts, facts.strangers):
        if len(rows) < limit.polls:
            continue
        yield _finding(
            Rule.R5,
            terminal,
            measured=Both(f"{len(rows)} penarikan", many(len(rows), "poll")),
            limit=Both(f"{limit.polls} penarikan", many(limit.polls, "poll")),
            sentence=Both(
                f"Mesin dengan nomor seri lain menjawab di alamat mesin ini pada {len(rows)} penarikan.",
                f"A terminal with another serial number answered at this one's address at {many(len(rows), 'poll')}.",
            ),
            evidence=(Evidence(row.at, terminal.serial, _answer(row)) for row in rows),
        )


def _answer(row: Stranger) -> Both:
    return Both(row.error, row.error)


def morning_outages(facts: DeviceFacts, limit: limits.OutageLimits) -> Iterator[Finding]:
    """R6: a terminal that is out of reach in the arrival time again and again, and back afterwards."""
    hours = f"{clock_time(limit.opens, Language.ID)}-{clock_time(limit.closes, Language.ID)}"
    for terminal, days in _by_terminal(facts, facts.outages):
        if len(days) < limit.days:
            continue
        mondays = sum(day.on.weekday() == 0 for day in days)
        yield _finding(
            Rule.R6,
            terminal,
            measured=Both(f"{len(days)} hari", many(len(days), "day")),
            limit=Both(f"{limit.days} hari", many(limit.days, "day")),
            sentence=Both(
                f"Mesin tidak terjangkau pada jam datang ({hours}) pada {len(days)} hari ({mondays} di antaranya "
                "Senin), lalu kembali.",
                f"The terminal was out of reach in the arrival time ({hours}) on {many(len(days), 'day')} "
                f"({mondays} of them Mondays), and then back.",
            ),
            evidence=(Evidence(day.on, terminal.serial, _outage(day)) for day in days),
        )


def _outage(day: OutageDay) -> Both:
    return Both(
        f"{day.failed} penarikan gagal, kembali pukul {clock_time(day.back_at, Language.ID)}",
        f"{many(day.failed, 'poll')} failed, back at {clock_time(day.back_at, Language.EN)}",
    )


def unknown_users(facts: DeviceFacts, limit: limits.UsersLimits) -> Iterator[Finding]:
    """R9, in part: users on a terminal who are enrolled as nobody."""
    for terminal, rows in _by_terminal(facts, facts.users):
        if len(rows) < limit.pins:
            continue
        yield _finding(
            Rule.R9,
            terminal,
            measured=Both(f"{len(rows)} PIN", many(len(rows), "PIN")),
            limit=Both(f"{limit.pins} PIN", many(limit.pins, "PIN")),
            sentence=Both(
                f"{len(rows)} PIN terdaftar di mesin tetapi bukan milik pegawai mana pun.",
                f"{many(len(rows), 'PIN')} are on the terminal and belong to no employee.",
            ),
            evidence=(Evidence(row.seen, terminal.serial, _user(row)) for row in rows),
        )


def _user(row: UnknownUser) -> Both:
    name = f" ({row.name})" if row.name else ""
    return Both(f"PIN {row.pin}{name}", f"PIN {row.pin}{name}")


def late_records(facts: DeviceFacts, limit: limits.RhythmLimits) -> Iterator[Finding]:
    """R14: records that appear after the log had been read past their time without them."""
    for terminal, rows in _by_terminal(facts, facts.late):
        late = [row for row in rows if (row.received - row.at).total_seconds() >= limit.late_minutes * 60]
        if len(late) < limit.late_rows:
            continue
        yield _finding(
            Rule.R14,
            terminal,
            measured=Both(f"{len(late)} rekaman", many(len(late), "record")),
            limit=Both(
                f"{limit.late_rows} rekaman, {limit.late_minutes} menit",
                f"{many(limit.late_rows, 'record')}, {limit.late_minutes} minutes",
            ),
            sentence=Both(
                f"{len(late)} rekaman muncul belakangan, padahal log sudah terbaca melewati waktunya.",
                f"{many(len(late), 'record')} appeared later although the log had been read past their time.",
            ),
            evidence=(Evidence(row.at, terminal.serial, _late(row)) for row in late),
        )


def _late(row: LateRecord) -> Both:
    after = _span((row.received - row.at).total_seconds())
    return Both(f"PIN {row.pin}, diterima {after.id} kemudian", f"PIN {row.pin}, received {after.en} later")


def ghosts(facts: DeviceFacts, limit: limits.GhostLimits) -> Iterator[Finding]:
    """R17: a PIN of nobody that comes to work."""
    for row in facts.ghosts:
        terminal = facts.terminals.get(row.device)
        if terminal is None or row.days < limit.days or row.spread_minutes > limit.spread_minutes:
            continue
        yield _finding(
            Rule.R17,
            terminal,
            measured=Both(
                f"{row.days} hari, rentang {row.spread_minutes} menit",
                f"{many(row.days, 'day')}, {row.spread_minutes} min",
            ),
            limit=Both(
                f"{limit.days} hari, rentang {limit.spread_minutes} menit",
                f"{many(limit.days, 'day')}, {limit.spread_minutes} min",
            ),
            sentence=Both(
                f"PIN {row.pin} bukan milik siapa pun tetapi merekam teratur pada {row.days} hari.",
                f"PIN {row.pin} belongs to nobody and records steadily on {many(row.days, 'day')}.",
            ),
            evidence=(Evidence(at, terminal.serial, _ghost(row)) for at in (row.first, row.last)),
        )


def _ghost(row: Ghost) -> Both:
    name = f" ({row.name})" if row.name else ""
    return Both(
        f"PIN {row.pin}{name}, biasanya pukul {clock_time(row.usual, Language.ID)}",
        f"PIN {row.pin}{name}, usually at {clock_time(row.usual, Language.EN)}",
    )
