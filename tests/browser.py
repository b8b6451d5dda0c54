"""Drives the Chromium of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 30.0


def find_chromium() -> str | None:
    """Return the program, named by RENOVATIEHUB_CHROMIUM or found on the path; None without one."""
    named = os.environ.get("RENOVATIEHUB_CHROMIUM")
    return named or next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@dataclass
class Visit:
    """One person's window, with nothing of another; what the browser complained of is kept."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@contextmanager
def running_browser(program: str) -> Iterator[Browser]:
    """Start the program; it ends with the block."""
    # Its sandbox needs rights that a container or a root user does not have.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, *, script: bool = True, scheme: str = "light") -> Iterator[Visit]:
    """Open a window of its own."""
    context = browser.new_context(
        java_script_enabled=script,
        viewport={"width": 1280, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_default_timeout(_SECONDS * 1000)
    made = Visit(context.new_page())
    made.page.on("console", lambda message: made.complaints.append(message.text))
    try:
        yield made
    finally:
        context.close()
