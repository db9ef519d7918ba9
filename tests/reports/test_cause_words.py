"""Every cause that the program stores is told in Bahasa Indonesia."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from eabsensi.law.wording import Language
from eabsensi.reports.cause_words import cause_text

PACKAGE = Path(__file__).parents[2] / "eabsensi"
MARKS = re.compile(r"mark_\w+|_touch")


def stored_causes() -> set[str]:
    """Find the texts that calls of ``mark_...`` pass and that parameters called ``cause`` have by default."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and MARKS.fullmatch(getattr(node.func, "id", "")):
                texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str)}
            elif isinstance(node, ast.arguments):
                named = dict(zip([one.arg for one in node.args[::-1]], node.defaults[::-1], strict=False))
                default = named.get("cause")
                found |= {default.value} if isinstance(default, ast.Constant) and default.value else set()
    return found


def test_the_causes_are_found():
    assert {"punch", "coverage", "day over"} <= stored_causes()


@pytest.mark.parametrize("cause", sorted(stored_causes()))
def test_a_stored_cause_has_its_words(cause):
    assert cause_text(cause, Language.ID) != cause
    assert cause_text(cause, Language.EN) == cause


def test_what_a_person_wrote_stays():
    assert cause_text("judged again: salah input", Language.ID) == "dinilai ulang: salah input"
    assert cause_text("policy ad64c3305eff", Language.ID) == "peraturan berubah menjadi versi ad64c3305eff"
    assert cause_text("punching bag", Language.ID) == "punching bag"
