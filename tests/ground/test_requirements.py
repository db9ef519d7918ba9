"""Requirement files pin everything with hashes, agree with pyproject.toml and each other, and name no registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def text_of(name: str) -> str:
    if name == "fuzzing":
        return (ROOT / "scripts/fuzzing/requirements.txt").read_text()
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins_of(name: str) -> dict[str, str]:
    return {canonicalize_name(found[1]): found[2] for found in PIN.finditer(text_of(name))}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_of(project, name: str) -> list[Requirement]:
    groups = project["dependency-groups"]
    runtime = project["project"]["dependencies"]
    asked = {"build": groups["build"], "runtime": runtime, "dev": [*runtime, *groups["dev"]]}
    return [Requirement(line) for line in asked[name]]


@pytest.mark.parametrize("name", ["build", "runtime", "dev"])
def test_every_direct_requirement_has_a_pin_that_satisfies_it(name, project):
    pins = pins_of(name)
    for requirement in asked_of(project, name):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)], prereleases=True), requirement


def test_what_the_fuzzer_needs_is_pinned_as_asked_and_clashes_with_nothing():
    asked = [Requirement(line) for line in (ROOT / "scripts/fuzzing/requirements.in").read_text().split("\n") if line]
    pins = pins_of("fuzzing")
    assert asked
    for requirement in asked:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)], prereleases=True), requirement
    shared = pins.keys() & pins_of("dev").keys()
    assert {name: pins[name] for name in shared} == {name: pins_of("dev")[name] for name in shared}


@pytest.mark.parametrize(("name", "least"), [("build", 6), ("runtime", 6), ("dev", 6), ("fuzzing", 1)])
def test_every_line_is_a_pin_with_hashes(name, least):
    entries = re.split(r"\n(?=[A-Za-z0-9])", text_of(name).strip())
    assert len(entries) >= least
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@pytest.mark.parametrize("name", ["build", "runtime", "dev", "fuzzing"])
def test_no_requirement_file_names_an_address(name):
    assert "://" not in text_of(name)


@pytest.mark.parametrize("smaller", ["runtime", "build"])
def test_what_is_tested_is_what_runs(smaller):
    tested = pins_of("dev")
    shared = {name: pin for name, pin in pins_of(smaller).items() if name in tested}
    assert {name: tested[name] for name in shared} == shared
    if smaller == "runtime":
        assert shared == pins_of("runtime")


def test_what_builds_the_project_is_among_the_hashed_tools(project):
    pins = pins_of("build")
    assert {canonicalize_name(Requirement(line).name) for line in project["build-system"]["requires"]} <= set(pins)
    assert {"setuptools", "wheel"} <= set(pins), "pyzk is published as source only and is built with these"
