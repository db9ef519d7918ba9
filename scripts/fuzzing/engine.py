"""One target under Atheris, which never gives control back: a process of its own."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["eabsensi", "scripts.fuzzing"], enable_loader_override=False):
    from scripts.fuzzing import targets


def main() -> None:
    """Fuzz ``argv[1]``; what follows are libFuzzer's own options."""
    name = sys.argv[1]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda written: targets.run(name, written))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
