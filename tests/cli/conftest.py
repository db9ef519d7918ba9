"""Runs the real command, in this process, on a real database and real files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eabsensi.cli.main import app


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Program:
    """eabsensi with its settings."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.devices_file = folder / "devices.yaml"
        self.environment = {
            "EABSENSI_HOME": str(folder / "home"),
            "EABSENSI_DATABASE_URL": database,
            "EABSENSI_DEVICES": str(self.devices_file),
            "EABSENSI_POLICY": "",
        }

    def __call__(self, *arguments: object) -> Outcome:
        result = CliRunner().invoke(app, [str(item) for item in arguments], env=self.environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def program(tmp_path, database) -> Program:
    return Program(tmp_path, database)


UNITS = "code,name,parent,kind,pattern,timezone\nKOTA,Pemerintah Kota,,kota,5-day,Asia/Jakarta\n"
UNITS += "DINKES,Dinas Kesehatan,KOTA,dinas,5-day,\nPKM1,Puskesmas Satu,DINKES,upt,6-day,\n"
EMPLOYEES = (
    "nip,name,kind,rank,position,unit,since\n"
    "198503172010012003,Budi Santoso,PNS,III/c,Analis,DINKES,2024-01-01\n"
    "199001022015032004,Siti Aminah,PNS,III/a,Perawat,PKM1,2024-01-01\n"
)
DEVICES = "devices:\n  - serial: AAA111\n    unit: DINKES\n    host: 10.0.0.1\n    in_use_since: 2020-01-01\n"
DEVICES += "  - serial: BBB222\n    unit: PKM1\n    host: 10.0.0.2\n    transport: udp\n    in_use_since: 2020-01-01\n"


@pytest.fixture
def city(program) -> Program:
    """A program with units, two employees, two devices and their enrolments."""
    program.devices_file.write_text(DEVICES)
    assert program("unit", "import", program.write("units.csv", UNITS)).code == 0
    assert program("employee", "import", program.write("employees.csv", EMPLOYEES)).code == 0
    assert program("device", "enable", "AAA111").code == 0  # brings devices.yaml into the database
    enrolments = (
        "serial,pin,nip,from,to\n*,7,198503172010012003,2024-01-01,\nAAA111,007,199001022015032004,2024-01-01,\n"
    )
    assert program("enrolment", "import", program.write("enrolments.csv", enrolments)).code == 0
    return program
