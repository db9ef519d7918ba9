"""How long a terminal waits for its next reading after the collector that read it was killed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

import psycopg

from scripts.soaking.collectors import Blow

#: The terminals that a collector had read last when it was hit, and when anybody tried the next time.
_GAPS: Final = """
    WITH last AS (
        SELECT DISTINCT ON (device_id) device_id, collector FROM poll
        WHERE finished_at <= %(at)s ORDER BY device_id, finished_at DESC
    )
    SELECT EXTRACT(epoch FROM min(poll.started_at) - %(at)s)
    FROM last JOIN poll USING (device_id)
    WHERE split_part(last.collector, ':', 2) = %(pid)s AND poll.started_at > %(at)s
      AND split_part(poll.collector, ':', 2) <> %(pid)s
    GROUP BY device_id
"""


def takeovers(url: str, blows: Sequence[Blow]) -> list[float]:
    """Give the seconds from each kill to the next reading of each terminal that the killed one had read last."""
    with closing(psycopg.connect(url)) as connection:
        return sorted(
            float(gap)
            for blow in blows
            if blow.how == "killed"
            for (gap,) in connection.execute(_GAPS, {"at": datetime.fromtimestamp(blow.at, UTC), "pid": str(blow.pid)})
        )
