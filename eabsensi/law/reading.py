"""Typed reading of one YAML value, with its place in the file for the sentence that refuses it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from typing import NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from eabsensi.errors import Problem

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACEHOLDER = re.compile(r"<[^<>]*>")
#: No number of the law is longer, and of thousands of digits Python makes no number at all.
_MOST_DIGITS = 18
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2})?")


class RefusedValueError(Exception):
    """A value of a policy file cannot be used; carries the problem, and is always caught by the loader."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Entry(NamedTuple):
    """One node of a policy file.

    Attributes:
        file: the file's path as a person knows it.
        key: dotted way to the node.
        node: the node, which knows its line.

    """

    file: str
    key: str
    node: Node

    def refuse(self, what: str, remedy: str) -> RefusedValueError:
        """Make the refusal of this entry: file, line and key, what is wrong, what to do."""
        line = self.node.start_mark.line + 1
        return RefusedValueError(Problem(f"{self.file} line {line}, {self.key}", what, remedy))

    def fields(self, required: Iterable[str] = (), optional: Iterable[str] | None = None) -> dict[str, Entry]:
        """Read a mapping, key to entry.

        Args:
            required: keys that must be there.
            optional: keys that may be there besides; None allows any.

        Raises:
            RefusedValueError: no mapping, or a key is missing, unknown or given twice.

        """
        if not isinstance(self.node, MappingNode):
            raise self.refuse("this must be a list of `key: value`.", "Write one key per line below it.")
        found: dict[str, Entry] = {}
        for key_node, node in self.node.value:
            if not isinstance(key_node, ScalarNode):
                raise self.refuse("a key here is a list.", "Write a word, a colon and its value.")
            entry = Entry(self.file, f"{self.key}.{key_node.value}" if self.key else str(key_node.value), node)
            if key_node.value in found:
                raise entry.refuse("this key stands here twice.", "Keep one of the two.")
            found[key_node.value] = entry
        self._check_keys(found, set(required), optional)
        return found

    def _check_keys(self, found: dict[str, Entry], required: set[str], optional: Iterable[str] | None) -> None:
        for key in sorted(required - found.keys()):
            raise self.refuse(f"the key `{key}` is missing.", _REMEDIES.get(key, f"Add `{key}:`."))
        if optional is None:
            return
        for key, entry in found.items():
            if key not in required and key not in set(optional):
                known = ", ".join(sorted(required | set(optional)))
                raise entry.refuse(f"the key `{key}` is unknown.", f"Use one of: {known}.")

    def items(self) -> list[Entry]:
        """Read a list that is not empty."""
        if not isinstance(self.node, SequenceNode) or not self.node.value:
            raise self.refuse("this must be a list with at least one item.", "Start each item with `- `.")
        return [Entry(self.file, f"{self.key}[{place}]", node) for place, node in enumerate(self.node.value, 1)]

    @property
    def is_null(self) -> bool:
        """Whether nothing, ``null`` or ``~`` stands here."""
        return isinstance(self.node, ScalarNode) and self.node.tag == "tag:yaml.org,2002:null"

    def text(self) -> str:
        """Read a text that is not empty and leaves nothing to be filled in."""
        if not isinstance(self.node, ScalarNode) or self.is_null or not self.node.value.strip():
            raise self.refuse("a text is missing here.", "Write it after the colon.")
        written = str(self.node.value.strip())
        if left := _PLACEHOLDER.search(written):
            raise self.refuse(f"`{left[0]}` is still to be filled in.", "Write what the decree or circular says there.")
        return written

    def choice(self, allowed: Iterable[str]) -> str:
        """Read one of the allowed words."""
        word, words = self.text(), list(allowed)
        if word not in words:
            raise self.refuse(f"`{word}` is not allowed here.", f"Use one of: {', '.join(words)}.")
        return word

    def truth(self) -> bool:
        """Read true or false."""
        return self.choice(("true", "false")) == "true"

    def whole(self) -> int:
        """Read a whole number that is not negative."""
        written = self.text()
        if not written.isascii() or not written.isdigit() or len(written) > _MOST_DIGITS:
            raise self.refuse(f"`{written}` is no whole number.", "Write digits only.")
        return int(written)

    def day(self) -> date:
        """Read a calendar date."""
        return self.day_of(self.text())

    def day_of(self, written: str) -> date:
        """Read ``written`` as a calendar date, refusing those that no calendar has."""
        if not _DATE.fullmatch(written):
            raise self.refuse(f"`{written}` is no date.", "Write it as YYYY-MM-DD.")
        try:
            return date.fromisoformat(written)
        except ValueError:
            raise self.refuse(f"`{written}` is not in any calendar.", "Write a date that exists.") from None

    def clock(self) -> time:
        """Read a wall-clock time."""
        return self.clock_of(self.text())

    def clock_of(self, written: str) -> time:
        """Read ``written`` as HH:MM or HH:MM:SS."""
        try:
            if _TIME.fullmatch(written):
                return time.fromisoformat(written)
        except ValueError:
            pass
        raise self.refuse(f"`{written}` is no time of day.", "Write it as HH:MM, from 00:00 to 23:59.")


_REMEDIES = {
    "citation": "Add `citation:` with instrument, article, source and confidence.",
    "unit": "Add `unit:`, so that nobody has to guess what the number means.",
    "from": "Add `from:` with the first day on which the value holds, as YYYY-MM-DD.",
}
