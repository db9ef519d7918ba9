"""The portal as one ASGI application: pages for people, ``/api/v1`` for programs."""

from __future__ import annotations

from importlib.resources import as_file, files

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from eabsensi import __version__
from eabsensi.portal import failing
from eabsensi.portal.api import describing, figures, registers
from eabsensi.portal.api import findings as findings_for_programs
from eabsensi.portal.desk import Desk
from eabsensi.portal.headers import RequestLimits, SecurityHeaders
from eabsensi.portal.pages import (
    accounts,
    closing,
    devices,
    documents,
    door,
    downloads,
    findings,
    health,
    listings,
    months,
    people,
    single_sign_on,
    today,
    tokens,
    trail,
    unmapped,
    upload,
    verify,
    years,
)

_PAGES = (
    health.router,
    door.router,
    today.router,
    people.router,
    months.router,
    years.router,
    closing.router,
    upload.router,  # before the papers, whose number its path would be
    documents.router,
    unmapped.router,
    devices.router,
    downloads.router,
    findings.router,
    listings.router,
    accounts.router,
    tokens.router,
    trail.router,
    verify.router,
    single_sign_on.router,
)
_API = (figures.router, registers.router, findings_for_programs.router)


def create_app(desk: Desk) -> FastAPI:
    """Put the portal together around its tools."""
    app = FastAPI(
        title="eabsensi",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
    )
    app.state.desk = desk
    failing.install(app)
    for router in _PAGES:
        app.include_router(router, include_in_schema=False)
    for router in _API:
        app.include_router(router, prefix="/api/v1")
    describing.describe(app)
    with as_file(files("eabsensi.portal").joinpath("static")) as static:
        app.mount("/static", StaticFiles(directory=static), name="static")
    app.add_middleware(RequestLimits)
    # The highest level takes three times as long for a tenth less.
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(SecurityHeaders, secure=desk.secure)
    return app
