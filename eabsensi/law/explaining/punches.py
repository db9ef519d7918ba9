"""In words: which punch counts, how it becomes minutes and codes, flexible time, shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from eabsensi.law.duty import FlexKind, FlexRule, Shift, ShiftTable
from eabsensi.law.explaining.statement import Asked, Topic
from eabsensi.law.hours import Band, PunchWindows

T = TypeVar("T")


def punches_topic(asked: Asked) -> Topic:
    """State how the punches of a day are judged."""
    policy, say = asked.policy, asked.say
    late, early = say("terlambat", "late (“terlambat”)"), say("pulang cepat", "early (“pulang sebelum waktunya”)")
    statements = [
        *asked.series(policy.punch_windows, lambda windows: _windows(asked, windows)),
        *asked.series(policy.pick, lambda _: _pick(asked)),
        *asked.series(policy.rounding, lambda rule: _rounding(asked, rule)),
        *asked.series(policy.late_bands, lambda bands: _bands(asked, bands, late)),
        *asked.series(policy.early_bands, lambda bands: _bands(asked, bands, early)),
        *asked.series(policy.missing_in, lambda code: _missing_in(asked, code)),
        *asked.series(policy.missing_out, lambda code: _missing_out(asked, code)),
        *asked.series(policy.single_punch, lambda rule: _single(asked, rule)),
        *asked.series(policy.flex, lambda rule: _flex(asked, rule)),
        *asked.series(policy.shifts, lambda table: _shifts(asked, table)),
        *asked.series(policy.future_tolerance, lambda seconds: _future(asked, seconds)),
        *asked.series(policy.clock_tolerance, lambda seconds: _clock(asked, seconds)),
    ]
    return Topic(say("Rekaman, menit dan kode", "Punches, minutes and codes"), tuple(statements))


def _windows(asked: Asked, windows: PunchWindows) -> str:
    say, clock = asked.say, asked.clock
    closes = clock(windows.in_closes) if windows.in_closes else say("awal istirahat", "the start of the break")
    opens = clock(windows.out_opens) if windows.out_opens else say("akhir istirahat", "the end of the break")
    first, last = clock(windows.in_opens), clock(windows.out_closes)
    return say(
        f"Masuk diterima mulai {first} sampai {closes}, pulang mulai {opens} sampai {last}; hari tanpa istirahat "
        "dibagi di tengahnya. Rekaman di antaranya hanya menunjukkan hadir; di luar jendela tidak dihitung.",
        f"An arrival (“masuk”) is taken from {first} until {closes}, a departure (“pulang”) from {opens} until "
        f"{last}; a day without a break is cut in its middle. A punch between the windows only shows presence; one "
        "outside them does not count.",
    )


def _pick(asked: Asked) -> str:
    return asked.say(
        "Rekaman masuk pertama dan rekaman pulang terakhir yang dipakai.",
        "Of several punches in a window the first arrival and the last departure count.",
    )


def _rounding(asked: Asked, rule: str) -> str:
    if rule == "floor_minute":
        return asked.say(
            "Terlambat dihitung dalam menit penuh, dibulatkan ke bawah: 07.30.59 tepat waktu, 07.31.00 terlambat 1 "
            "menit.",
            "Minutes are whole and rounded down: for a start at 07:30, 07:30:59 is on time and 07:31:00 is 1 minute "
            "late.",
        )
    return asked.say(
        "Setiap detik dihitung: pada jam masuk 07.30, 07.30.01 terlambat 1 menit.",
        "Every second counts: for a start at 07:30, 07:30:01 is 1 minute late.",
    )


def _bands(asked: Asked, bands: Sequence[Band], what: str) -> str:
    minutes, more = asked.say("menit", "minutes"), asked.say("menit atau lebih", "minutes or more")
    named = (
        f"{band.first}-{band.last} {minutes} “{band.code}”" if band.last else f"{band.first} {more} “{band.code}”"
        for band in bands
    )
    return f"{what[0].upper()}{what[1:]}: {', '.join(named)}."


def _missing_in(asked: Asked, code: str) -> str:
    return asked.say(
        f"Tidak ada rekaman masuk: kode “{code}”, tanpa menit.",
        f"No arrival punch (“tidak absen masuk”): code “{code}”, without minutes.",
    )


def _missing_out(asked: Asked, code: str) -> str:
    return asked.say(
        f"Tidak ada rekaman pulang: kode “{code}”, tanpa menit.",
        f"No departure punch (“tidak absen pulang”): code “{code}”, without minutes.",
    )


def _single(asked: Asked, rule: str) -> str:
    if rule == "absent":
        return asked.say(
            "Satu dari dua rekaman: hari itu tidak masuk kerja (“TK”).",
            "One of two punches: the day is an absence (“TK”).",
        )
    return asked.say(
        "Satu dari dua rekaman: hadir, dan yang tidak ada diberi kode di atas.",
        "One of two punches: present, and the missing one is charged with the code above.",
    )


def _flex(asked: Asked, rule: FlexRule) -> str:
    if rule.kind is FlexKind.NONE:
        return asked.say(
            "Tidak ada waktu fleksibel: terlambat tidak dapat diganti.",
            "No flexible time: lateness cannot be made good.",
        )
    within, added = rule.tolerance_minutes, rule.replace_minutes
    if rule.kind is FlexKind.MOVE:
        return asked.say(
            f"Waktu fleksibel (tidak untuk sif): datang sampai {within} menit sesudah jam masuk menggeser jam pulang "
            "sebanyak itu; terlambat dihitung dari batas akhirnya.",
            f"Flexible time (not for shifts): an arrival up to {within} minutes after the start moves the end of the "
            "day by as much; lateness counts from that limit.",
        )
    return asked.say(
        f"Waktu fleksibel (tidak untuk sif): terlambat sampai {within} menit dimaafkan bila pulang {added} menit "
        "lebih lambat pada hari yang sama.",
        f"Flexible time (not for shifts): up to {within} minutes late are forgiven when {added} minutes are added "
        "after the end of the same day.",
    )


def _shifts(asked: Asked, table: ShiftTable) -> str:
    duty, free = _by_value(table.duty), _by_value(table.free)
    shifts = "; ".join(f"{codes} “{shift.name}” {_shift(asked, shift)}" for shift, codes in duty.items())
    days = "; ".join(f"{codes} “{name}”" for name, codes in free.items())
    return asked.say(
        f"Sif dalam daftar jaga: {shifts}. Hari bebas (“O”): {days}. Masuk diterima mulai "
        f"{table.opens_minutes_before} menit sebelum sif, pulang sampai {table.closes_minutes_after} menit "
        "sesudahnya.",
        f"Shifts (“sif”) of a roster: {shifts}. Free days (“O”): {days}. An arrival is taken from "
        f"{table.opens_minutes_before} minutes before the shift, a departure until {table.closes_minutes_after} "
        "minutes after it; the two windows meet in its middle.",
    )


def _by_value(table: Mapping[str, T]) -> dict[T, str]:
    """Turn code to value into value to its codes."""
    found: dict[T, str] = {}
    for code, value in table.items():
        found[value] = f"{found[value]}, {code}" if value in found else code
    return found


def _shift(asked: Asked, shift: Shift) -> str:
    morning = asked.say(" (keesokan harinya)", " (of the next day)") if shift.next_day else ""
    return f"{asked.clock(shift.start)}-{asked.clock(shift.end)}{morning}"


def _future(asked: Asked, seconds: int) -> str:
    return asked.say(
        f"Rekaman yang waktunya lebih dari {seconds} detik sesudah saat diterima dikarantina.",
        f"A punch that is more than {seconds} seconds later than its own receipt is set aside.",
    )


def _clock(asked: Asked, seconds: int) -> str:
    return asked.say(
        f"Jam mesin yang salah lebih dari {seconds} detik membuat rekamannya diragukan.",
        f"A terminal whose clock is wrong by more than {seconds} seconds makes its punches doubtful.",
    )
