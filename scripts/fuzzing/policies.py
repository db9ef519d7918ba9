"""Policy files: the law loader, file by file and over the files together."""

from __future__ import annotations

from typing import Final

from eabsensi.law import loader

#: The first byte chooses what a file may hold; the folder is never read.
_KINDS: Final = (loader._LOCAL, loader._NATIONAL)  # noqa: SLF001 - a whole policy at every run would be a run a second


def policy(written: bytes) -> None:
    """Read one policy file, and hold together what it says."""
    parameters = _KINDS[(written[:1] or b"\x00")[0] % len(_KINDS)]
    draft = loader._Draft(loader.SHIPPED / "kota-jambi")  # noqa: SLF001 - as above
    loader._read_file("rules.yaml", written[1:], parameters, draft)  # noqa: SLF001 - as above
    loader._check_whole(draft, draft.folder)  # noqa: SLF001 - as above
    for problem in draft.problems:
        assert len(str(problem)) < 10_000
