"""The operator's pages in a real Airflow: from a record that failed to one that arrived."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page

from cli import outside
from cli.airflow import Api
from cli.state import State
from tests.browser import running_browser, visit

ROOT = Path(__file__).resolve().parents[2]
RESIDENTS = 12
SECONDS = 180.0
# An exception after which the same registration is refused again: the citizen is not known.
REFUSED = {"code": "40003", "niveau": "antwoord", "effect": False}

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


@dataclass
class Town:
    """A city whose residents are served, with everything running."""

    state: State

    @property
    def url(self) -> str:
        ports = self.state.get("ports")
        assert isinstance(ports, dict)
        return f"http://127.0.0.1:{ports['api-server']}"

    def run(self, *dags: str) -> None:
        """Ring these flows and wait until nothing of them runs."""
        api = Api(self.state, "operator")
        for dag in dags:
            run_id = api.call("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})[
                "dag_run_id"
            ]
            path, patience = f"/api/v2/dags/{dag}/dagRuns/{run_id}", time.monotonic() + SECONDS
            while api.call("GET", path)["state"] in ("queued", "running"):
                assert time.monotonic() < patience, dag
                time.sleep(0.5)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("paginas") / "home"
    command = [sys.executable, "-m", "cli", "demo", f"--residents={RESIDENTS}", "--json"]
    env = dict(os.environ, RENOVATIEHUB_HOME=str(home))
    with (home.parent / "stderr").open("w") as errors:
        demo = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert demo.stdout is not None
            answer = next((line for line in demo.stdout if line.startswith("{")), None)
            assert answer is not None, (home.parent / "stderr").read_text()[-2000:]
            assert json.loads(answer)["unaccounted"] == 0
            yield Town(State(home))
        finally:
            demo.terminate()
            demo.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with running_browser(chromium) as running:
        yield running


@pytest.fixture(scope="module")
def refused(town: Town) -> str:
    """A step that a consultant typed, whose status DOSIS refused; the number of its dossier."""
    numbers = (f"RD-0001-{resident + 1:06d}" for resident in range(RESIDENTS))
    number = next(
        one
        for one in numbers
        if outside.control(town.state, "GET", f"stad/{one}")["geval"] == "normal"
    )
    fault = {
        "systeem": "dosis", "operatie": "RegistreerDossier", "soort": "uitzondering",
        "uitzondering": REFUSED,
    }  # fmt: skip
    outside.control(town.state, "POST", "fouten", json=fault)
    velden = {"soort": "oplevering", "status": "gedaan"}
    step = {"dossiernummer": number, "velden": velden}
    outside.control(town.state, "POST", "crm/stap", json=step)
    town.run("pull_crm_dossiers", "push_berichten")
    return number


@contextmanager
def signed_on(browser: Browser, town: Town, user: str, scheme: str = "light") -> Iterator[Page]:
    with visit(browser, scheme=scheme) as window:
        page = window.page
        page.goto(f"{town.url}/auth/login")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", town.state.secrets()["users"][user])
        page.click("[type=submit]")
        page.wait_for_url(re.compile(r"/$|/home"))
        yield page


def open_page(page: Page, name: str) -> FrameLocator:
    """Go to a page of ours as people do, by the navigation: two clicks."""
    page.get_by_role("button", name="Browse").or_(
        page.get_by_role("button", name="Bladeren")
    ).click()
    page.get_by_role("menuitem", name=name).click()
    return page.frame_locator("iframe")


def test_an_operator_finds_what_failed_reads_why_sends_it_again_and_sees_it_confirmed(
    town: Town, browser: Browser, refused: str
) -> None:
    with signed_on(browser, town, "operator") as page:
        frame = open_page(page, "Mislukt")
        frame.get_by_role("heading", name="Waarom").wait_for()
        keep_picture(page, "mislukt")
        row = frame.locator("tbody tr", has_text=refused).last
        assert "40003" in row.inner_text()
        row.get_by_role("link").click()
        frame.locator("dd.fout", has_text="opgegeven").wait_for()
        assert "De ontvanger weigert dit bericht" in frame.locator("main").inner_text()
        frame.get_by_role("button", name="Stuur opnieuw").click()
        frame.locator("strong", has_text="1 bericht").wait_for()
        frame.get_by_label("Waarom?").fill("de bewoner is nu gekend bij DOSIS")
        frame.get_by_role("button", name="Doe het").click()
        frame.get_by_role("status").wait_for()
        town.run("push_berichten")
        frame.get_by_role("link", name="Kijk opnieuw").click()
        frame.locator("dd.goed", has_text="bevestigd").wait_for()
        text = frame.locator("main").inner_text()
        assert "de bewoner is nu gekend bij DOSIS" in text and "operator" in text
        keep_picture(page, "bericht")


def keep_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("RENOVATIEHUB_BEELDEN"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("user", ["lezer", "functionaris"])
def test_who_only_reads_sees_the_same_and_is_offered_nothing(
    town: Town, browser: Browser, user: str
) -> None:
    with signed_on(browser, town, user) as page:
        frame = open_page(page, "Overzicht")
        frame.get_by_role("heading", name="Bestemmingen").wait_for()
        assert frame.get_by_role("button", name=re.compile("^Stop")).count() == 0
        page.goto(f"{town.url}/renovatiehub/mislukt")
        assert page.get_by_role("button", name="Stuur opnieuw").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(town: Town, browser: Browser, refused: str, scheme: str) -> None:
    with signed_on(browser, town, "operator", scheme) as page:
        for name in ("overzicht", "mislukt", "quarantaine", "aansluiting"):
            page.goto(f"{town.url}/renovatiehub/{name}")
            keep_picture(page, f"{name}_{scheme}")
            found = Axe().run(page).response["violations"]
            grave = [one for one in found if one["impact"] in ("serious", "critical")]
            assert not grave, (name, [(one["id"], one["nodes"][0]["html"]) for one in grave])


def test_nobody_is_let_in_without_signing_on(town: Town) -> None:
    for path in ("overzicht", "mislukt", "quarantaine", "aansluiting", "stijl.css", ""):
        answer = requests.get(f"{town.url}/renovatiehub/{path}", timeout=10)
        assert answer.status_code == 401, path
