"""Noise into every page, form and call, in paths, queries, bodies, cookies and headers: an answer, never a crash."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from portal_city import BUDI, ON, Browser, PortalCity
from test_authorisation import Route, routes_of

from eabsensi import portal as portal_package
from eabsensi.access.accounts import create_token
from eabsensi.access.roles import Role
from eabsensi.portal.app import create_app

TEMPLATES = Path(portal_package.__file__).parent / "templates"
FIELDS = sorted(
    {name for page in TEMPLATES.glob("*.html") for name in re.findall(r'name="([a-z_]+)"', page.read_text())}
)
QUERIES = [
    "unit",
    "month",
    "date",
    "from",
    "to",
    "year",
    "show",
    "page",
    "cursor",
    "limit",
    "nip",
    "q",
    "as_of",
    "kind",
]
#: These end the session or lock it out, after which everything would be answered by the same page.
NOT_SENT = {"/logout", "/password", "/login"}
TIDY = ["", "DINKES", "KOTA", BUDI, f"{ON}", f"{ON:%Y-%m}", "2026", "1", "annual_leave", "day", "closed", "id", "xlsx"]
NASTY = [
    *("\x00", "a\x00b", "\x1b[31m", "\u202e", "\ufeff", "🙂" * 50, "x" * 5_000, "9" * 400, "-1", "0", "1e9", "nan"),
    *(
        "0001-01",
        "9999-12",
        "9999-12-31",
        "0001-01-01",
        "2026-02-31",
        "2026-13",
        "2026-00",
        "+2026-01",
        "\uff12\uff10\uff12\uff16-\uff10\uff11",
    ),
    *("../../etc/passwd", "%00", "'; DROP TABLE punch; --", "=1+1", "{{7*7}}", "<script>", "null", "[]", "{}", "*"),
    *("2026-01-01T00:00:00+99:99", "9223372036854775808", "2147483648", "١٢٣", "\r\nSet-Cookie: a=b"),
]
words = st.sampled_from(TIDY) | st.sampled_from(NASTY) | st.text(max_size=30)
#: What a header may hold at all; the client sends nothing else.
header_text = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
API = "/api/v1"
HUNTS = settings.default is not None and settings.default.max_examples >= 1_000  # --hypothesis-profile hunt
SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
NOISE = settings(derandomize=not HUNTS, deadline=None, database=None, suppress_health_check=SUPPRESSED)


class Noise(NamedTuple):
    """One request's values: of the path's holes, the query, the form, a cookie and a header."""

    door: Route
    holes: list[str]
    query: dict[str, str]
    form: dict[str, str]
    cookie: str
    accept: str
    raw: bytes | None


@pytest.fixture
def admin(browser) -> Browser:
    return browser("admin")


@pytest.fixture
def every_door(city: PortalCity) -> list[Route]:
    every = routes_of(create_app(city.desk()))
    found = [route._replace(path=f"{API}{route.path}") if api else route for api, route in every]
    return sorted(route for route in found if route.path not in NOT_SENT)


@pytest.fixture
def token(city: PortalCity) -> str:
    with city.store.begin() as connection:
        return create_token(connection, "noise", Role.ADMIN, None, days=None, by="test", at=city.clock.now())


def address(door: Route, holes: list[str]) -> str:
    values = iter(holes)
    return re.sub(r"\{[^}]+\}", lambda _: quote(next(values, "") or "x", safe=""), door.path)


def send(client: httpx.Client, noise: Noise, csrf: str, token: str) -> httpx.Response:
    same = {"Sec-Fetch-Site": "same-origin", "Accept-Language": noise.accept, "X-Forwarded-For": noise.accept}
    content: dict[str, Any] = {"data": {"csrf": csrf, **noise.form}} if noise.raw is None else {"content": noise.raw}
    if noise.raw is not None:
        same["Content-Type"] = "multipart/form-data; boundary=x"
    if noise.door.path.startswith(API):
        same["Authorization"] = f"Bearer {token}"
    if noise.door.method == "GET":
        content = {}
    path = address(noise.door, noise.holes)
    return client.request(noise.door.method, path, params=noise.query, headers=same, **content)


def noises(doors: list[Route]) -> st.SearchStrategy[Noise]:
    return st.sampled_from(doors).flatmap(noise_at)


def noise_at(door: Route) -> st.SearchStrategy[Noise]:
    """Give noise in the names that a route knows, tidy values among it, so that it gets past the first look."""
    return st.builds(
        Noise,
        st.just(door),
        st.lists(words, min_size=3, max_size=3),
        st.fixed_dictionaries({}, optional=dict.fromkeys(door.query or QUERIES, words)),
        st.fixed_dictionaries({}, optional=dict.fromkeys({*door.form, *FIELDS[:3]}, words)),
        header_text,
        header_text,
        st.none() | st.none() | st.none() | st.binary(max_size=200),
    )


def test_noise_is_answered(admin: Browser, token: str, every_door: list[Route]) -> None:
    assert len(every_door) > 50
    csrf = admin.csrf()
    seen: set[int] = set()

    @given(noises(every_door))
    @settings(NOISE, max_examples=1_000 if HUNTS else 120)
    def ask(noise: Noise) -> None:
        try:
            answer = send(admin, noise, csrf, token)
        except httpx.ReadError:  # what is refused unread may be cut off before its refusal is heard: ask once more
            answer = send(admin, noise, csrf, token)
        seen.add(answer.status_code)
        assert answer.status_code < 500, (noise, answer.text[:300])
        assert "Traceback" not in answer.text

    ask()
    assert 200 in seen  # some of it is understood
    assert len(seen) > 2
    assert admin.get("/people").status_code == 200


def test_noise_in_place_of_a_login_is_answered(portal: str) -> None:
    """Cookies, tokens and forms of nobody."""

    @given(header_text, header_text, st.dictionaries(st.sampled_from(["username", "password", "next", "csrf"]), words))
    @settings(NOISE, max_examples=20)
    def ask(cookie: str, token: str, form: dict[str, str]) -> None:
        headers = {"Cookie": f"session={cookie}; __Host-session={cookie}", "Authorization": f"Bearer {token}"}
        for answer in (
            client.get(f"{portal}/people", headers=headers),
            client.get(f"{portal}/api/v1/people", headers=headers),
            client.post(f"{portal}/login", data=form, headers={**headers, "Sec-Fetch-Site": "same-origin"}),
        ):
            assert answer.status_code < 500, (cookie, token, form)
            assert "Budi" not in answer.text

    with httpx.Client() as client:
        ask()
