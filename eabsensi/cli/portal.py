"""eabsensi portal: the pages for HR and everybody else, and the API."""

from __future__ import annotations

from typing import Annotated

import typer

from eabsensi.access.doorkeeper import Doorkeeper
from eabsensi.access.single_sign_on import SingleSignOn
from eabsensi.cli.output import warn
from eabsensi.clock import Clock, SystemClock
from eabsensi.errors import SettingsError
from eabsensi.law.loader import load_policy
from eabsensi.settings import Settings, oidc_client_secret
from eabsensi.store.database import Store, open_store
from eabsensi.store.roles import Role


def portal_command(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free one.")] = 8370,
    proxies: Annotated[
        str, typer.Option("--proxies", metavar="ADDRESSES", help="Proxies whose word on the visitor counts.")
    ] = "127.0.0.1",
) -> None:
    """Serve the portal until told to stop; meant for systemd, behind a proxy that speaks HTTPS.

    EABSENSI_PORTAL_ADDRESS says how people reach it; where that begins with https, cookies travel by HTTPS only.
    """
    from eabsensi.portal.app import create_app  # noqa: PLC0415  a web framework is much to load for the other commands
    from eabsensi.portal.desk import Desk  # noqa: PLC0415  as above
    from eabsensi.portal.serving import open_door, serve  # noqa: PLC0415  as above

    settings, clock = Settings.load(), SystemClock()
    address = settings.portal_address or ""
    with open_store(settings, role=Role.PORTAL) as store, open_door(host, port) as door:
        desk = Desk(
            store,
            load_policy(settings.policy),
            clock,
            Doorkeeper(store, clock),
            address.startswith("https:"),
            address,
            _single_sign_on(settings, store, clock),
        )
        warn(f"The portal listens at http://{host}:{door.getsockname()[1]}.")
        serve(create_app(desk), door, proxies=proxies)


def _single_sign_on(settings: Settings, store: Store, clock: Clock) -> SingleSignOn | None:
    """Give the way in by the city's identity provider; None where none is set, or its libraries are not installed.

    Raises:
        SettingsError: it is set in part only.

    """
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None or settings.portal_address is None:
        raise SettingsError(
            "EABSENSI_OIDC_ISSUER is set, but not all that belongs to it.",
            remedy="Set EABSENSI_OIDC_CLIENT_ID and EABSENSI_PORTAL_ADDRESS as well, or neither.",
        )
    try:
        from eabsensi.access.openid import Client, OpenIdProvider  # noqa: PLC0415  an extra that may be missing
    except ModuleNotFoundError as missing:
        warn(f"Single sign-on is left out: {missing.name} is not installed (the extra oidc brings it).")
        return None
    from eabsensi.portal.pages.single_sign_on import BACK  # noqa: PLC0415  as in the command

    client = Client(
        settings.oidc_issuer, settings.oidc_client_id, oidc_client_secret(), f"{settings.portal_address}{BACK}"
    )
    return SingleSignOn(store, clock, OpenIdProvider(client))
