"""``python -m eabsensi`` is the same program as ``eabsensi``."""

from eabsensi.cli.main import main

main()
