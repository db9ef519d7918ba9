"""What the checks share: the Debian, the terminals, the documentation's own commands, the secrets planted."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from scripts.booting.container import Container, until
from scripts.booting.root import CHECKOUT
from scripts.booting.terminals import COMM_KEY, Terminals

OPERATIONS: Final = "operations.md"
PORTAL: Final = "portal.md"
#: As the documentation has it.
SITE: Final = "absensi.example.go.id"
ADDRESS: Final = f"https://{SITE}"
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class NotSoError(Exception):
    """A check found something else than what it should be; the message says what."""


@dataclass
class Trial:
    """One run of all checks.

    Attributes:
        debian: the container.
        terminals: on the wall.
        secrets: what must be found nowhere, by what it is.
        password: of the account ``ani``.

    """

    debian: Container
    terminals: Terminals
    secrets: dict[str, str] = field(default_factory=lambda: {"comm key": str(COMM_KEY)})
    password: str = field(default_factory=lambda: f"rahasia-{secrets.token_hex(8)}")

    def run_block(self, page: str, begin: str) -> str:
        """Run the block of a documentation's page that begins with a line."""
        blocks = [block for block in _BLOCK.findall(_read(page)) if block.startswith(begin)]
        require(len(blocks) == 1, f"docs/{page} has {len(blocks)} blocks that begin with `{begin}`")
        return self.debian.run(f"set -e\n{blocks[0]}")

    def run_line(self, page: str, line: str, *, instead: dict[str, str] | None = None, written: str = "") -> str:
        """Run a line that a documentation's page has, with another value in place of some words."""
        require(line in _read(page), f"docs/{page} has no line `{line}`")
        for word, value in (instead or {}).items():
            require(word in line, f"`{line}` has no {word}")
            line = line.replace(word, value)
        return self.debian.run(line, written=written)

    def query(self, statement: str) -> Any:
        """Ask the database as its superuser; gives the one value, which is JSON."""
        told = self.debian.run("sudo -u postgres psql -qXAt -d eabsensi -v ON_ERROR_STOP=1", written=statement)
        return json.loads(told.strip() or "null")

    def holders(self) -> set[str]:
        """Give who holds leases on terminals, those that have run out included."""
        return set(self.query("SELECT json_agg(DISTINCT holder) FROM device_lease") or [])

    def stored(self) -> list[list[str]]:
        """Give every punch that is stored: serial, PIN, time."""
        rows = self.query(
            "SELECT json_agg(json_build_array(serial, pin, device_time::text)) FROM punch JOIN device ON id = device_id"
        )
        return sorted(rows or [])

    def lost_or_doubled(self) -> str:
        """Compare what is stored with what was ever punched; empty where it is the same."""
        truth, stored = (Counter(map(tuple, rows)) for rows in (self.terminals.order("truth"), self.stored()))
        wrong = [*(truth - stored), *(stored - truth)]
        counts = f"{truth.total()} were punched, {stored.total()} are stored"
        return f"{counts}; {len(wrong)} differ, e.g. {' '.join(min(wrong))}" if wrong else ""

    def wait_until_stored(self, seconds: float, nudge: str = "true") -> str:
        """Wait until everything that was ever punched is stored, each once, and give how much that is.

        Args:
            seconds: how long.
            nudge: a command that is run before each look.

        Raises:
            NotSoError: it never was; tells what differs.

        """
        with contextlib.suppress(TimeoutError):
            until(lambda: self.debian.try_run(nudge) and not self.lost_or_doubled(), seconds, "all is stored")
        wrong = self.lost_or_doubled()
        require(not wrong, f"{wrong}\n{self.debian.try_run(nudge).stdout}")
        return f"{len(self.stored())} punches, each once"

    def journal(self, unit: str = "") -> list[dict[str, Any]]:
        """Give the journal's entries of a unit, or of everything."""
        chosen = f"--unit={unit}" if unit else ""
        lines = self.debian.run(f"journalctl --no-pager --all --output=json {chosen}").splitlines()
        return [json.loads(line) for line in lines]

    def events(self, unit: str) -> list[dict[str, Any]]:
        """Give what a service itself has logged; each of its lines has to be JSON."""
        own = [entry for entry in self.journal(unit) if entry.get("_TRANSPORT") == "stdout"]
        return [json.loads(entry["MESSAGE"]) for entry in own if str(entry["MESSAGE"]).startswith("{")]


def require(is_so: object, otherwise: str) -> None:
    """Go on only where something is so.

    Raises:
        NotSoError: it is not.

    """
    if not is_so:
        raise NotSoError(otherwise)


def _read(page: str) -> str:
    return (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
