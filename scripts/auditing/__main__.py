"""Audit what requirements/ pins: `licences` compares with a list, `vulnerabilities` asks a public service by uv."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

_ROOT: Final = Path(__file__).parents[2]
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;]+)(?: *; *([^\\]+))?", re.MULTILINE)
#: Licences under which something may be combined with GPL-2.0-or-later; Apache-2.0 and LGPL-3.0 by way of version 3.
_ALLOWED: Final = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "PSF-2.0", "Apache-2.0"),
    *("MPL-2.0", "LGPL-3.0-only", "GPL-2.0-or-later"),
}
#: What the older way of saying it means; from the packages' own licence files where the classifier is vague.
_CLASSIFIERS: Final = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_READ: Final = {  # packages that say nothing in their metadata: what their LICENSE file says
    "axe-playwright-python": "MIT",
    "psutil": "BSD-3-Clause",
    "pyzk": "GPL-2.0-or-later",
    "pyzk2": "GPL-2.0-or-later",
    "tzdata": "Apache-2.0",
}
_NOT_REACHED: Final = re.compile(r"dns error|error sending request|client error|timed out|connect", re.IGNORECASE)


def main(what: str, *options: str) -> int:
    """Run one of the two audits; gives the exit code."""
    audits: dict[str, Callable[..., int]] = {"licences": _audit_licences, "vulnerabilities": _audit_vulnerabilities}
    return audits[what](*options)


def _audit_licences() -> int:
    """Name every installed pinned package whose licence is not on the list."""
    seen, bad = 0, []
    for name in sorted({found[1] for file in ("build", "runtime", "dev") for found in _PIN.finditer(_text(file))}):
        try:
            licence = _READ.get(name) or _licence(metadata(name))
        except PackageNotFoundError:
            continue  # for another Python or another system
        seen += 1
        if not _is_allowed(licence):
            bad.append(f"{name}: {licence or 'says no licence'}")
    print("\n".join([f"{seen} packages, {len(bad)} with a licence that is not on the list", *bad]))
    return 1 if bad or not seen else 0


def _licence(told: PackageMetadata) -> str:
    classifiers = [
        line.rpartition(" :: ")[2] for line in told.get_all("Classifier") or [] if line.startswith("License")
    ]
    known = [_CLASSIFIERS[line] for line in classifiers if line in _CLASSIFIERS]
    return str(told.get("License-Expression") or " OR ".join(known) or told.get("License") or "")


def _is_allowed(expression: str) -> bool:
    """Tell whether one choice of an SPDX expression has nothing but allowed licences in it."""
    try:
        choices = canonicalize_license_expression(expression).split(" OR ")
    except InvalidLicenseExpression:
        return False
    return any(set(choice.strip("() ").split(" AND ")) <= _ALLOWED for choice in choices)


def _audit_vulnerabilities(*options: str) -> int:
    """Ask about every pin; where no service answers, say so, and claim nothing. Options go to ``uv audit``."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "pinned.py"
        pins = [f'#   "{name}=={pin}{f"; {when.strip()}" if when else ""}",' for name, pin, when in _pins("dev")]
        head = ["# /// script", '# requires-python = ">=3.11"', "# dependencies = ["]
        script.write_text("\n".join([*head, *pins, "# ]", "# ///", ""]))
        words = ["audit", "--quiet", "--preview", "--output-format", "json", "--script", str(script), *options]
        done = subprocess.run(  # noqa: S603 - uv of this environment
            [_uv(), *words], capture_output=True, text=True, check=False, cwd=folder
        )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return _not_answered(done.stderr.strip())
    return _answered(answer)


def _not_answered(told: str) -> int:
    if _NOT_REACHED.search(told):
        print("not asked: no service reachable, so nothing is known about vulnerabilities")
        return 0
    print(f"the audit itself failed: {told or 'uv says nothing'}")
    return 1


def _answered(answer: dict[str, Any]) -> int:
    """Say one sentence of each advisory."""
    asked, advisories = answer["summary"]["audited_packages"], answer["vulnerabilities"]
    adverse = [f"Of ill repute: {json.dumps(one)}." for one in answer["adverse_statuses"]]
    said = [*map(_sentence, advisories), *adverse]
    print("\n".join([f"{asked} packages asked about, known vulnerabilities: {len(advisories)}", *said]))
    return 1 if said or not asked else 0


def _sentence(advisory: dict[str, Any]) -> str:
    what = advisory["dependency"]
    names = ", ".join(dict.fromkeys([advisory["id"], *advisory["aliases"]]))
    fixed = ", ".join(advisory["fix_versions"])
    remedy = f"Fixed in {fixed}: scripts/lock --upgrade." if fixed else "No version mends it yet."
    summary = (advisory["summary"] or "no summary").strip().rstrip(".")
    return f"{what['name']} {what['version']} has a known vulnerability, {names}: {summary}. {remedy}"


def _uv() -> str:
    return str(Path(sys.executable).with_name("uv"))


def _pins(file: str) -> list[tuple[str, str, str]]:
    return [(found[1], found[2], found[3] or "") for found in _PIN.finditer(_text(file))]


def _text(file: str) -> str:
    return (_ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
