"""Drives a real Chromium over its debugging pipe: open, fill in, click, read, picture.

No library: the protocol is JSON with a zero byte behind each message, on descriptors 3 and 4.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 30.0


def find_chromium() -> str | None:
    """Return the program, named by RENOVATIEHUB_CHROMIUM or found on the path; None without one."""
    named = os.environ.get("RENOVATIEHUB_CHROMIUM")
    return named or next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Chromium:
    """One window. Errors of the browser end in an AssertionError."""

    def __init__(self, process: subprocess.Popen[bytes], reading: int, writing: int) -> None:
        self._process = process
        self._reading, self._writing = reading, writing
        self._numbers = 0
        self._buffer = b""
        self._session: str | None = None
        self.complaints: list[str] = []

    def start(self, width: int, height: int) -> None:
        """Take a window."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; return its result."""
        self._numbers += 1
        message: dict[str, Any] = {"id": self._numbers, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._numbers:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def open(self, url: str) -> None:
        """Go to an address and wait until the page is there."""
        answer = self.call("Page.navigate", url=url)
        assert not answer.get("errorText"), answer
        self._settle()

    def fill(self, selector: str, text: str) -> None:
        """Type in a field."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click on the middle of what a selector finds, and wait for the page that follows."""
        chosen = json.dumps(selector)
        self.evaluate(f"document.querySelector({chosen}).scrollIntoView({{block: 'center'}})")
        self.evaluate("window.isOld = true")
        place = self.evaluate(
            f"(() => {{ const r = document.querySelector({chosen}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left",
                clickCount=1,
            )  # fmt: skip
        self._settle(old=True)

    def text(self) -> str:
        """Return what a reader sees."""
        return str(self.evaluate("document.body.innerText"))

    @property
    def url(self) -> str:
        """The address of the page."""
        return str(self.evaluate("location.href"))

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1},
        )  # fmt: skip
        return base64.b64decode(shot["data"])

    def _settle(self, *, old: bool = False) -> None:
        """Wait until a page is complete; with ``old`` until another took its place."""
        deadline = time.monotonic() + _SECONDS
        ready = "document.readyState === 'complete' && !window.isOld"
        while time.monotonic() < deadline:
            try:
                if self.evaluate(ready if old else "document.readyState === 'complete'"):
                    return
            except AssertionError:
                pass  # between two pages there is none to ask
            time.sleep(0.05)
        raise AssertionError("the page was not there in time")

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + _SECONDS
        while b"\0" not in self._buffer:
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self._reading], [], [], max(left, 0))
            assert ready, "Chromium does not answer"
            chunk = os.read(self._reading, 1 << 16)
            assert chunk, "Chromium ended"
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if message.get("method") == "Log.entryAdded":
            entry = message["params"]["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append(str(entry["text"]))
        return message


@contextmanager
def running_chromium(
    program: str, folder: Path, *, script: bool = True, width: int = 1100, height: int = 900
) -> Iterator[Chromium]:
    """Run a browser with a profile of its own; ``script`` says whether pages may run any."""
    to_browser, from_browser = os.pipe(), os.pipe()
    command = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--hide-scrollbars", "--lang=nl", "--no-proxy-server", f"--user-data-dir={folder}",
        "--remote-debugging-pipe", "about:blank",
    ]  # fmt: skip

    def give_descriptors() -> None:
        # First out of the way of each other, then in their places.
        reading, writing = os.dup(to_browser[0]), os.dup(from_browser[1])
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        close_fds=False, preexec_fn=give_descriptors,
    )  # fmt: skip
    os.close(to_browser[0])
    os.close(from_browser[1])
    browser = Chromium(process, from_browser[0], to_browser[1])
    try:
        browser.start(width, height)
        if not script:
            browser.call("Emulation.setScriptExecutionDisabled", value=True)
        yield browser
    finally:
        os.close(to_browser[1])
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(from_browser[0])
