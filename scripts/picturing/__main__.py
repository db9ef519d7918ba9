"""Take the guides' pictures: fill a private PostgreSQL with the invented city, serve the portal, visit its pages."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from eabsensi.access.doorkeeper import Doorkeeper
from eabsensi.devices.simulator.fleet import Fleet
from eabsensi.law.policy import Policy
from eabsensi.portal.app import create_app
from eabsensi.portal.desk import Desk
from eabsensi.portal.serving import configure, open_door
from eabsensi.store.binaries import find_bindirs
from eabsensi.store.database import Store
from eabsensi.store.server import PrivateServer
from scripts.picturing.camera import Camera, open_browser
from scripts.picturing.city import HASHER, GuideCity, fill, invented_policy
from scripts.picturing.scenes import play

FOLDER: Final = Path(__file__).parents[2] / "docs" / "gambar"
#: As a city would set it; it is printed beside the verification code.
ADDRESS: Final = "https://absensi.muarosekoja.example"


def main() -> None:
    """Take all pictures, or those that are named; or serve the city for a look around."""
    parser = argparse.ArgumentParser(prog="scripts/pictures", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help="take these pictures only, e.g. hari-ini")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they go; docs/gambar by default")
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve the city instead, until Ctrl-C")
    asked = parser.parse_args()
    policy = invented_policy()
    with _store() as store, Fleet() as fleet:
        city = fill(store, policy, fleet)
        with _portal(store, policy, city, asked.serve or 0) as address:
            if asked.serve:
                print(address, flush=True)
                threading.Event().wait()
            asked.folder.mkdir(parents=True, exist_ok=True)
            with open_browser() as browser:
                play(Camera(browser, address, asked.folder, asked.only), city)


@contextmanager
def _store() -> Iterator[Store]:
    folder = Path(tempfile.mkdtemp(prefix="eabsensi-pictures-"))
    folder.chmod(0o711)
    server = PrivateServer.start(folder / "server", bindir=find_bindirs()[0], durable=False)
    try:
        store = Store.at(server.url())
        store.upgrade()
        yield store
        store.dispose()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _portal(store: Store, policy: Policy, city: GuideCity, port: int) -> Iterator[str]:
    keeper = Doorkeeper(store, city.clock, HASHER)
    desk = Desk(store, policy, city.clock, keeper, address=ADDRESS, patience_seconds=60)
    with open_door("127.0.0.1", port) as door:
        server = uvicorn.Server(configure(create_app(desk)))
        thread = threading.Thread(target=server.run, args=([door],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


if __name__ == "__main__":
    main()
