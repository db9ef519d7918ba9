"""The bench's portal: the product's own with one more page, that does nothing. Called with a URL; prints its port."""

from __future__ import annotations

import sys

from fastapi.responses import PlainTextResponse
from starlette.routing import Route

from eabsensi.access.doorkeeper import Doorkeeper
from eabsensi.clock import SystemClock
from eabsensi.law.loader import load_policy
from eabsensi.portal.app import create_app
from eabsensi.portal.desk import Desk
from eabsensi.portal.serving import open_door, serve
from eabsensi.store.database import Store

NOTHING = "/nothing"


def main() -> None:
    """Serve until told to stop."""
    store, clock = Store.at(sys.argv[1]), SystemClock()
    app = create_app(Desk(store, load_policy(), clock, Doorkeeper(store, clock)))
    app.router.routes.insert(0, Route(NOTHING, lambda _: PlainTextResponse("nothing\n")))
    with open_door("127.0.0.1", 0) as door:
        print(door.getsockname()[1], flush=True)
        serve(app, door)


if __name__ == "__main__":
    main()
