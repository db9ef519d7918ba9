"""What to do about a terminal, in words: each thing that is wrong, and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from eabsensi.collecting.condition import (
    CLOCK_SECONDS,
    DAYS_UNTIL_FULL,
    LOG_ALARM,
    LOG_WARNING,
    STALE_AFTER,
    is_old,
    is_told,
)
from eabsensi.discipline.clockreasons import offset_text
from eabsensi.discipline.reasons import outcome_text
from eabsensi.law.wording import Language, length_of_time, long_date
from eabsensi.store.health import DeviceHealth

_WORDS = {
    "disabled": ("dinonaktifkan dalam devices.yaml; tidak dibaca", "disabled in devices.yaml; not read"),
    "never": (
        "belum pernah terbaca: periksa alamat, listrik dan jaringannya",
        "never read: check its address, power and network",
    ),
    "failing": ("{outcome}, {failures} kali berturut-turut: {remedy}", "{outcome}, {failures} in a row: {remedy}"),
    "stale": ("tidak terbaca sejak {length} yang lalu", "not read for {length}"),
    "clock": ("jam {offset}: setel ulang jam mesin", "clock {offset}: set the terminal's clock"),
    "full": (
        "log terisi {percent} %: kosongkan setelah audit",
        "log {percent} % full: clear it after an audit",
    ),
    "filling": ("log terisi {percent} %: jadwalkan pengosongan", "log {percent} % full: plan its clearing"),
    "restarted": (
        "log dikosongkan sebelum terbaca ({on}): cari siapa yang mengosongkannya; tap yang hilang perlu dokumen",
        "log cleared before it was read ({on}): find out by whom; lost touches need papers",
    ),
    "misread": (
        "ada rekaman dengan tanggal salah atau tidak terbaca ({on}): periksa jam dan baterai mesin",
        "records with a wrong or unreadable date ({on}): look at its clock and battery",
    ),
    "slots_unread": (
        "log mencatat nomor slot, pengguna mesin belum dibaca: jalankan eabsensi device users {serial}",
        "its records name slots and its users were not read yet: run eabsensi device users {serial}",
    ),
    "slots_doubtful": (
        "rekaman {count} slot dapat jatuh ke pegawai yang salah: jalankan eabsensi device users {serial}",
        "punches of {count} slot(s) may go to the wrong person: run eabsensi device users {serial}",
    ),
    "slots_old": (
        "log mencatat nomor slot, pengguna mesin lama tidak dibaca: jalankan eabsensi device users {serial}",
        "its records name slots and its users were not read for long: run eabsensi device users {serial}",
    ),
    "soon": ("log penuh dalam {days} hari: jadwalkan pengosongan", "log full in {days} days: plan its clearing"),
}
_REMEDIES = {
    "unreachable": ("periksa listrik, kabel jaringan dan router unit", "check power, network cable and router"),
    "busy": ("hentikan program lain yang memakai mesin", "stop the other program that uses it"),
    "auth_failed": ("samakan kunci komunikasi mesin dan server", "give server and terminal the same comm key"),
    "secure_firmware": ("hubungi penyedia mesin", "ask the vendor"),
    "foreign_protocol": ("periksa alamat dan jenis mesin", "check address and kind of terminal"),
    "attendance_disabled": ("buka kunci mesin di tempat", "unlock it on the spot"),
    "wrong_serial": ("periksa apakah mesin diganti", "check whether the terminal was replaced"),
    "too_much": ("nonaktifkan dan periksa mesin di tempat", "disable it and look at it on the spot"),
    "crowded": ("tunggu giliran berikutnya", "wait for its next turn"),
    "layout_unknown": ("kirim berkas diagnosis ke pengembang", "send the diagnosis to the developers"),
    "size_word": ("impor log dari USB dan kirim berkas diagnosis", "import its USB dump and send the diagnosis"),
}
_OTHER_REMEDY = ("nyalakan ulang mesin bila berulang", "restart it if this goes on")


def advice(health: DeviceHealth, now: datetime, language: Language) -> tuple[str, ...]:
    """Say what is wrong with a terminal and what helps, the most urgent first; nothing where all is well."""
    if not health.enabled:
        return (_word("disabled", language),)
    return tuple(told for told in _told(health, now, language) if told)


def _told(health: DeviceHealth, now: datetime, language: Language) -> Iterator[str]:
    if health.last_outcome is None:
        yield _word("never", language)
        return
    if health.last_outcome != "ok":
        yield _word("failing", language).format(
            outcome=outcome_text(health.last_outcome, language),
            failures=health.failures,
            remedy=_REMEDIES.get(health.last_outcome, _OTHER_REMEDY)[language is Language.EN],
        )
    if health.complete_through is not None and now - health.complete_through > STALE_AFTER:
        length = length_of_time((now - health.complete_through).total_seconds(), language)
        yield _word("stale", language).format(length=length)
    offset = health.clock_offset_seconds
    if offset is not None and abs(offset) > CLOCK_SECONDS:
        yield _word("clock", language).format(offset=offset_text(offset, language))
    yield _filling(health, language)
    for key, at in (("restarted", health.restarted_at), ("misread", health.misread_at)):
        if at is not None and is_told(at, now):
            yield _word(key, language).format(on=long_date(at.date(), language))
    yield _slots(health, now, language)


def _slots(health: DeviceHealth, now: datetime, language: Language) -> str:
    slots = health.slots
    if slots is None or not (slots.read_at is None or slots.doubtful or is_old(slots, now)):
        return ""
    key = "slots_unread" if slots.read_at is None else "slots_doubtful" if slots.doubtful else "slots_old"
    return _word(key, language).format(count=slots.doubtful, serial=health.serial)


def _filling(health: DeviceHealth, language: Language) -> str:
    if health.records_on_device is None or not health.record_capacity:
        return ""
    filled = health.records_on_device / health.record_capacity
    if filled >= LOG_WARNING:
        key = "full" if filled >= LOG_ALARM else "filling"
        return _word(key, language).format(percent=f"{100 * filled:.0f}")
    days = health.days_until_full
    return _word("soon", language).format(days=f"{days:.0f}") if days is not None and days < DAYS_UNTIL_FULL else ""


def _word(key: str, language: Language) -> str:
    return _WORDS[key][language is Language.EN]
