"""The demonstration's judge finds a status that leads nowhere, elsewhere, or to no sign-on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli import bewonerspagina, outside
from cli.bewonerspagina import Verwijzingen, check_links, name_moment
from cli.state import State
from connectors.mijnburgerprofiel.dosis import DosisDossier, open_dosis_client
from connectors.transport.magda import MagdaAfzender
from tests.cli.test_commands import GOOD
from tests.connectors.magda_proef import dossier
from tests.sandbox_process import SandboxHandle, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("verwijzingen")) as running:
        yield running


@pytest.fixture
def state(sandbox: SandboxHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    def control(_state: State, method: str, path: str, **options: Any) -> Any:
        return sandbox.control(method, f"/{path}", **options)

    monkeypatch.setenv("RENOVATIEHUB_SANDBOX_URL", sandbox.base_url)
    monkeypatch.setattr(outside, "control", control)
    return State(tmp_path)


def show(sandbox: SandboxHandle, number: str, link: str | None) -> None:
    """Let a resident see a status."""
    client = open_dosis_client(
        f"{sandbox.base_url}/magda/dosis",
        MagdaAfzender("leuven.be/renovatiehub", hoedanigheid="1300"),
    )
    one: DosisDossier = dataclasses.replace(dossier(), dossiernummer=number, doorverwijzing=link)
    client.register_dossier(dossier=one, referte=uuid4())


def test_a_status_that_leads_to_the_page_is_well_and_what_came_before_is_not_judged(
    sandbox: SandboxHandle, state: State
) -> None:
    show(sandbox, "RD-0001-000001", None)
    since = name_moment()
    number = "RD-0001-000002"
    show(sandbox, number, outside.resident_page(state).format(dossiernummer=number))
    assert check_links(state, since) == Verwijzingen(1)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (None, "leads nowhere"),
        ("/crm/bewoner/RD-0001-000009", "leads to another page"),
        ("/crm/dossiers/RD-0001-000003", "does not ask who the resident is"),
        ("/crm/bewoner/afgemeld?van=RD-0001-000003", "does not ask who the resident is"),
    ],
)
def test_a_status_that_does_not_lead_to_a_sign_on_is_a_complaint(
    sandbox: SandboxHandle, state: State, path: str | None, says: str
) -> None:
    since = name_moment()
    show(sandbox, "RD-0001-000003", None if path is None else f"{sandbox.base_url}{path}")
    found = check_links(state, since)
    assert found.aantal == 1
    (said,) = dataclasses.replace(GOOD, links=found).complaints()
    assert says in said and "RD-0001-000003" in said


def test_only_a_few_links_are_opened(
    sandbox: SandboxHandle, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def note(link: str, ours: str) -> bool:
        opened.append(link)
        return True

    monkeypatch.setattr(bewonerspagina, "_asks_who", note)
    since = name_moment()
    for i in range(5):
        number = f"RD-0002-{i:06d}"
        show(sandbox, number, outside.resident_page(state).format(dossiernummer=number))
    assert check_links(state, since) == Verwijzingen(5)
    assert len(opened) == bewonerspagina.OPENED


def test_not_too_many_complaints_of_one_kind_are_told() -> None:
    links = Verwijzingen(12, tuple(f"fout {i}" for i in range(12)))
    said = dataclasses.replace(GOOD, links=links).complaints()
    assert len(said) == 11 and said[-1].startswith("2 more links")
