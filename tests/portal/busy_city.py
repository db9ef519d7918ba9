"""A city in which everything has happened once, so that every part of every page has something to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser

from judged_city import at
from portal_city import ANDI, BUDI, ON, RINA, SITI, Browser, PortalCity

from eabsensi.sealing.chain import head_of
from eabsensi.sealing.sealer import seal_evidence

MONTH = f"{ON:%Y-%m}"
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
_LONG_NAME = "Dinas Pengendalian Penduduk, Keluarga Berencana, Pemberdayaan Perempuan dan Perlindungan Anak"
_MONDAY = date(2026, 11, 9)
_FOREIGN_TAGS = {"script", "style", "iframe", "object", "embed", "base", "foreignobject"}
_ADDRESSES = {"href", "src", "action", "formaction", "srcset", "poster", "xlink:href"}


def let_month_end(city: PortalCity) -> None:
    """Let it be 2 December, with every device read up to then and November judged."""
    city.clock.at = at("08:00", date(2026, 12, 2))
    for device in city.devices.values():
        city.poll(device, city.clock.at - timedelta(hours=1))
    city.judge(FIRST, LAST)


def let_everything_happen(city: PortalCity, browser: Callable[[str], Browser]) -> dict[str, str]:
    """File, approve and revoke papers, close months, learn more afterwards, take reports; give what pages need to know.

    Returns:
        ``code`` of a paper that was given out; ``head`` of the chain over the evidence.

    """
    let_month_end(city)
    city.let_strangers_come()
    city.punch(city.devices["DINKES"], "77", at("07:00"))
    city.owner.execute(
        "INSERT INTO device_user (device_id, pin, name, seen_at) VALUES (%s, '77', 'Pegawai 19', now())",
        (city.devices["DINKES"],),
    )
    city.owner.execute("UPDATE unit SET name = %s WHERE code = 'DISDIK'", (_LONG_NAME,))
    hr, hr2 = browser("hr"), browser("hr2")
    _papers(hr, hr2)
    _closings(city, hr)
    city.poll(city.devices["DISDIK"], city.clock.at - timedelta(minutes=5), outcome="unreachable")
    admin = browser("admin")
    admin.post_form("/accounts/tokens", name="e-kinerja", role="hr", unit="", days="365")
    hr.get(f"/downloads/daily.pdf?date={ON}&unit=PKM1")
    [(code,)] = city.owner.execute("SELECT code FROM issued_paper").fetchall()
    return {"code": code, "head": head_of(seal_evidence(city.store, city.clock)[-1])}


def _papers(hr: Browser, hr2: Browser) -> None:
    """File three papers: 1 waits, 2 is approved, 3 is revoked."""
    leave = {"kind": "annual_leave", "covers": "day", "first": f"{ON}", "last": f"{ON}", "number": "851/7"}
    for nip, last in ((RINA, ON + timedelta(days=30)), (ANDI, ON), (BUDI, ON)):
        assert hr.post_form("/documents/new", nip=nip, **leave | {"last": f"{last}"}).status_code == 303
    for paper in (2, 3):
        assert hr2.post_form(f"/documents/{paper}/approve").status_code == 303
    assert hr2.post_form("/documents/3/revoke", reason="tanggal salah").status_code == 303


def _closings(city: PortalCity, hr: Browser) -> None:
    """Close PKM1 and learn more afterwards; close DISDIK and open it again."""
    for unit in ("PKM1", "DISDIK"):
        closed = hr.post_form(f"/closing/{MONTH}/close", unit=unit, through=f"{LAST}", reason="TPP harus dibayar")
        assert closed.status_code == 303, closed.text
    assert hr.post_form(f"/closing/{MONTH}/reopen", unit="DISDIK", reason="surat terlambat").status_code == 303
    city.clock.at += timedelta(minutes=5)
    for clock in ("07:05", "16:45"):
        city.punch(city.devices["PKM1"], "2", at(clock, _MONDAY))
    city.judge(_MONDAY, _MONDAY)


def pages(code: str, head: str) -> dict[str, list[str]]:
    """Give the addresses that show every page in its different states, by route; those of HR."""
    mapped = f"nip={ANDI}&since={ON}&at=2026-11-24T00:00:00Z"
    return {
        "/today": [f"/today?date={ON}{more}" for more in ("", "&show=late", "&unit=DISDIK")],
        "/people": ["/people", "/people?q=tidak-ada"],
        "/people/{nip}/months/{month}": [f"/people/{nip}/months/{MONTH}" for nip in (ANDI, SITI)],
        "/people/{nip}/days/{on}": [f"/people/{RINA}/days/{ON}"],
        "/months/{month}": [f"/months/{MONTH}{more}" for more in ("", "?unit=PKM1", "?unit=DISDIK&show=recap")],
        "/months/{month}/allowance": [f"/months/{MONTH}/allowance?unit=PKM1"],
        "/years/{year}": [f"/years/{ON.year}", f"/years/{ON.year}?unit=DISDIK"],
        "/indications/{year}": [f"/indications/{ON.year}"],
        "/findings": ["/findings", f"/findings?from={ON - timedelta(days=30)}&to={ON}&rule=R17"],
        "/closing": [f"/closing?month={MONTH}"],
        "/closing/{month}": [f"/closing/{MONTH}?unit={unit}" for unit in ("PKM1", "DISDIK", "DINKES")],
        "/closing/{month}/check": [f"/closing/{MONTH}/check?unit=DINKES", "/closing/2026-12/check?unit=DINKES"],
        "/documents": ["/documents"],
        "/documents/new": [f"/documents/new?nip={RINA}&from={ON}&to={ON}"],
        "/documents/upload": ["/documents/upload"],
        "/documents/{document_id}": [f"/documents/{paper}" for paper in (1, 2, 3)],
        "/unmapped": ["/unmapped"],
        "/unmapped/map": ["/unmapped/map?serial=SN-DINKES&pin=77"],
        "/unmapped/mapped": [f"/unmapped/mapped?{mapped}"],
        "/devices": ["/devices"],
        "/trail": ["/trail"],
        "/password": ["/password"],
        "/verify": [
            *("/verify", f"/verify?code={code}", "/verify?code=AAAA-BBBB-CCCC", f"/verify?code={head}"),
            *(f"/verify?code={head[:-12]}{'0' * 12}", f"/verify?code=9{head}", f"/verify?code={head[:8]}"),
        ],
    }


#: What only administrators see, only the person concerned, and only who is not logged in.
ADMINISTRATION = {
    "/accounts": ["/accounts"],
    "/accounts/people/{username}": ["/accounts/people/operator"],
    "/accounts/tokens": ["/accounts/tokens"],
}
OWN = {
    "/people/{nip}/months/{month}": [f"/people/{SITI}/months/{MONTH}"],
    "/people/{nip}/days/{on}": [f"/people/{SITI}/days/{_MONDAY}"],
    "/people/{nip}/trail": [f"/people/{SITI}/trail"],
    "/password": ["/password"],
}
OUTSIDE = {"/login": ["/login"], "/verify": ["/verify"]}
#: Routes that lead on, send a file or talk to a program.
NO_PAGES = {
    "/",
    "/healthz",
    "/people/{nip}",
    "/months",
    "/years",
    "/indications",
    "/language/{language}",
    "/login/single-sign-on",
    "/login/single-sign-on/back",
}


class ForeignParts(HTMLParser):
    """Finds what no page may hold: scripts, styles of its own, and addresses elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        """Read a page."""
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        if tag in _FOREIGN_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            away = name in _ADDRESSES and not re.match(r"/(?!/)|[?#]", value or "")
            if away or name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}={value}>")
