"""A paper as it is written on a form: read, held against the law, the person's postings and the viewer's scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from eabsensi.access.refusals import Sentence
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.refusals import Fault, WishRefusedError
from eabsensi.importing.documentfields import UNIT_KINDS
from eabsensi.importing.documents import LONGEST
from eabsensi.law.duty import DocumentRule
from eabsensi.law.loader import COVERED_FROM
from eabsensi.law.policy import Policy
from eabsensi.store.connection import Connection
from eabsensi.store.documents import Document
from eabsensi.store.facts import load_postings
from eabsensi.store.people import load_employees, load_units

COVERS: Final = ("day", "in", "out")
LONGEST_NUMBER, LONGEST_NOTE = 100, 500
_COMING: Final = timedelta(days=2 * 366)


class DocumentWish(NamedTuple):
    """A paper that somebody wants to file, every field as it was written.

    Attributes:
        nip: whose it is; ``""`` where it is a unit's.
        unit: code of the unit whose it is; ``""`` where it is a person's.
        kind: an internal name, e.g. ``annual_leave``.
        covers: ``day``, ``in`` or ``out``.
        first: the first date, as 2026-01-31.
        last: the last date; ``""`` is the first one.
        number: as printed on the paper.
        issued_on: the paper's own date; may be ``""``.
        note: anything else.

    """

    nip: str = ""
    unit: str = ""
    kind: str = ""
    covers: str = "day"
    first: str = ""
    last: str = ""
    number: str = ""
    issued_on: str = ""
    note: str = ""


def plain(text: str) -> str:
    """Give a field in one line, without what cannot be printed."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def kinds_on(policy: Policy, on: date) -> Mapping[str, DocumentRule]:
    """Give the kinds of papers that the law knows on a date, by internal name; none before the law that is kept."""
    return policy.documents.on(on).value if on >= COVERED_FROM else {}


_MISSING = Sentence("Wajib diisi.", "This is needed.")
_NO_DATE = Sentence("{text} bukan tanggal; tulis seperti 2026-01-31.", "{text} is no date; write it as 2026-01-31.")
_ORDER = Sentence("Tanggal akhir mendahului tanggal awal.", "The last day is before the first.")
_FAR = Sentence("Tanggal di luar jangkauan; periksa tahunnya.", "The date is out of reach; check the year.")
_LATER = Sentence("Tanggal surat belum tiba.", "The paper's date is still to come.")
_KIND = Sentence("Pilih jenis dokumen dari daftar.", "Choose a kind of document from the list.")
_KIND_UNKNOWN = Sentence(
    "Peraturan pada {on} tidak mengenal jenis dokumen ini.", "The law of {on} does not know this kind of document."
)
_COVERS = Sentence("Pilih bagian hari dari daftar.", "Choose a part of the day from the list.")
_LONG = Sentence("Paling banyak {most} huruf.", "{most} characters at most.")
_EITHER = Sentence("Isi NIP atau unit kerja, jangan keduanya.", "Fill in the NIP or the unit, not both.")
_PERSONAL = Sentence(
    "Jenis dokumen ini berlaku untuk perorangan; isi NIP.", "This kind of document is a person's; fill in the NIP."
)
_NOBODY = Sentence("Tidak ada pegawai dengan NIP {nip}.", "There is no employee with the NIP {nip}.")
_NOT_POSTED = Sentence(
    "Pegawai ini tidak mempunyai penempatan pada tanggal itu.", "This employee has no posting on these days."
)
_NOT_HERE = Sentence(
    "Tidak ada pegawai dengan NIP ini di unit kerja Anda pada seluruh tanggal itu; hubungi BKPSDM bila ia pindah unit.",
    "Nobody with this NIP is posted in your units on all of these days; ask the agency about a transfer.",
)
_NO_UNIT = Sentence("Tidak ada unit kerja {unit} dalam wewenang Anda.", "There is no unit {unit} within your scope.")


def read_wish(connection: Connection, clerk: Clerk, wish: DocumentWish) -> Document:
    """Make a document of what was written.

    Raises:
        WishRefusedError: with what is wrong, by field.

    """
    reading = _Reading(clerk, DocumentWish(*map(plain, wish)))
    document = reading.document()
    if not reading.faults:
        document = reading.owned(connection, document)
    if reading.faults:
        raise WishRefusedError(reading.faults, outside=reading.outside)
    return document


class _Reading:
    """One form as it is read."""

    def __init__(self, clerk: Clerk, wish: DocumentWish) -> None:
        self._clerk = clerk
        self._wish = wish
        self.faults: list[Fault] = []
        self.outside = False

    def refuse(self, field: str, sentence: Sentence, **values: object) -> None:
        self.faults.append(Fault(field, sentence, values))

    def document(self) -> Document:
        """Read what stands alone; the owner is nobody yet."""
        wish = self._wish
        if bool(wish.nip) == bool(wish.unit):
            self.refuse("nip", _EITHER if wish.nip else _MISSING)
        first = self._day("first")
        last = self._day("last") if wish.last else first
        issued_on = self._day("issued_on") if wish.issued_on else None
        self._days(first, last, issued_on)
        self._kind(first, last)
        if wish.covers not in COVERS:
            self.refuse("covers", _COVERS)
        for field, most in (("number", LONGEST_NUMBER), ("note", LONGEST_NOTE)):
            if len(getattr(wish, field)) > most:
                self.refuse(field, _LONG, most=most)
        return Document(
            employee_id=None,
            unit_code=wish.unit or None,
            kind=wish.kind,
            first_on=first,
            last_on=last,
            covers=wish.covers,
            number=wish.number,
            issued_on=issued_on,
            note=wish.note,
        )

    def _day(self, field: str) -> date:
        text = getattr(self._wish, field)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(field, _NO_DATE if text else _MISSING, text=text[:40])
            return date.min

    def _days(self, first: date, last: date, issued_on: date | None) -> None:
        today = self._clerk.clock.now().date() + timedelta(days=1)  # it may be tomorrow in the east already
        if date.min not in {first, last}:
            if last < first:
                self.refuse("last", _ORDER)
            if first < COVERED_FROM:
                self.refuse("first", _FAR)
            if last > today + _COMING or last - first > LONGEST:
                self.refuse("last", _FAR)
        if issued_on is not None and issued_on > today:
            self.refuse("issued_on", _LATER)

    def _kind(self, first: date, last: date) -> None:
        kind = self._wish.kind
        if kind not in {key for version in self._clerk.policy.documents.versions for key in version.value}:
            self.refuse("kind", _KIND)
            return
        for on in {max(first, COVERED_FROM), max(last, COVERED_FROM)}:
            if kind not in kinds_on(self._clerk.policy, on):
                self.refuse("kind", _KIND_UNKNOWN, on=on)
                return
        if self._wish.unit and kind not in UNIT_KINDS:
            self.refuse("kind", _PERSONAL)

    def owned(self, connection: Connection, document: Document) -> Document:
        """Find whose it is, in the viewer's scope."""
        unit = document.unit_code
        if unit is not None:
            if unit not in load_units(connection) or not self._clerk.sees_unit(unit):
                self.outside = self._clerk.units is not None
                self.refuse("unit", _NO_UNIT, unit=unit)
            return document
        nip = self._wish.nip.replace(" ", "")
        known = load_employees(connection, [nip]).get(nip)
        if known is not None:
            self._posted(connection, known[0], document)
        elif self._clerk.units is None:
            self.refuse("nip", _NOBODY, nip=nip[:40])
        else:  # whether there is such a person elsewhere is not theirs to know
            self.outside = True
            self.refuse("nip", _NOT_HERE)
        return document if known is None else document._replace(employee_id=known[0])

    def _posted(self, connection: Connection, employee_id: int, document: Document) -> None:
        postings = load_postings(connection, document.first_on, document.last_on, employees=[employee_id])
        if self._clerk.units is not None and not (
            postings and all(self._clerk.sees_unit(posting.unit_code) for posting in postings)
        ):
            self.outside = True
            self.refuse("nip", _NOT_HERE)
        elif not postings:
            self.refuse("nip", _NOT_POSTED)
