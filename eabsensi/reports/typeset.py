"""Sets one document in a process of its own: typst keeps what it allocates, and a huge table must not take the server.

Run as a script by :mod:`eabsensi.reports.daily_pdf`; reads its order as JSON from standard input and imports nothing
of eabsensi, so that it starts fast.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import datetime

OUT_OF_BOUNDS = 3  # exit code where typst itself refuses the document


def main() -> int:
    """Compile a template with its inputs into a PDF/A-2b; the order names template, inputs, output, memory and time."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory_bytes"], order["memory_bytes"]))
    import typst  # noqa: PLC0415  # after the limit, so that everything it maps counts

    try:
        compiler = typst.Compiler(
            input=order["template"],
            font_paths=typst.Fonts(include_system_fonts=False),
            sys_inputs={"report": json.dumps(order["report"], ensure_ascii=False)},
        )
        compiler.compile(
            output=order["output"],
            format=order.get("format", "pdf"),
            pdf_standards=["a-2b"],
            # tags make a bulk table 26 times as large
            pdf_tags=False,
            timestamp=datetime.fromisoformat(order["as_of"]),
        )
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n")
        return OUT_OF_BOUNDS
    return 0


if __name__ == "__main__":
    sys.exit(main())
