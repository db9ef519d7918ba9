"""The thresholds of the findings in words."""

from __future__ import annotations

from dataclasses import fields
from datetime import time
from typing import Any

from eabsensi.law.explaining.statement import Asked, Topic
from eabsensi.law.wording import clock_time

_LEADS = {
    "finding_future": ("R1 rekaman dari masa depan", "R1 records from the future"),
    "finding_clock": ("R2 jam mesin salah atau melompat", "R2 a wrong or jumping clock"),
    "finding_order": ("R3 urutan waktu tidak wajar", "R3 unusual order of time"),
    "finding_log": ("R4 log mesin berkurang", "R4 a log that became shorter"),
    "finding_identity": ("R5 mesin lain menjawab", "R5 another terminal answers"),
    "finding_outage": ("R6 mesin hilang pada jam datang", "R6 out of reach in the arrival time"),
    "finding_verify": ("R7 bukan jari atau wajah", "R7 neither finger nor face"),
    "finding_companions": ("R8 selalu berurutan", "R8 always one after the other"),
    "finding_users": ("R9 pengguna mesin tanpa pemilik", "R9 users of nobody"),
    "finding_travel": ("R11 di dua tempat", "R11 in two places"),
    "finding_excused": ("R12 rekaman pada hari bebas", "R12 records on an excused day"),
    "finding_midday": ("R13 datang lalu pergi", "R13 in and straight out"),
    "finding_rhythm": ("R14 terlalu teratur atau terlambat muncul", "R14 too regular, or too late"),
    "finding_corrections": ("R15 koreksi jauh di atas biasanya", "R15 corrections far above the usual"),
    "finding_midnight": ("R16 rekaman tengah malam", "R16 records at midnight"),
    "finding_ghost": ("R17 PIN tanpa pemilik yang teratur", "R17 a steady PIN of nobody"),
}
_NAMES = {
    "rows": ("rekaman", "records"),
    "polls": ("penarikan", "polls"),
    "jump_seconds": ("lompatan (detik)", "jump (seconds)"),
    "backwards_seconds": ("mundur (detik)", "backwards (seconds)"),
    "people": ("orang dalam satu detik", "people in one second"),
    "lost_records": ("rekaman hilang", "records lost"),
    "opens": ("dari", "from"),
    "closes": ("sampai", "until"),
    "back_by": ("kembali paling lambat", "back by"),
    "days": ("hari", "days"),
    "percent": ("persen", "percent"),
    "card_most_percent": ("kartu paling banyak (persen)", "card at most (percent)"),
    "unit_percent": ("seluruh unit (persen)", "whole unit (percent)"),
    "within_seconds": ("selang (detik)", "within (seconds)"),
    "order_percent": ("urutan sama (persen)", "same order (percent)"),
    "pins": ("PIN", "PINs"),
    "minutes": ("kurang dari (menit)", "less than (minutes)"),
    "times": ("kali", "times"),
    "neighbour_people": ("orang di mesin yang berdekatan", "people at neighbouring terminals"),
    "leave_days": ("hari cuti", "days of leave"),
    "duty_days": ("hari dinas luar", "days of duty elsewhere"),
    "off_days": ("hari libur", "days off"),
    "unposted_days": ("hari tanpa penempatan", "days without a posting"),
    "apart_minutes": ("berjarak (menit)", "apart (minutes)"),
    "apart_days": ("hari berjarak dekat", "days so close"),
    "person_percent": ("pegawai paling banyak (persen)", "person at most (percent)"),
    "spread_seconds": ("rentang (detik)", "spread (seconds)"),
    "late_minutes": ("muncul sesudah (menit)", "appearing after (minutes)"),
    "late_rows": ("rekaman yang muncul belakangan", "records appearing later"),
    "times_median": ("kali nilai tengah kota", "times the city's median"),
    "person_papers": ("surat per pegawai", "papers of a person"),
    "filer_papers": ("surat per akun", "papers of an account"),
    "before_close_hours": ("jam sebelum tutup", "hours before closing"),
    "before_close_papers": ("surat sebelum tutup", "papers before closing"),
    "own_papers": ("surat untuk diri sendiri", "papers for oneself"),
    "spread_minutes": ("rentang (menit)", "spread (minutes)"),
}


def findings_topic(asked: Asked) -> Topic:
    """State from where on a pattern is shown for examination; no verdict rests on it."""
    statements = (
        statement
        for series in asked.policy.series
        if series.key in _LEADS
        for statement in asked.series(series, lambda value, key=series.key: _said(asked, key, value))  # type: ignore[misc]  # a lambda with a default
    )
    title = asked.say(
        "Temuan: indikasi, perlu pemeriksaan (tidak memengaruhi penilaian)",
        "Findings: indications, to be examined (no verdict rests on them)",
    )
    return Topic(title, tuple(statements))


def _said(asked: Asked, key: str, value: Any) -> str:
    lead = asked.say(*_LEADS[key])
    numbers = ", ".join(
        f"{asked.say(*_NAMES[one.name])} {_written(asked, getattr(value, one.name))}" for one in fields(value)
    )
    return asked.say(f"{lead}; ambang: {numbers}.", f"{lead}; threshold: {numbers}.")


def _written(asked: Asked, value: int | time) -> str:
    return clock_time(value, asked.language) if isinstance(value, time) else str(value)
