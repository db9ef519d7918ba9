"""An invented city: its work units and the people in them. Nobody here exists.

The city is modelled on a middle-sized Indonesian one. Names join real given names with invented family names; each
NIP is well formed but ends in a sequence number from 900 on, which no real series of one birthday reaches.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Kind = Literal["PNS", "CPNS", "PPPK", "PPPK-PW"]
Pattern = Literal["5-day", "6-day", "shift"]

CITY: Final = "Kota Muaro Sekoja"
_POSTED_FROM: Final = date(2024, 1, 2)
_FIRST_BIRTH: Final = date(1967, 1, 1)
_LAST_BIRTH: Final = date(2000, 12, 31)
_LAST_APPOINTMENT: Final = date(2025, 6, 1)


@dataclass(frozen=True, slots=True)
class InventedUnit:
    """A work unit (OPD) of the invented city; ``size`` is its share of the employees."""

    code: str
    name: str
    parent: str
    kind: str
    pattern: Pattern
    size: int


@dataclass(frozen=True, slots=True)
class InventedEmployee:
    """Somebody who does not exist.

    Attributes:
        nip: 18 digits, well formed for the kind.
        pin: number on every terminal of the city; unique in it.
        since: first day in the unit.

    """

    nip: str
    name: str
    kind: Kind
    rank: str
    position: str
    unit: str
    since: date
    pin: str


UNITS: Final = (
    InventedUnit("SETDA", f"Sekretariat Daerah {CITY}", "", "sekretariat", "5-day", 5),
    InventedUnit("BKPSDM", "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia", "", "badan", "5-day", 4),
    InventedUnit("BAPPEDA", "Badan Perencanaan Pembangunan Daerah", "", "badan", "5-day", 3),
    InventedUnit("BPKAD", "Badan Pengelolaan Keuangan dan Aset Daerah", "", "badan", "5-day", 4),
    InventedUnit("DINKES", "Dinas Kesehatan", "", "dinas", "5-day", 5),
    InventedUnit("DISDIK", "Dinas Pendidikan", "", "dinas", "5-day", 6),
    InventedUnit("DUKCAPIL", "Dinas Kependudukan dan Pencatatan Sipil", "", "dinas", "5-day", 4),
    InventedUnit("DISHUB", "Dinas Perhubungan", "", "dinas", "5-day", 4),
    InventedUnit("DPUPR", "Dinas Pekerjaan Umum dan Penataan Ruang", "", "dinas", "5-day", 4),
    InventedUnit("DINSOS", "Dinas Sosial", "", "dinas", "5-day", 3),
    InventedUnit("DLH", "Dinas Lingkungan Hidup", "", "dinas", "5-day", 3),
    InventedUnit("DISPERINDAG", "Dinas Perindustrian dan Perdagangan", "", "dinas", "5-day", 3),
    InventedUnit("SATPOLPP", "Satuan Polisi Pamong Praja", "", "satuan", "shift", 4),
    InventedUnit("KEC-DANAU", "Kecamatan Danau Serindit", "SETDA", "kecamatan", "5-day", 2),
    InventedUnit("PKM-SERINDIT", "Puskesmas Danau Serindit", "DINKES", "puskesmas", "6-day", 3),
    InventedUnit("RSUD", f"Rumah Sakit Umum Daerah {CITY}", "DINKES", "rumah sakit", "shift", 6),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MEN: Final = _words(
    "Ahmad Rahmat Budi Hendra Dedi Fajar Rizki Andi Yusuf Agus Eko Irwan Syahrul Zulkifli Hasan Joni Rudi Arif Bayu "
    "Taufik Iqbal Ferdi Dimas Gilang Heri Maman Nasrul Okta Pandu Surya"
)
_WOMEN: Final = _words(
    "Siti Dewi Rina Yuni Fitri Nurul Lestari Mega Ratna Wulan Indah Sri Ayu Maya Novi Putri Rosmala Elvira Desi "
    "Kartini Laila Halimah Tuti Vina Winda Yanti Zahra Citra Diah Endang"
)
_FAMILIES: Final = _words(
    "Serindit Muarosekoja Pinangraya Batangsari Danaubiru Telagawarna Sungaidamai Bukitlestari Tanjungnilam "
    "Rimbapermai Kualaharap Simpangteduh Lubukindah Pulaurindu Mestikaraya Cempakajaya Nilamsari Senjabening "
    "Gaharuputra Kenangabaru Tembesimulia Rotanperdana Medangjaya Merantiputih"
)
_RANKS: Final = ("II/c", "II/d", "III/a", "III/b", "III/c", "III/d", "IV/a")
_CONTRACT_RANKS: Final = ("V", "VII", "IX", "X")
_POSITIONS: Final = (
    "Pengadministrasi Perkantoran",
    "Pengelola Keuangan",
    "Analis Kebijakan",
    "Penata Layanan Operasional",
    "Pranata Komputer",
    "Arsiparis",
    "Pengelola Umum Operasional",
    "Perencana",
)
_UNIT_POSITIONS: Final = {
    "RSUD": ("Perawat", "Bidan", "Dokter", "Apoteker"),
    "PKM-SERINDIT": ("Perawat", "Bidan", "Dokter", "Sanitarian"),
    "SATPOLPP": ("Polisi Pamong Praja",),
    "DISDIK": ("Pengawas Sekolah", "Analis Kurikulum", "Pengadministrasi Perkantoran"),
}


def invent_employees(count: int, seed: int = 0, units: Sequence[InventedUnit] = UNITS) -> list[InventedEmployee]:
    """Invent people, spread over the units by their size; each unit's first is its head.

    Args:
        count: how many; at least one for each unit.
        seed: the same seed gives the same people.
        units: where they work.

    """
    rng = random.Random(f"city/{seed}")  # noqa: S311 - repeatable, not secret
    taken: set[str] = set()
    places = _places(count, units)
    return [_invent(rng, taken, unit, pin, is_head=is_head) for pin, (unit, is_head) in enumerate(places, start=1)]


def _places(count: int, units: Sequence[InventedUnit]) -> list[tuple[InventedUnit, bool]]:
    """Deal the places out so that any number is spread by size: the unit that lacks most is served next."""
    dealt = dict.fromkeys(units, 0)
    places: list[tuple[InventedUnit, bool]] = []
    for _ in range(count):
        unit = min(units, key=lambda unit: (dealt[unit] > 0, dealt[unit] / unit.size))
        places.append((unit, dealt[unit] == 0))
        dealt[unit] += 1
    return sorted(places, key=lambda place: (units.index(place[0]), not place[1]))


def _invent(rng: random.Random, taken: set[str], unit: InventedUnit, pin: int, *, is_head: bool) -> InventedEmployee:
    kind = _invent_kind(rng, is_head=is_head)
    is_woman = rng.random() < 0.52
    born, appointed = _invent_dates(rng, kind, is_head=is_head)
    nip = _invent_nip(rng, taken, kind, born, appointed, is_woman=is_woman)
    return InventedEmployee(
        nip=nip,
        name=_invent_name(rng, is_woman=is_woman),
        kind=kind,
        rank=_invent_rank(rng, kind, is_head=is_head),
        position=f"Kepala {unit.name}" if is_head else rng.choice(_UNIT_POSITIONS.get(unit.code, _POSITIONS)),
        unit=unit.code,
        since=max(_POSTED_FROM, appointed),
        pin=str(pin),
    )


def _invent_kind(rng: random.Random, *, is_head: bool) -> Kind:
    if is_head:
        return "PNS"
    kinds: tuple[Kind, ...] = ("PNS", "PPPK", "CPNS", "PPPK-PW")
    return rng.choices(kinds, weights=(75, 17, 5, 3))[0]


def _invent_dates(rng: random.Random, kind: Kind, *, is_head: bool) -> tuple[date, date]:
    """Give a birthday, and the first of the month of an appointment at 20 to 38 years."""
    if kind == "CPNS":
        return _some_day(rng, date(1994, 1, 1), _LAST_BIRTH), date(2025, rng.randint(3, 6), 1)
    born = _some_day(rng, _FIRST_BIRTH, date(1980, 1, 1) if is_head else _LAST_BIRTH)
    earliest = date(2021, 1, 1) if kind.startswith("PPPK") else date(born.year + 20, 1, 1)
    latest = min(_LAST_APPOINTMENT, date(max(born.year + 38, earliest.year), 12, 1))
    return born, _some_day(rng, min(earliest, latest), latest).replace(day=1)


def _some_day(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def _invent_nip(rng: random.Random, taken: set[str], kind: Kind, born: date, appointed: date, *, is_woman: bool) -> str:
    month = "21" if kind.startswith("PPPK") else f"{appointed:%m}"
    stem = f"{born:%Y%m%d}{appointed:%Y}{month}{2 if is_woman else 1}"
    nip = f"{stem}{rng.randint(900, 999)}"
    while nip in taken:
        nip = f"{stem}{rng.randint(900, 999)}"
    taken.add(nip)
    return nip


def _invent_name(rng: random.Random, *, is_woman: bool) -> str:
    given = rng.sample(_WOMEN if is_woman else _MEN, k=rng.choice((1, 1, 2)))
    return " ".join([*given, rng.choice(_FAMILIES)])


def _invent_rank(rng: random.Random, kind: Kind, *, is_head: bool) -> str:
    if is_head:
        return "IV/b"
    if kind == "CPNS":
        return rng.choice(("II/c", "III/a"))
    return rng.choice(_CONTRACT_RANKS if kind.startswith("PPPK") else _RANKS)
