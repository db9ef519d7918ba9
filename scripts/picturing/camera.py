"""A browser that shows the portal to one account, and takes the part of a page that a text speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from scripts.picturing.city import PASSWORD
from scripts.picturing.painting import reduce_colours

CHROMIUM: Final = "/usr/bin/chromium"
WIDE, PHONE = 1100, 390
#: For tables with many columns: seen at this width, kept at ``WIDE``.
BROAD: Final = 1340
_MARGIN: Final = 9
_FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--disable-quic", "--disable-lcd-text", "--font-render-hinting=none"),
)


@dataclass(frozen=True, slots=True)
class Camera:
    """Opens pages for accounts and keeps pictures of them.

    Attributes:
        browser: it runs.
        address: of the portal.
        folder: where pictures go.
        only: names of the pictures that are wanted; none means all.

    """

    browser: Browser
    address: str
    folder: Path
    only: Sequence[str] = ()

    @contextmanager
    def seen_by(self, username: str, *, width: int = WIDE) -> Iterator[Page]:
        """Open a page for an account, logged in; ``""`` for nobody."""
        size = ViewportSize(width=width, height=900)
        context = self.browser.new_context(
            base_url=self.address,
            viewport=size,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            color_scheme="light",
            device_scale_factor=WIDE / width if width > WIDE else 1,
        )
        page = context.new_page()
        if username:
            self._enter(page, username)
        yield page
        context.close()

    def _enter(self, page: Page, username: str) -> None:
        page.goto("/login")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)

    def take(self, page: Page, name: str, *parts: str, most: int = 1400) -> None:
        """Keep a picture of what lies between parts of a page.

        Args:
            page: as it stands.
            name: of the file, without its ending.
            parts: selectors; the picture holds the first match of each, over the whole width. None: the page's top.
            most: the greatest height, points.

        """
        if self.only and name not in self.only:
            return
        page.evaluate("document.activeElement?.blur()")
        boxes = [_box(page, part) for part in parts] or [FloatRect(x=0, y=0, width=0, height=most)]
        top = max(0, min(box["y"] for box in boxes) - _MARGIN)
        bottom = max(box["y"] + box["height"] for box in boxes) + _MARGIN
        whole = float(page.evaluate("document.documentElement.scrollHeight"))
        height = min(bottom, whole, top + most) - top
        width = page.viewport_size["width"] if page.viewport_size else WIDE
        clip = FloatRect(x=0, y=int(top), width=width, height=int(height))
        self.keep(name, page.screenshot(full_page=True, clip=clip, animations="disabled"))

    def keep(self, name: str, png: bytes) -> None:
        """Write a picture with few colours."""
        if self.only and name not in self.only:
            return
        blank = self.browser.new_page()
        small = reduce_colours(blank, png)
        blank.close()
        path = self.folder / f"{name}.png"
        path.write_bytes(small)
        print(f"{path.name:28} {len(small) / 1000:6.1f} kB")


def _box(page: Page, part: str) -> FloatRect:
    box = page.locator(part).first.bounding_box()
    assert box, f"{part} is not on {page.url}"
    scrolled = float(page.evaluate("window.scrollY"))
    return FloatRect(x=box["x"], y=box["y"] + scrolled, width=box["width"], height=box["height"])


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()
