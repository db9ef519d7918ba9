"""Processes beside the bench: the terminals in one of their own, and others whose peak memory is to be known.

Both sides speak lines of JSON. The simulator never shares the interpreter lock of what is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]


class TerminalProcess:
    """Simulated terminals in a process of their own; leaving the context ends it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scripts.benchmarks.terminal_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def add(self, **config: Any) -> dict[str, Any]:
        """Put up one terminal; give its ``index``, ``serial``, ``host`` and ``port``."""
        return self.add_all([config])[0]

    def add_all(self, configs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Put up terminals, each described by arguments of ``TerminalConfig``."""
        terminals: list[dict[str, Any]] = self._ask("add", configs=configs)
        return terminals

    def punch(self, index: int, count: int) -> None:
        """Let people punch at a terminal."""
        self._ask("punch", index=index, count=count)

    def touch(self, index: int, pin: str) -> None:
        """Let somebody punch now."""
        self._ask("touch", index=index, pin=pin)

    def open_sessions(self) -> int:
        """Count the sessions that are open on all terminals together."""
        return int(self._ask("open_sessions"))

    def go_offline(self, indices: list[int], how: str) -> None:
        """Unplug terminals: ``refuse`` or ``vanish``."""
        self._ask("go_offline", indices=indices, how=how)

    def reset(self, index: int) -> None:
        """Let a terminal count from nought."""
        self._ask("reset", index=index)

    def counters(self, index: int) -> dict[str, int]:
        """Give what a terminal has counted."""
        counted: dict[str, int] = self._ask("counters", index=index)
        return counted

    def bare_port(self) -> int:
        """Give the port that sends as many bytes as an 8-byte number asks for, without any protocol."""
        return int(self._ask("bare"))

    def _ask(self, what: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None, "made with pipes"
        assert self._process.stdout is not None, "made with pipes"
        print(json.dumps({"what": what, **arguments}), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("The process of the simulated terminals has ended.")
        return json.loads(answer)


def run_apart(module: str, **task: Any) -> dict[str, Any]:
    """Run ``scripts.benchmarks.<module>`` on a task in a fresh process, so that its peak memory is its own."""
    finished = subprocess.run(  # noqa: S603  our own module under this interpreter
        [sys.executable, "-m", f"scripts.benchmarks.{module}", json.dumps(task)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return told


def memory_mib(field: str) -> float:
    """Read ``VmHWM`` (peak) or ``VmRSS`` (present) of this process; the resource module's peak is inherited."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}.")
