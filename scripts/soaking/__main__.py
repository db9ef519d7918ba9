"""``scripts/soak``: a bad week of a simulated city, and what is left of it."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path
from typing import Final

from scripts.soaking.blows import KILLS
from scripts.soaking.showing import show
from scripts.soaking.soak import SoakOptions, soak

#: Seconds per kill where no length is given: long enough that a collector reads something in between.
_SECONDS_PER_KILL: Final = 5.0
_LEAST_SECONDS: Final = 60.0


def main() -> None:
    """Play, print, and end with 1 where something does not hold."""
    arguments = _parser().parse_args()
    if arguments.patroni:
        from scripts.soaking.patroni import soak_patroni  # noqa: PLC0415  needs packages that the rest does not

        sys.exit(soak_patroni(arguments.seed))
    options = _options(arguments)
    print(f"seed {options.seed}: repeat with scripts/soak --seed {options.seed} {_repeating(options)}", flush=True)
    sys.exit(0 if show(soak(options, keep=arguments.logs)) else 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeats a week: the same city, people, faults and blows")
    parser.add_argument("--kills", type=int, default=20, help="of collectors and of the database (default 20)")
    parser.add_argument("--terminals", type=int, default=12, help="of the city (default 12: one of each make)")
    parser.add_argument("--minutes", type=float, help="that the week is played in (default: 5 s for each kill)")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the collectors' logs there")
    parser.add_argument("--patroni", action="store_true", help="instead: three database nodes, the primary killed")
    return parser


def _options(arguments: argparse.Namespace) -> SoakOptions:
    seconds = 60.0 * arguments.minutes if arguments.minutes else arguments.kills * _SECONDS_PER_KILL
    seconds = max(_LEAST_SECONDS, seconds) if not arguments.minutes else seconds
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(1_000_000)
    if 0 < arguments.kills < len(KILLS):
        sys.exit(f"scripts/soak: --kills {arguments.kills} is too few: {len(KILLS)} at least, one of each way, or 0.")
    return SoakOptions(seed, seconds, arguments.kills, max(2, arguments.terminals), min(20.0, seconds / 3))


def _repeating(options: SoakOptions) -> str:
    return f"--kills {options.kills} --terminals {options.terminals} --minutes {options.seconds / 60:g}"


if __name__ == "__main__":
    main()
