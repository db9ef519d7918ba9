"""How much is measured: in full, or in a hurry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of all sections.

    Attributes:
        runs: of everything that is cheap.
        pyzk_runs: of pyzk's reads.
        read_records: lengths of the logs that are read.
        most_pyzk_records: pyzk reads no longer log than this; its time grows with the square.
        pyzk2_records: length of the log that pyzk2 reads.
        ingest_runs: of a whole ingest.
        ingest_devices, ingest_records: devices, and punches of each.
        ingest_at_once: whether one device's reading of all punches is ingested too.
        small_polls: polls of 25 punches, each in a transaction.
        terminals: in a sweep.
        sweep_runs: of a whole sweep.
        fleet: terminals of a large fleet; five times as many in its largest.
        touches: of people at live terminals, one after the other.
        memory_records: length of the log whose reading's memory is measured.
        judged_people: sizes of the cities whose month is judged.
        single_punches: punches that are judged one by one.
        reported_people: of the city whose day and month are reported, and whose portal is visited.
        found_people: of the city in which patterns are looked for.
        visits: of each portal page.
        visitors: at the same time.

    """

    runs: int = 3
    pyzk_runs: int = 3
    read_records: tuple[int, ...] = (10_000, 50_000, 100_000, 200_000)
    most_pyzk_records: int = 100_000
    pyzk2_records: int = 5_000
    ingest_runs: int = 3
    ingest_devices: int = 10
    ingest_records: int = 100_000
    ingest_at_once: bool = True
    small_polls: int = 300
    terminals: int = 500
    sweep_runs: int = 3
    fleet: int = 1_000
    touches: int = 1_000
    memory_records: int = 200_000
    judged_people: tuple[int, ...] = (1_000, 10_000)
    single_punches: int = 50
    reported_people: int = 10_000
    found_people: int = 1_000
    visits: int = 400
    visitors: int = 16


FULL = Plan()
QUICK = Plan(
    pyzk_runs=1,
    read_records=(10_000, 50_000),
    pyzk2_records=1_000,
    ingest_runs=1,
    ingest_records=20_000,
    ingest_at_once=False,
    small_polls=50,
    terminals=50,
    sweep_runs=1,
    fleet=100,
    touches=200,
    memory_records=50_000,
    judged_people=(500, 2_000),
    single_punches=10,
    reported_people=1_000,
    found_people=1_000,
    visits=100,
    visitors=8,
)
