"""Sets a document as PDF in a process of its own, whatever the report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eabsensi.errors import EabsensiError
from eabsensi.reports import typeset

_MEMORY_MOST = 4096 << 20


class TypesettingError(EabsensiError):
    """A PDF could not be set."""


def set_document(
    template: Path, document: Mapping[str, Any], path: Path, *, made_at: datetime, pages: int, memory_bytes: int
) -> None:
    """Set a document to ``path``.

    Args:
        template: a typst file beside ``common.typ``.
        document: everything that the template prints, as words.
        path: of the PDF.
        made_at: the date of the file, so that the same report gives the same bytes.
        pages: roughly how many it will have, for the message where they are too many.
        memory_bytes: what its process may use; bounded.

    Raises:
        TypesettingError: the document is too large for one process, or typst refuses it.

    """
    order = {
        "template": str(template),
        "report": document,
        "output": str(path),
        "as_of": made_at.replace(microsecond=0).isoformat(),
        "memory_bytes": min(_MEMORY_MOST, memory_bytes),
    }
    done = subprocess.run(  # noqa: S603  # our own script and interpreter, no shell
        [sys.executable, "-P", typeset.__file__],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == typeset.OUT_OF_BOUNDS:
        raise TypesettingError(f"The PDF could not be set: {done.stderr.strip()}.", remedy="Report this as a defect.")
    if done.returncode:
        raise TypesettingError(
            f"The PDF of about {pages} pages could not be set: its process ended with {done.returncode}, saying "
            f"{(done.stderr.strip().splitlines() or ['nothing'])[-1]!r}.",
            remedy="Give --unit, or let -o name a folder, which gets one PDF per unit.",
        )


def file_part(code: str) -> str:
    """Give a unit's code as it may stand in a file name."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in code)
