"""Pages from templates: everything escaped, every missing value an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

import jinja2
from markupsafe import Markup

from eabsensi import __version__
from eabsensi.access.roles import Right
from eabsensi.portal.wording import Wording
from eabsensi.reports.labels import status_label


class Place(NamedTuple):
    """A place in the navigation: who sees it, its word and its path."""

    right: Right
    key: str
    path: str


PLACES: Final = (
    Place(Right.SEE_UNITS, "base.today", "/today"),
    Place(Right.SEE_UNITS, "base.months", "/months"),
    Place(Right.SEE_UNITS, "base.years", "/years"),
    Place(Right.SEE_PERSON, "base.people", "/people"),
    Place(Right.SEE_INDICATIONS, "base.indications", "/indications"),
    Place(Right.SEE_FINDINGS, "base.findings", "/findings"),
    Place(Right.FILE_DOCUMENT, "base.documents", "/documents"),
    Place(Right.CLOSE_PERIOD, "base.closing", "/closing"),
    Place(Right.SEE_UNMAPPED, "base.unmapped", "/unmapped"),
    Place(Right.SEE_DEVICES, "base.devices", "/devices"),
    Place(Right.SEE_TRAIL, "base.trail", "/trail"),
    Place(Right.MANAGE_ACCOUNTS, "base.accounts", "/accounts"),
)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("eabsensi.portal", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(template: str, wording: Wording, context: Mapping[str, Any]) -> str:
    """Fill in a template.

    Args:
        template: name of a file in ``templates``.
        wording: the language; templates know it as ``w``, and ``say``.
        context: the values; ``viewer`` decides which places the navigation shows.

    """
    viewer = context.get("viewer")
    places = [place for place in PLACES if viewer is not None and viewer.may(place.right)]
    return render_part(template, wording, {"Right": Right, "places": places, "version": __version__, **context})


def render_part(template: str, wording: Wording, context: Mapping[str, Any]) -> Markup:
    """Fill in a template that is a part of pages and knows no viewer, so that all who see its figures may share it."""
    filled = _environment().get_template(template)
    words = {"w": wording, "say": wording.say, "status_label": lambda status: status_label(status, wording.language)}
    return Markup(filled.render(**words, **context))  # noqa: S704  the template has escaped everything
