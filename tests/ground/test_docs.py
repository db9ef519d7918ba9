"""The pages say what the program does: every alarm is explained, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from eabsensi.cli.main import app
from eabsensi.devices import errors

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def family(kind: type[errors.DeviceError]) -> set[type[errors.DeviceError]]:
    return {kind}.union(*(family(child) for child in kind.__subclasses__()))


def test_every_way_a_terminal_can_fail_is_explained_in_the_operations_page():
    page = (ROOT / "docs/operations.md").read_text()
    ours = {kind for kind in family(errors.DeviceError) if kind.__module__ == errors.__name__}
    kinds = {kind.kind for kind in ours} - {"device_error", "cancelled"}
    assert len(kinds) > 5
    missing = {kind for kind in kinds if f"`{kind}`" not in page}
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_decision_has_its_parts():
    decisions = sorted((ROOT / "docs/decisions").glob("0*.md"))
    assert [page.name[:4] for page in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for page in decisions:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
        assert headings[:3] == ["Context", "Decision", "Consequences"], page.name


def commands_in(page: Path) -> list[str]:
    """Every call of eabsensi that stands in a code block or, whole, between backticks."""
    text = page.read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    spans = re.findall(r"(?<!`)`(eabsensi [a-z][^`…]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    calls = [found[1] for line in lines if (found := re.match(r"(?:sudo )?(eabsensi [a-z].*?)(?:\s+#.*)?$", line))]
    return list(dict.fromkeys([*calls, *spans]))


def resolve(call: str):
    """Walk from the program to the command that is called; give it, and the words that are left."""
    words = shlex.split(call.replace("[", " ").replace("]", " "), comments=True)[1:]
    command = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    return command, words


@pytest.mark.parametrize(
    "call",
    list(dict.fromkeys(call for page in PAGES for call in commands_in(page))),
    ids=str,
)
def test_every_command_that_a_page_shows_exists_with_its_options(call):
    command, words = resolve(call)
    assert not hasattr(command, "commands"), f"no such command: {call}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_a_command_that_does_not_exist_would_be_noticed():
    command, _ = resolve("eabsensi device clear SERIAL")
    assert hasattr(command, "commands")
