"""Whatever the fuzzer or a person once made crash is read again here: it ends as a value or as a known failure."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from eabsensi.errors import EabsensiError

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.fuzzing.seeds import CASES, honest_input  # noqa: E402 - the scripts are no installed package
from scripts.fuzzing.targets import TARGETS, run  # noqa: E402 - as above

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
FOUND = sorted(path.relative_to(CASES) for path in CASES.glob("*/*"))


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_what_once_crashed_is_a_value_or_a_known_failure(case: Path) -> None:
    run(case.parent.name, (CASES / case).read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_honest_input_is_read(target: str) -> None:
    """A target that refuses everything would find nothing."""
    accepted = 0
    for written in honest_input(target):
        with contextlib.suppress(EabsensiError):
            TARGETS[target](written)
            accepted += 1
    assert accepted


def test_a_crash_would_be_seen() -> None:
    with pytest.raises(KeyError):
        run("no such target", b"")
    TARGETS["crash"] = lambda written: written.decode("ascii")
    try:
        with pytest.raises(UnicodeDecodeError):
            run("crash", b"\xff")
    finally:
        del TARGETS["crash"]


def test_every_case_belongs_to_a_target() -> None:
    assert {case.parent.name for case in FOUND} <= TARGETS.keys()
    assert len(FOUND) > 20
