"""``openapi.json``: what the lists answer, as it is and not as the framework supposes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_ABOUT = """\
Attendance of the city's employees, for e-Kinerja and payroll. Every call brings a token
(`Authorization: Bearer TOKEN`); it sees what its role and unit see in the portal, and the audit trail keeps what was
read.

A list comes in pages: `rows` are the objects of the command line's JSON, `next` is the cursor of the next page.
`complete` says that nothing unread can change any row of the whole list. An answer carries an `ETag`; sent back as
`If-None-Match` it spares the rows while they are the same.
"""


def describe(app: FastAPI) -> None:
    """Make the application describe its API."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as the framework's own manual has it


def _schema(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title="eabsensi", version=app.version, description=_ABOUT, routes=app.routes)
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # a wrong value is answered with 400
    for name in ("HTTPValidationError", "ValidationError"):
        schema["components"]["schemas"].pop(name, None)
    return schema
