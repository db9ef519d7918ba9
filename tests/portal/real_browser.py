"""Debian's Chromium driven by Playwright: one of it for each worker, a context of its own for each visitor."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect, sync_playwright
from portal_city import PASSWORD

CHROMIUM = shutil.which("chromium")
NO_CHROMIUM = "needs Debian's package chromium (scripts/test installs it as root)"
WIDE, PHONE = 1280, 360
_PATIENCE = 60_000  # milliseconds; a busy machine is no failure
#: What may change when only colours do; none stands for every rule.
_SCHEMES = {"light": [], "dark": ["color-contrast", "link-in-text-block"]}
#: Nothing that could ask anything of another machine, and no sandbox, which root cannot have.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
_AXE = """async rules => {
  const found = await axe.run({resultTypes: ["violations"], ...(rules.length ? {runOnly: rules} : {})});
  return found.violations.flatMap(one => one.nodes.map(node => `${one.id} at ${node.target.join(" ")}: ` +
    [...node.any, ...node.all, ...node.none].map(check => check.message).join("; ")));
}"""


@contextmanager
def chromium_running() -> Iterator[Browser]:
    """Run Chromium without a window."""
    with sync_playwright() as playwright:
        expect.set_options(timeout=_PATIENCE)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Tab:
    """A page of the portal as somebody has it before them.

    Attributes:
        page: Playwright's page.
        complaints: what the browser refused or looked for elsewhere; there is to be nothing.

    """

    page: Page
    complaints: list[str]

    @classmethod
    def of(cls, context: BrowserContext, address: str) -> Tab:
        """Open an empty page that listens to the browser's complaints."""
        context.set_default_timeout(_PATIENCE)
        tab = cls(context.new_page(), [])
        page, complaints = tab.page, tab.complaints

        def request(asked) -> None:
            if not asked.url.startswith((f"{address}/", "data:")):
                complaints.append(f"{page.url} asks for {asked.url}")

        def console(message) -> None:
            if "Content Security Policy" in message.text:
                complaints.append(f"{page.url}: {message.text}")

        page.on("request", request)
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        return tab

    def open(self, path: str) -> Response:
        """Go to a path of the portal."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer

    def log_in(self, username: str) -> None:
        """Come in through the login page."""
        self.open("/login")
        self.page.get_by_label("Nama pengguna").fill(username)
        self.page.get_by_label("Kata sandi").fill(PASSWORD)
        self.press("Masuk")
        expect(self.page.get_by_role("button", name="Keluar")).to_be_visible()

    def press(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Follow a link."""
        (within or self.page).get_by_role("link", name=name, exact=True).click()

    def goes_to(self, place: str) -> None:
        """Follow a link of the navigation."""
        self.follow(place, within=self.places)

    @property
    def places(self) -> Locator:
        """The navigation."""
        return self.page.locator("nav.places")

    @property
    def heading(self) -> Locator:
        """The heading of the page."""
        return self.page.locator("h1")

    def row(self, text: str) -> Locator:
        """Give the row of a table that holds a text."""
        return self.page.locator("main tr", has_text=text)

    def download(self, link: str, folder: Path) -> Path:
        """Follow a link to a file and keep it under the name that the portal gave."""
        with self.page.expect_download() as awaited:
            self.follow(link)
        file = folder / awaited.value.suggested_filename
        awaited.value.save_as(file)
        return file

    def violations(self) -> list[str]:
        """Ask axe, in light and dark, on a desk and a phone; and whether the phone has to scroll sideways."""
        page, found = self.page, []
        page.evaluate(AXE_SCRIPT)
        for width in (WIDE, PHONE):
            page.set_viewport_size({"width": width, "height": 800})
            for scheme, rules in _SCHEMES.items():
                page.emulate_media(color_scheme=scheme)
                found += [f"{page.url} ({width}, {scheme}): {one}" for one in page.evaluate(_AXE, rules)]
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        return found if wide <= PHONE else [*found, f"{page.url} is {wide} wide on a phone of {PHONE}"]
