"""Boot the Debian, make the checks in their order, and print what each one saw."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from scripts.booting.checks import CHECKS
from scripts.booting.container import CommandFailedError, Container
from scripts.booting.root import CannotBootError, make_root, why_not
from scripts.booting.terminals import Terminals
from scripts.booting.trial import NotSoError, Trial

SKIPPED = 77


def main() -> int:
    """Make the checks.

    Returns:
        0 where all is as it should be, 1 where something is not, 77 where this machine cannot boot a Debian.

    """
    parser = argparse.ArgumentParser(prog="scripts/boot", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the Debian running where a check fails, until Enter")
    asked = parser.parse_args()
    if reason := why_not():
        print(f"boot: skipped: {reason}")
        return SKIPPED
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends it, everything is taken away
    began = time.monotonic()
    try:
        root = make_root()
    except CannotBootError as error:
        print(f"boot: skipped: {error}")
        return SKIPPED
    print(f"{'Debian made, or found':<28} {time.monotonic() - began:6.1f} s", flush=True)
    with Container.on(root) as debian, Terminals(debian.in_network()) as terminals:
        is_good = _check_all(Trial(debian, terminals))
        if asked.keep and not is_good:
            input("boot: Enter ends it: ")
    print(f"boot: {'all good' if is_good else 'FAILED'}, {time.monotonic() - began:.0f} s")
    return 0 if is_good else 1


def _check_all(trial: Trial) -> bool:
    for name, check in CHECKS.items():
        began = time.monotonic()
        try:
            seen, is_good = check(trial), True
        except (NotSoError, CommandFailedError, CannotBootError, TimeoutError) as error:
            seen, is_good = f"NOT SO: {error}", False
        print(f"{name:<28} {time.monotonic() - began:6.1f} s  {seen}", flush=True)
        if not is_good:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
