"""The portal's lists as reports: each from the very query that its page asks, with the same rows in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from eabsensi.access.directory import Account, Search, list_accounts
from eabsensi.access.roles import Role
from eabsensi.access.trail import TrailEntry, entries
from eabsensi.assessing.closing import month_end
from eabsensi.assessing.monthstates import MonthState, month_states, period_story
from eabsensi.filing.clerk import Clerk
from eabsensi.filing.looking import Kind, Wanted, find_papers
from eabsensi.filing.mapping import unmapped_in_scope
from eabsensi.importing.suggesting import Suggestion, UnmappedPerson
from eabsensi.law.wording import Language, clock_time, long_date, month_name
from eabsensi.reports import listing_words as said
from eabsensi.reports.cause_words import cause_text
from eabsensi.reports.listing import Field, Frame, Listing, Told, Words
from eabsensi.store.connection import Connection
from eabsensi.store.documents import DocumentRow
from eabsensi.store.people import FoundPerson, Sought, search_people
from eabsensi.store.periods import Addendum
from eabsensi.store.unmapped import UnmappedPin

#: Of papers and of the trail, which grow without end; a list of people ends with the city.
MOST_ROWS: Final = 5_000
MOST_PEOPLE: Final = 20_000


def documents_listing(connection: Connection, frame: Frame, clerk: Clerk, wanted: Wanted) -> Listing:
    """List the papers in scope, as :func:`eabsensi.filing.looking.find_papers` finds them.

    Raises:
        NotAllowedError: the role may not see papers, or the unit is outside the scope.
        UnknownUnitError: there is no such unit.

    """
    found = find_papers(connection, clerk, wanted, most=MOST_ROWS)
    return Listing(
        kind="documents",
        named=Words("DAFTAR DOKUMEN", "DOCUMENTS"),
        fields=said.DOCUMENTS,
        rows=tuple(_paper(frame, row, kind) for row, kind in found.rows),
        frame=frame,
        empty=Words("Tidak ada dokumen dalam daftar ini.", "There is no document on this list."),
        narrowed=(
            (said.STATE, said.STATES.get(wanted.state or "")),
            (said.PERSON, wanted.person),
            (said.FROM, wanted.first),
            (said.TO, wanted.last),
        ),
        most=MOST_ROWS if found.more else None,
    )


def _paper(frame: Frame, row: DocumentRow, kind: Kind) -> tuple[Told, ...]:
    whole = said.WHOLE_UNIT
    whose = row.name if row.nip else Words(*(form.format(unit=frame.name(row.unit)) for form in whole))
    decided = (row.revoked_by, row.revoked_at) if row.revoked_at else (row.approved_by, row.approved_at)
    return (
        *(row.id, said.STATES[row.state], whose, row.nip, row.unit),
        Words(kind.said(Language.ID), kind.said(Language.EN)),
        said.COVERS[row.covers],
        *(row.first, row.last, row.number, row.filed_by, frame.local(row.filed_at)),
        *(decided[0], frame.local(decided[1])),
    )


def unmapped_listing(
    connection: Connection, frame: Frame, clerk: Clerk, first: date | None, last: date | None
) -> Listing:
    """List the PINs that punch and are nobody's, on the devices in scope.

    Raises:
        NotAllowedError: the role may not see them.

    """
    found = unmapped_in_scope(connection, clerk, first, last)
    return Listing(
        kind="unmapped",
        named=Words("PIN TANPA PEMILIK", "UNMAPPED PINS"),
        fields=said.UNMAPPED,
        rows=tuple(_pin(frame, person) for person in found),
        frame=frame,
        empty=Words(
            "Setiap PIN yang merekam pada masa ini sudah terdaftar.",
            "Every PIN that punched in this period is enrolled.",
        ),
        narrowed=((said.FROM, first), (said.TO, last)),
    )


def _pin(frame: Frame, person: UnmappedPerson) -> tuple[Told, ...]:
    pin = person.pin
    return (
        *(pin.pin, _named(pin), frame.name(pin.unit), pin.serial, pin.days, pin.punches),
        *(pin.first.date(), pin.last.date()),
        _both(lambda language: _rhythm(person, language)),
        _both(lambda language: "; ".join(_match(match, language) for match in person.suggestions)),
    )


def _named(pin: UnmappedPin) -> Told:
    """Give the name on the device; where records name the slot, with the user id that the person types."""
    if pin.user_id is None:
        return pin.name
    name = pin.name or "-"
    return Words(f"{name} (ID pengguna {pin.user_id})", f"{name} (user id {pin.user_id})")


def _rhythm(person: UnmappedPerson, language: Language) -> str:
    words = said.STEADY if person.steady else said.IRREGULAR
    usual = clock_time(person.pin.usual, language)
    return words.text(language).format(usual=usual, minutes=person.pin.spread_minutes // 2)


def _match(match: Suggestion, language: Language) -> str:
    pins = said.HAS_PIN.text(language).format(pins=", ".join(match.pins)) if match.pins else ""
    return f"{match.name} ({match.nip}, {said.LIKENESS.text(language).format(percent=match.likeness)}{pins})"


def closing_listing(
    connection: Connection, frame: Frame, months: Sequence[date], sees: Callable[[str], bool]
) -> Listing:
    """List the units with the state of each of some months.

    Args:
        connection: in a transaction.
        frame: what stands around it.
        months: first days, the earliest first.
        sees: whether the code of a unit is in the viewer's scope.

    """
    found = month_states(connection, months)
    columns = (Field(f"{month:%Y-%m}", _month_words(month), 34, "1fr") for month in months)
    return Listing(
        kind="closing",
        named=Words("KEADAAN TUTUP PERIODE", "CLOSING OF MONTHS"),
        fields=(Field("unit", said.UNIT, 40, "75mm"), *columns),
        rows=tuple(
            (unit.name, *(_state_words(frame, state) for state in states)) for unit, states in found if sees(unit.code)
        ),
        frame=frame,
        empty=Words(
            "Tidak ada unit kerja dengan pegawai pada bulan-bulan ini.", "No work unit has people in these months."
        ),
    )


def _month_words(month: date) -> Words:
    return _both(lambda language: month_name(month, language))


def _state_words(frame: Frame, state: MonthState) -> Words:
    """Say how a month stands, as the page does."""

    def of(language: Language) -> str:
        said_of = _month_said(frame, state, language)
        return ", ".join(words.text(language).format(**values) for words, values in said_of)

    return _both(of)


def _month_said(frame: Frame, state: MonthState, language: Language) -> Iterator[tuple[Words, dict[str, object]]]:
    period = state.period
    if period is None and not state.posted:
        yield said.NOBODY_POSTED, {}
        return
    if period is None:
        yield said.OPEN, {}
    else:
        yield said.CLOSED if state.closed else said.REOPENED, {"version": period.version}
        if state.closed and period.through_on and period.through_on != month_end(state.month):
            yield said.THROUGH, {"date": long_date(period.through_on, language)}
    if state.addenda:
        yield said.ADDENDA_COUNT, {"count": state.addenda}
    if not state.closed:
        yield _why_open(frame, state), {"count": state.open_days}


def _why_open(frame: Frame, state: MonthState) -> Words:
    if state.open_days:
        return said.OPEN_DAYS
    if not state.judged:
        return said.NOT_JUDGED
    return said.RUNNING if month_end(state.month) >= frame.as_of.date() else said.READY


def addenda_listing(connection: Connection, frame: Frame, unit: str, month: date) -> Listing:
    """List what was learnt after a unit's month was closed, of the newest closing and the newest difference first.

    Args:
        connection: in a transaction.
        frame: what stands around it; its unit is ``unit``.
        unit: code.
        month: its first day.

    """
    story = period_story(connection, unit, month)
    rows = []
    for version, check in sorted(story.checks.items(), reverse=True):
        for item in reversed(check.addenda):
            person = story.people[item.employee_id]
            rows.append((item.on_date, person.name, person.nip, unit, *_difference(frame, item), version))
    return Listing(
        kind="addenda",
        named=Words("ADENDUM SESUDAH TUTUP PERIODE", "ADDENDA TO A CLOSED MONTH"),
        fields=said.ADDENDA,
        rows=tuple(rows),
        frame=frame,
        empty=Words("Tidak ada adendum.", "There are no addenda."),
        month=month,
    )


def _difference(frame: Frame, item: Addendum) -> tuple[Told, ...]:
    cause = _both(lambda language: cause_text(item.reason, language))
    return _codes(item.before), _codes(item.after), frame.local(item.at), cause


def _codes(content: dict[str, object] | None) -> Told:
    codes = content.get("codes") if content else None
    return " ".join(map(str, codes)) if isinstance(codes, list) else said.NOT_HERE


def people_listing(connection: Connection, frame: Frame, sought: Sought) -> Listing:
    """List the people who are found, by name."""
    found = search_people(connection, sought, limit=MOST_PEOPLE)
    return Listing(
        kind="people",
        named=Words("DAFTAR PEGAWAI", "EMPLOYEES"),
        fields=said.PEOPLE,
        rows=tuple(_person(frame, one) for one in found.people),
        frame=frame,
        empty=Words("Tidak ada pegawai yang cocok.", "No employee fits."),
        narrowed=((said.WORDS, sought.words), (said.WHICH, said.FORMER if sought.former else said.POSTED)),
        most=MOST_PEOPLE if found.total > MOST_PEOPLE else None,
    )


def _person(frame: Frame, one: FoundPerson) -> tuple[Told, ...]:
    return one.name, one.nip, one.kind, one.position, frame.name(one.unit), one.since, one.until


def trail_listing(
    connection: Connection,
    frame: Frame,
    *,
    account: str | None = None,
    nip: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Listing:
    """List the newest entries of the trail; the filters are those of :func:`eabsensi.access.trail.entries`."""
    found = entries(connection, account=account, nip=nip, action=action, since=since, until=until, limit=MOST_ROWS + 1)
    return Listing(
        kind="trail",
        named=Words("JEJAK AUDIT", "AUDIT TRAIL"),
        fields=said.TRAIL,
        rows=tuple(_entry(frame, entry) for entry in found[:MOST_ROWS]),
        frame=frame,
        empty=Words("Tidak ada catatan yang cocok.", "Nothing fits."),
        narrowed=(
            (said.ACCOUNT, account),
            (said.NIP, nip),
            (said.ACTION, said.ACTIONS.get(action or "", action)),
            (said.FROM, frame.local(since)),
            (said.BEFORE, frame.local(until)),
        ),
        most=MOST_ROWS if len(found) > MOST_ROWS else None,
    )


def _entry(frame: Frame, entry: TrailEntry) -> tuple[Told, ...]:
    detail = (f"{name}: {'-' if value is None else value}" for name, value in (entry.detail or {}).items())
    return (
        frame.local(entry.at),
        entry.account or said.NO_ACCOUNT,
        said.ROLES.get(entry.role or "", entry.role),
        said.ACTIONS.get(entry.action, entry.action),
        *(entry.nip, entry.unit, entry.subject, "; ".join(detail), entry.address),
    )


def accounts_listing(connection: Connection, frame: Frame, search: Search) -> Listing:
    """List the accounts that are looked for; never what opens the door."""
    found = search.of(list_accounts(connection))
    return Listing(
        kind="accounts",
        named=Words("DAFTAR AKUN", "ACCOUNTS"),
        fields=said.ACCOUNTS,
        rows=tuple(_account(frame, one) for one in found),
        frame=frame,
        empty=Words("Tidak ada akun yang cocok.", "No account fits."),
        narrowed=(
            (said.WORDS, search.words),
            (said.ROLE, said.ROLES[search.role.value] if search.role else None),
            (said.STATE, said.DISABLED if search.disabled else None),
        ),
    )


def _account(frame: Frame, one: Account) -> tuple[Told, ...]:
    whole = None if one.role is Role.EMPLOYEE else said.WHOLE_CITY
    waits = said.WAITING if one.must_change_password else said.ACTIVE
    return (
        *(one.name, one.nip, one.username, said.ROLES[one.role.value]),
        frame.name(one.unit) if one.unit else whole,
        said.DISABLED if one.disabled_at else waits,
    )


def _both(of: Callable[[Language], str]) -> Words:
    """Say something in both languages."""
    return Words(of(Language.ID), of(Language.EN))
