"""Who may open what, as a table: every route, every role, the own unit and another's.

The table is written out here and not taken from the program, so a right that changes there is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from portal_city import ANDI, BUDI, ON, SITI, Browser, PortalCity

from eabsensi.access.accounts import create_token
from eabsensi.access.roles import Role
from eabsensi.portal.app import create_app
from eabsensi.store.documents import Document, file_documents

MONTH, YEAR = f"{ON:%Y-%m}", str(ON.year)
ROLES = ("admin", "hr", "leader", "operator", "employee")
ACCOUNT_OF = {role: role for role in ROLES} | {"employee": "siti"}

EVERYBODY = "admin hr leader operator employee"
SEES_UNITS = "admin hr leader operator"
#: Method and path, to the roles that may; ``*`` needs nobody to be logged in.
PAGES = {
    "GET /healthz": "*",
    "GET /login": "*",
    "POST /login": "*",
    "GET /language/{language}": "*",
    "GET /verify": "*",
    "GET /": EVERYBODY,
    "GET /password": EVERYBODY,
    "POST /password": EVERYBODY,
    "POST /logout": EVERYBODY,
    "GET /today": SEES_UNITS,
    "GET /people": EVERYBODY,
    "GET /people/{nip}": EVERYBODY,
    "GET /people/{nip}/months/{month}": EVERYBODY,
    "GET /people/{nip}/days/{on}": EVERYBODY,
    "GET /months": SEES_UNITS,
    "GET /months/{month}": SEES_UNITS,
    "GET /months/{month}/allowance": "admin hr operator",
    "GET /years": SEES_UNITS,
    "GET /years/{year}": SEES_UNITS,
    "GET /indications": SEES_UNITS,
    "GET /indications/{year}": SEES_UNITS,
    "GET /findings": "admin hr leader",
    "GET /downloads/findings.{ending}": "admin hr leader",
    "GET /closing": "admin hr",
    "GET /closing/{month}": "admin hr",
    "GET /closing/{month}/check": "admin hr",
    "POST /closing/{month}/close": "admin hr",
    "POST /closing/{month}/reopen": "admin hr",
    "GET /documents": "admin hr operator",
    "GET /documents/new": "admin hr operator",
    "POST /documents/new": "admin hr operator",
    "GET /documents/upload": "admin hr operator",
    "POST /documents/upload": "admin hr operator",
    "GET /documents/{document_id}": "admin hr operator",
    "POST /documents/{document_id}/approve": "admin hr",
    "POST /documents/{document_id}/revoke": "admin hr",
    "POST /documents/{document_id}/withdraw": "admin hr operator",
    "GET /unmapped": "admin hr operator",
    "GET /unmapped/map": "admin hr",
    "POST /unmapped/map": "admin hr",
    "GET /unmapped/mapped": "admin hr",
    "GET /devices": SEES_UNITS,
    "GET /downloads/daily.{ending}": SEES_UNITS,
    "GET /downloads/monthly.{ending}": SEES_UNITS,
    "GET /downloads/recap.{ending}": SEES_UNITS,
    "GET /downloads/ranking.{ending}": SEES_UNITS,
    "GET /downloads/allowance.{ending}": "admin hr operator",
    "GET /downloads/yearly.{ending}": SEES_UNITS,
    "GET /downloads/indications.{ending}": SEES_UNITS,
    "GET /downloads/devices.{ending}": SEES_UNITS,
    "GET /downloads/personal.{ending}": EVERYBODY,
    "GET /downloads/documents.{ending}": "admin hr operator",
    "GET /downloads/unmapped.{ending}": "admin hr operator",
    "GET /downloads/closing.{ending}": "admin hr",
    "GET /downloads/addenda.{ending}": "admin hr",
    "GET /downloads/people.{ending}": SEES_UNITS,
    "GET /downloads/trail.{ending}": "admin hr",
    "GET /downloads/accounts.{ending}": "admin",
    "GET /trail": "admin hr",
    "GET /people/{nip}/trail": "employee",  # the own one
    "GET /login/single-sign-on": "*",
    "GET /login/single-sign-on/back": "*",
    "GET /accounts": "admin",
    "POST /accounts": "admin",
    "GET /accounts/people/{username}": "admin",
    "POST /accounts/people/{username}/place": "admin",
    "POST /accounts/people/{username}/disable": "admin",
    "POST /accounts/people/{username}/enable": "admin",
    "POST /accounts/people/{username}/reset": "admin",
    "GET /accounts/tokens": "admin",
    "POST /accounts/tokens": "admin",
    "POST /accounts/tokens/{name}/revoke": "admin",
}
API = {
    "GET /daily": SEES_UNITS,
    "GET /monthly": SEES_UNITS,
    "GET /yearly": SEES_UNITS,
    "GET /allowance": "admin hr operator",
    "GET /indications": SEES_UNITS,
    "GET /findings": "admin hr leader",
    "GET /punches": "admin hr",
    "GET /devices": SEES_UNITS,
    "GET /units": SEES_UNITS,
    "GET /people": SEES_UNITS,
}
VALUES = {
    "nip": BUDI,
    "unit": "PKM1",
    "date": str(ON),
    "on": str(ON),
    "first": str(ON),
    "last": str(ON),
    "month": MONTH,
    "year": YEAR,
    "ending": "json",
    "language": "id",
    "serial": "SN-PKM1",
    "pin": "99",
    "since": str(ON),
    "kind": "sick",
    "covers": "day",
    "number": "1",
    "reason": "uji",
    "through": "",
    "username": "leader",
    "name": "coba",
    "role": "leader",
    "from": str(ON),
    "to": str(ON),
}
FOREIGN = {"nip": ANDI, "unit": "DISDIK"}


class Route(NamedTuple):
    """One way into the program: what it is called with."""

    method: str
    path: str
    query: tuple[str, ...]
    form: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def call(self, browser: Browser, prefix: str = "", csrf: str = "", **values: str) -> int:
        """Call it with sample values; give the status, of the page that a chooser leads to."""
        given = VALUES | values
        path = prefix + self.path.format(**given)
        asked = {name: given[name] for name in self.query if name in given}
        if self.method == "GET":
            answer = browser.get(path, params=asked)
            leads_on = answer.status_code == 303 and not answer.headers["location"].startswith("/login")
            return browser.get(answer.headers["location"]).status_code if leads_on else answer.status_code
        return browser.send_form(
            path, csrf=csrf, **{name: given[name] for name in self.form if name in given}
        ).status_code


def routes_of(app: FastAPI) -> Iterator[tuple[bool, Route]]:
    """Give every route; whether it is the API's; and its parameters."""
    for one in app.routes:
        inner: Any = getattr(one, "original_router", None)
        for route in inner.routes if inner else [one]:
            dependant = getattr(route, "dependant", None)
            if dependant is None:
                continue
            query = tuple(field.alias for field in dependant.query_params)
            form = tuple(field.alias for field in dependant.body_params)
            for method in route.methods:
                yield is_api(route), Route(method, route.path, query, form)


def is_api(route: Any) -> bool:
    return route.endpoint.__module__.startswith("eabsensi.portal.api")


@pytest.fixture
def routes(city: PortalCity) -> dict[bool, dict[str, Route]]:
    found: dict[bool, dict[str, Route]] = {False: {}, True: {}}
    for api, route in routes_of(create_app(city.desk())):
        found[api][route.name] = route
    return found


@pytest.fixture
def paper(city: PortalCity) -> str:
    """File a paper for Budi of DINKES; gives its number."""
    wish = Document(city.people[BUDI], None, "sick", ON, ON, number="445/1")
    with city.store.begin() as connection:
        return str(file_documents(connection, [wish], by="admin", at=city.clock.now())[0])


def may(table: dict[str, str], name: str, role: str) -> bool:
    return role in table[name].split() or table[name] == "*"


def test_every_route_is_in_the_table(routes):
    assert set(routes[False]) == set(PAGES)
    assert set(routes[True]) == set(API)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_the_table_says_and_nothing_else(routes, paper, browser, role):
    visitor = browser(ACCOUNT_OF[role])
    csrf = visitor.csrf()
    own = {"nip": SITI} if role == "employee" else {}
    surprises = {}
    for name, route in routes[False].items():
        if name in ("POST /logout", "POST /password", "POST /login"):
            continue
        allowed = may(PAGES, name, role)
        status = route.call(visitor, csrf=csrf, document_id=paper, **own)
        if (status == 403) == allowed or status in (401, 405) or status >= 500:
            surprises[name] = status
    assert surprises == {}


@pytest.mark.parametrize("role", ["leader", "operator", "employee"])
def test_what_is_another_units_stays_closed(city, routes, browser, role):
    visitor = browser(ACCOUNT_OF[role])
    csrf = visitor.csrf()
    wish = Document(city.people[ANDI], None, "sick", ON, ON, number="445/2")
    with city.store.begin() as connection:
        paper = str(file_documents(connection, [wish], by="admin", at=city.clock.now())[0])
    opened = {}
    for name, route in routes[False].items():
        names = {*route.query, *route.form, *route.path.replace("{", "}").split("}")}
        if not names & {"nip", "unit", "document_id"} or not may(PAGES, name, role):
            continue
        foreign = {key: value for key, value in FOREIGN.items() if key in names}
        if name == "POST /documents/new":
            foreign = {"nip": ANDI, "unit": ""}
        status = route.call(visitor, csrf=csrf, **(foreign | {"document_id": paper}))
        if status not in (403, 404):
            opened[name] = status
    assert opened.keys() <= {"GET /documents/new", "POST /documents/new", "GET /people"}, opened
    assert opened.get("POST /documents/new", 400) in (400, 409), (
        "a form for another's employee is refused with its reason"
    )


def test_without_a_login_nothing_but_the_public_pages_opens(routes, browser):
    stranger = browser()
    for name, route in routes[False].items():
        status = route.call(stranger, document_id="1")
        public = PAGES.get(name) == "*"
        assert public or status in (303, 401), (name, status)


@pytest.mark.parametrize("role", ["admin", "hr", "leader", "operator"])
def test_a_token_reads_what_its_role_may(city, routes, portal, role):
    unit = "DINKES" if role in ("leader", "operator") else None
    with city.store.begin() as connection:
        token = create_token(connection, f"t-{role}", Role(role), unit, days=None, by="test", at=city.clock.now())
    surprises = {}
    with Browser(base_url=portal, headers={"Authorization": f"Bearer {token}"}) as program:
        for name, route in routes[True].items():
            status = route.call(program, "/api/v1")
            if (status == 200) != may(API, name, role):
                surprises[name] = status
            if unit and may(API, name, role) and "unit" in route.query:
                foreign = route.call(program, "/api/v1", unit="DISDIK")
                if foreign != 403:
                    surprises[f"{name} of another"] = foreign
    assert surprises == {}


def test_the_api_without_a_token_answers_401_and_json(routes, browser):
    stranger = browser()
    for route in routes[True].values():
        answer = stranger.get(f"/api/v1{route.path}")
        assert answer.status_code == 401
        assert answer.json()["error"]["status"] == 401
