"""Which present days have an arrival that is not known yet, as the database says it."""

from __future__ import annotations


def arrival_unknown(late: str, no_in: str) -> str:
    """Give the condition, of ``status``, ``complete`` and ``document``, as ``eabsensi/reports/standings.py`` has it.

    Args:
        late: the condition of a late code.
        no_in: that of a missing arrival.

    """
    return f"status = 'present' AND NOT complete AND document IS NULL AND {no_in} AND NOT {late}"
