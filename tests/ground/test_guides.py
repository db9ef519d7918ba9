"""The guides for the offices: their pictures exist and stay small, and what they name is what the program has."""

from __future__ import annotations

import re
import struct
import tomllib
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.routing import APIRoute

from eabsensi.discipline.rules import attendance_rules
from eabsensi.discipline.verdict import ABSENT_CODE, APEL_MISSED_CODE, PRESENT_CODE, UNDETERMINED_CODE
from eabsensi.law.loader import load_policy
from eabsensi.portal import app
from eabsensi.portal.templating import PLACES

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "docs" / name for name in ("panduan.md", "membaca-angka.md", "pegawai.md")]
PICTURES = ROOT / "docs" / "gambar"
WIDTHS = {1100, 390}
MOST_BYTES, MOST_BYTES_IN_ALL = 70_000, 900_000
#: Codes whose words stand in the legend of a month, beside those of the policy.
FIXED = {PRESENT_CODE, ABSENT_CODE, APEL_MISSED_CODE, UNDETERMINED_CODE, "L", "CBM", "*"}


def pictures_in(guide: Path) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(gambar/([^)]+)\)", guide.read_text())


def codes_in(guide: Path) -> set[str]:
    return set(re.findall(r"`([A-Z]{1,4}[0-9]?|[?*])`", guide.read_text()))


def test_every_picture_of_the_guides_is_there_and_every_picture_is_used():
    named = {name for guide in GUIDES for name in pictures_in(guide)}
    assert len(named) > 20
    assert named == {path.name for path in PICTURES.iterdir()}


def test_every_picture_has_words_for_those_who_do_not_see_it():
    for guide in GUIDES:
        assert "![](" not in guide.read_text(), guide.name


@pytest.mark.parametrize("picture", sorted(PICTURES.iterdir()), ids=lambda path: path.stem)
def test_a_picture_is_small_and_as_wide_as_it_should_be(picture):
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">I", head[16:20])[0] in WIDTHS
    assert picture.stat().st_size <= MOST_BYTES


def test_all_pictures_together_are_light():
    assert sum(picture.stat().st_size for picture in PICTURES.iterdir()) <= MOST_BYTES_IN_ALL


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_every_code_that_a_guide_prints_is_one_of_the_policy(guide):
    policy, on = load_policy(), date(2026, 11, 3)
    rules = attendance_rules(policy, on)
    bands = {band.code for bands in (rules.late_bands, rules.early_bands) for band in bands.value}
    papers = {rule.code for rule in policy.documents.on(on).value.values()}
    named = codes_in(guide)
    assert named
    assert named <= FIXED | bands | papers
    if guide.stem == "panduan":
        assert named == FIXED | bands | papers, "the guide explains every code"


def words_of_the_pages() -> str:
    """Everything that the portal says in Bahasa Indonesia, values left out."""
    files = sorted((ROOT / "eabsensi/portal/words").glob("*.toml"))
    return "\n".join(entry["id"] for file in files for entry in tomllib.loads(file.read_text()).values())


def test_every_button_and_place_that_the_guide_for_the_offices_names_is_on_a_page():
    said = re.sub(r"\{[^}]+\}", "", words_of_the_pages())
    steps = re.findall(r"^\s*(?:\d+\. |- ).*$", GUIDES[0].read_text(), re.MULTILINE)
    buttons = {words for step in steps for words in re.findall(r"(?:pilih|Pilih|lalu) \*\*([^*…]+)\*\*", step)}
    assert len(buttons) > 15
    assert {words for words in buttons if words.lower() not in said.lower()} == set()


def test_every_path_that_a_page_about_the_portal_names_is_a_route():
    routes = [route for router in (*app._PAGES, *app._API) for route in router.routes if isinstance(route, APIRoute)]
    known = {route.path for route in routes} | {f"/api/v1{route.path}" for route in routes}
    known.add(app.create_app(SimpleNamespace(secure=False)).openapi_url)
    pages = [*GUIDES, ROOT / "docs/portal.md", ROOT / "docs/api.md"]
    named = {
        path for page in pages for path in re.findall(r"`(?:GET |POST )?(/[a-z][a-z0-9/{}._-]*)`", page.read_text())
    }
    named -= {path for path in named if path.startswith(("/etc/", "/opt/", "/srv/", "/var/"))}
    assert {path for path in named if not any(is_like(path, route) for route in known)} == set()


def is_like(path: str, route: str) -> bool:
    """Whether a path is a route, or the beginning that several share, as ``/api/v1``."""
    pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(route))
    return re.fullmatch(pattern, path) is not None or route.startswith(f"{path.rstrip('/')}/")


def test_every_place_of_the_navigation_is_told_of_in_the_guide():
    said = tomllib.loads((ROOT / "eabsensi/portal/words/base.toml").read_text())
    guide = GUIDES[0].read_text()
    names = [said[place.key.removeprefix("base.")]["id"] for place in PLACES]
    assert [name for name in names if f"**{name}**" not in guide] == []


def test_every_heading_that_a_guide_leads_to_is_there():
    for guide in GUIDES:
        for target, anchor in re.findall(r"\]\(([a-z-]*(?:\.md)?)#([^)]+)\)", guide.read_text()):
            text = ((guide.parent / target) if target else guide).read_text()
            headings = [
                re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
                for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            ]
            assert anchor in headings, f"{guide.name}: #{anchor}"
