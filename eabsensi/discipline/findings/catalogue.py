"""What each rule looks for, why it may be innocent, and what the stored facts cannot support."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from eabsensi.discipline.findings.finding import Both, Rule


class Description(NamedTuple):
    """A rule in words.

    Attributes:
        name: as printed.
        meaning: what is looked for.
        innocent: what else may explain it; the first thing to ask.
        limits: keys of the policy's values that hold its thresholds.
        missing: what of the rule is not possible, and why; None where all of it is.

    """

    name: Both
    meaning: Both
    innocent: Both
    limits: tuple[str, ...]
    missing: Both | None = None


_ALL = {
    Rule.R1: Description(
        Both("Rekaman dari masa depan", "Records from the future"),
        Both("waktu rekaman sesudah saat diterima server", "a record is dated after the server received it"),
        Both("jam mesin terlalu cepat atau salah disetel", "the terminal's clock is fast or was set wrongly"),
        ("finding_future", "future_tolerance"),
    ),
    Rule.R2: Description(
        Both("Jam mesin salah atau melompat", "A wrong or jumping clock"),
        Both(
            "selisih jam mesin dengan server saat penarikan", "the terminal's clock differs from the server's at a poll"
        ),
        Both(
            "baterai jam lemah, listrik padam, atau petugas TI baru menyetel jam",
            "a weak clock battery, a power cut, or IT staff who set the clock right",
        ),
        ("finding_clock", "clock_tolerance"),
    ),
    Rule.R3: Description(
        Both("Urutan waktu tidak wajar", "Unusual order of time"),
        Both(
            "rekaman baru bertanggal sebelum yang sudah terbaca; beberapa orang dalam satu detik",
            "new records are dated before those already read; several people within one second",
        ),
        Both(
            "jam mesin disetel mundur; mesin dengan dua pembaca", "the clock was set back; a terminal with two readers"
        ),
        ("finding_order",),
    ),
    Rule.R4: Description(
        Both("Log mesin berkurang", "A log that became shorter"),
        Both("rekaman di mesin lebih sedikit daripada sebelumnya", "the terminal holds fewer records than before"),
        Both(
            "log dikosongkan petugas TI, atau mesin diperbaiki",
            "IT staff cleared the log, or the terminal was repaired",
        ),
        ("finding_log",),
    ),
    Rule.R5: Description(
        Both("Mesin lain menjawab", "Another terminal answers"),
        Both("nomor seri lain di alamat mesin ini", "another serial number at this terminal's address"),
        Both("mesin diganti atau alamat IP tertukar", "the terminal was replaced, or IP addresses were swapped"),
        ("finding_identity",),
        Both(
            "perubahan firmware, MAC dan alamat tidak dapat diperiksa: hanya nilai terakhir yang disimpan",
            "changes of firmware, MAC and address cannot be examined: only their last value is stored",
        ),
    ),
    Rule.R6: Description(
        Both("Mesin hilang pada jam datang", "Out of reach in the arrival time"),
        Both(
            "tidak terjangkau pada jam datang, berulang, lalu kembali",
            "out of reach in the arrival time, often, then back",
        ),
        Both(
            "router atau PC kantor baru dinyalakan siang; listrik padam",
            "the office's router is switched on late; power cuts",
        ),
        ("finding_outage",),
    ),
    Rule.R7: Description(
        Both("Bukan jari atau wajah", "Neither finger nor face"),
        Both("rekaman dengan kata sandi atau kartu", "records by password or card"),
        Both("sidik jari aus atau luka; sensor rusak", "worn or hurt fingertips; a broken sensor"),
        ("finding_verify",),
    ),
    Rule.R8: Description(
        Both("Selalu berurutan", "Always one after the other"),
        Both(
            "dua orang merekam dalam hitungan detik, urutan sama", "two people record within seconds, in the same order"
        ),
        Both("suami istri atau teman seperjalanan", "a couple, or people who travel together"),
        ("finding_companions",),
    ),
    Rule.R9: Description(
        Both("Pengguna mesin tanpa pemilik", "Users of nobody"),
        Both("PIN di mesin yang bukan milik pegawai mana pun", "a PIN on the terminal that belongs to no employee"),
        Both(
            "pegawai pindahan, tenaga kontrak, atau belum dipetakan",
            "people who left, contract staff, or not mapped yet",
        ),
        ("finding_users",),
        Both(
            "templat, jumlah jari dan hak admin tidak pernah diambil dari mesin, dan hanya nama terakhir yang disimpan",
            "templates, finger counts and privileges are never taken off a device, and only the last name is stored",
        ),
    ),
    Rule.R10: Description(
        Both("Templat sama pada dua PIN", "One template under two PINs"),
        Both("sidik jari yang sama didaftarkan untuk dua pegawai", "the same finger is enrolled for two employees"),
        Both("-", "-"),
        (),
        Both(
            "tidak mungkin: templat biometrik tidak pernah meninggalkan mesin",
            "not possible: no biometric template ever leaves a device",
        ),
    ),
    Rule.R11: Description(
        Both("Di dua tempat", "In two places"),
        Both(
            "satu pegawai di mesin dua unit dalam hitungan menit",
            "one employee on terminals of two units within minutes",
        ),
        Both("dua kantor dalam satu gedung; PIN salah dipetakan", "two offices in one building; a PIN mapped wrongly"),
        ("finding_travel",),
    ),
    Rule.R12: Description(
        Both("Rekaman pada hari bebas", "Records on an excused day"),
        Both(
            "rekaman saat cuti, dinas luar, libur, atau tanpa penempatan",
            "records on leave, duty, a day off, or unposted",
        ),
        Both(
            "lembur, cuti yang batal, singgah sebelum dinas", "overtime, leave not taken, passing by before a journey"
        ),
        ("finding_excused",),
        Both(
            "tanggal pensiun tidak disimpan; akhir penempatan dipakai sebagai gantinya",
            "dates of retirement are not stored; the end of the posting stands in",
        ),
    ),
    Rule.R13: Description(
        Both("Datang lalu pergi", "In and straight out"),
        Both("datang dan pulang berdekatan; tanpa rekaman siang", "in and out close together; nothing at midday"),
        Both("lupa merekam pulang; bertugas di lapangan", "a forgotten departure; work in the field"),
        ("finding_midday",),
    ),
    Rule.R14: Description(
        Both("Terlalu teratur atau terlambat muncul", "Too regular, or too late"),
        Both(
            "waktu hampir sama tiap hari; rekaman muncul belakangan",
            "nearly the same time each day; records appear later",
        ),
        Both("kebiasaan yang sangat teratur; jam mesin yang mundur", "very regular habits; a clock that was set back"),
        ("finding_rhythm",),
    ),
    Rule.R15: Description(
        Both("Koreksi jauh di atas biasanya", "Corrections far above the usual"),
        Both(
            "koreksi per pegawai dan akun, menjelang tutup, untuk diri sendiri",
            "corrections by person and account, at closing, for oneself",
        ),
        Both(
            "mesin unit rusak; operator melayani banyak pegawai",
            "the unit's terminal is broken; the account serves many",
        ),
        ("finding_corrections",),
    ),
    Rule.R16: Description(
        Both("Rekaman tengah malam", "Records at midnight"),
        Both("rekaman pukul 23.59 atau 00.00 tanpa sif", "records at 23:59 or 00:00 without shifts"),
        Both("lembur atau piket malam di luar daftar jaga", "overtime or a night watch outside the roster"),
        ("finding_midnight",),
        Both(
            "koreksi tepat pada jam masuk tidak dapat diperiksa: surat koreksi tidak memuat jam",
            "corrections exactly at the start cannot be examined: papers of correction carry no clock time",
        ),
    ),
    Rule.R17: Description(
        Both("PIN tanpa pemilik yang teratur", "A steady PIN of nobody"),
        Both("PIN yang belum dipetakan merekam setiap hari kerja", "an unmapped PIN records on every working day"),
        Both("pegawai baru atau tenaga kontrak yang belum dipetakan", "new or contract staff who are not mapped yet"),
        ("finding_ghost",),
    ),
}
#: Every rule in words; none is left out.
CATALOGUE: Mapping[Rule, Description] = MappingProxyType(_ALL)
#: Rules of which nothing is possible.
IMPOSSIBLE = frozenset(rule for rule, told in _ALL.items() if not told.limits)
