"""The audit of dependencies: an advisory is one sentence and fails, none passes, a silent service is said to be one.

uv itself asks, a folder of two invented packages stands for the registry and a server of ours for the advisory service.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import scripts.auditing.__main__ as auditing  # noqa: E402 - the scripts are no installed package

ADVISORY = {
    "id": "GHSA-rapuh-0001",
    "aliases": ["CVE-2026-0001"],
    "summary": "Runs what a stranger sends.",
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "rapuh"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Service(BaseHTTPRequestHandler):
    """Answers as OSV does: about rapuh there is an advisory, about nothing else."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = {"vulns": [{"id": ADVISORY["id"], "modified": ADVISORY["modified"]}]}
        self.answer({"results": [known if one["package"]["name"] == "rapuh" else {} for one in asked["queries"]]})

    def do_GET(self) -> None:
        self.answer(ADVISORY)

    def answer(self, words: object) -> None:
        body = json.dumps(words).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing on a test's stderr."""


@pytest.fixture
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of nobody: the port is taken, and nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("rapuh", "sehat"):
        with zipfile.ZipFile(tmp_path / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(
                f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def audit(monkeypatch: pytest.MonkeyPatch, packages: Path, address: str, *pinned: str) -> int:
    monkeypatch.setattr(auditing, "_pins", lambda _: [(name, "1.0", "") for name in pinned])
    return auditing.main(
        "vulnerabilities", "--no-index", "--find-links", str(packages), "--service-url", address, "--no-config"
    )


def test_an_advisory_is_one_sentence_with_package_and_name_and_fails(monkeypatch, packages, service, capsys):
    assert audit(monkeypatch, packages, service, "sehat", "rapuh") == 1
    assert capsys.readouterr().out.splitlines() == [
        "2 packages asked about, known vulnerabilities: 1",
        (
            "rapuh 1.0 has a known vulnerability, GHSA-rapuh-0001, CVE-2026-0001: Runs what a stranger sends. "
            "Fixed in 1.1: scripts/lock --upgrade."
        ),
    ]


def test_no_advisory_passes_and_says_how_many_were_asked_about(monkeypatch, packages, service, capsys):
    assert audit(monkeypatch, packages, service, "sehat") == 0
    assert capsys.readouterr().out == "1 packages asked about, known vulnerabilities: 0\n"


def test_a_service_out_of_reach_is_said_to_be_one(monkeypatch, packages, silent, capsys):
    assert audit(monkeypatch, packages, silent, "rapuh") == 0
    assert capsys.readouterr().out.startswith("not asked: no service reachable")


def test_an_audit_that_cannot_be_made_is_no_good_news(monkeypatch, packages, service, capsys):
    assert audit(monkeypatch, packages, service, "nowhere") == 1
    told = capsys.readouterr().out
    assert told.startswith("the audit itself failed")
    assert "nowhere" in told
