"""Running eabsensi's own commands as a person would."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eabsensi.errors import EabsensiError

Say = Callable[[str], None]
#: 0 done, 3 done in part: in this city one terminal is offline by design.
EXPECTED: Final = frozenset({0, 3})


class DemoFailedError(EabsensiError):
    """A command of the demonstration failed."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs eabsensi's own commands as a person would."""

    folder: Path
    environment: dict[str, str]
    say: Say

    def run(self, *words: str, shown: bool = True, given: str | None = None) -> str:
        """Run one command and give what it printed.

        Args:
            words: the command's.
            shown: say the command and what it printed.
            given: its standard input.

        Raises:
            DemoFailedError: it did not end as it should.

        """
        if shown:
            self.say(f"\n$ eabsensi {shlex.join(words)}")
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            [sys.executable, "-m", "eabsensi", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            input=given,
            text=True,
            check=False,
        )
        if done.returncode not in EXPECTED:
            raise DemoFailedError(f"eabsensi {shlex.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
        if shown:
            self.say((done.stdout + done.stderr).rstrip())
        return done.stdout
