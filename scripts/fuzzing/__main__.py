"""``scripts/fuzz [TARGET ...] [--seconds N]``."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.fuzzing.seeds import CASES, ROOT, seeds_of
from scripts.fuzzing.targets import TARGETS

#: Out of bounds: more memory than any input of a few kilobytes can need, or more seconds.
MOST_MEGABYTES = 1_024
MOST_SECONDS_EACH = 10
LONGEST_INPUT = 16_384


def main() -> int:
    """Fuzz each target for its time; 1 where something crashed."""
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", description="Coverage-guided fuzzing of what reads foreign bytes."
    )
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all where none is named"
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was found interesting, for the next run")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.targets if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: Atheris is not installed; scripts/fuzz installs it where there is a wheel", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="eabsensi-fuzz-") as scratch:
        corpus = arguments.corpus or Path(scratch)
        crashed = [name for name in arguments.targets or TARGETS if not _fuzz(name, arguments.seconds, corpus)]
    if crashed:
        print(
            f"Crashes in {', '.join(crashed)}; they lie in {CASES.relative_to(ROOT)}/, where tests/fuzz replays them."
        )
    return 1 if crashed else 0


def _fuzz(name: str, seconds: int, corpus: Path) -> bool:
    """Run one target; tell whether it stood."""
    folder = corpus / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(name)):
        (folder / f"seed-{number}").write_bytes(seed)
    (CASES / name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "scripts.fuzzing.engine", name, str(folder)]
    options = {
        "max_total_time": seconds,
        "max_len": LONGEST_INPUT,
        "timeout": MOST_SECONDS_EACH,
        "rss_limit_mb": MOST_MEGABYTES,
        "artifact_prefix": f"{CASES / name}/",
        "print_final_stats": 1,
    }
    ended = subprocess.run(  # noqa: S603 - our own program
        [*command, *(f"-{option}={value}" for option, value in options.items())],
        cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    figures = dict(
        line.removeprefix("stat::").split(":", 1) for line in ended.stdout.splitlines() if line.startswith("stat::")
    )
    runs, peak = (figures.get(key, "?").strip() for key in ("number_of_executed_units", "peak_rss_mb"))
    print(
        f"{name:14} {'stood' if not ended.returncode else 'CRASHED':8} {runs:>10} inputs  {peak:>5} MB at most",
        flush=True,
    )
    if ended.returncode:
        print("\n".join(ended.stdout.splitlines()[-40:]), flush=True)
    if not any((CASES / name).iterdir()):
        (CASES / name).rmdir()
    return not ended.returncode


if __name__ == "__main__":
    sys.exit(main())
