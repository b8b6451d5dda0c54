"""The owner's codes are read, kept and renewed; a status that is not in them is not sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.mijnburgerprofiel.dosis import Code, DosisClient, open_dosis_client
from connectors.transport.errors import AuthenticationError, PermanentError, RetryableError
from hub.channels.dosis import DosisKanaal
from hub.codelijst import KnownCodes, read_codes, refresh_codelijst
from hub.dossierstatus import load_lezingen
from tests.connectors.magda_proef import AFZENDER
from tests.hub.ledger_case import Ledger
from tests.hub.test_dosis_kanaal import make_bericht
from tests.journey import BRON
from tests.sandbox_process import SandboxHandle, running_sandbox

pytestmark = pytest.mark.postgres
FASE, CODE = "DossierStatusFase", "DossierStatusCode"
_OURS = load_lezingen().values()
FASEN = tuple({told.fase for told in _OURS})
CODES = tuple({told.code for told in _OURS})


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def dosis(sandbox: SandboxHandle) -> DosisClient:
    return open_dosis_client(f"{sandbox.base_url}/magda/dosis", AFZENDER)


class Owner:
    """Gives these lists, or fails."""

    def __init__(self, **lists: tuple[str, ...]) -> None:
        self.lists = lists
        self.problem: Exception | None = None
        self.asked = 0

    def get_codelijst(self, *, codetype: str, **_: Any) -> tuple[Code, ...]:
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return tuple(Code(code, code.lower()) for code in self.lists.get(codetype, ()))


def open_incidents(ledger: Ledger) -> dict[tuple[str, str], str]:
    rows = ledger.rows("SELECT soort, onderwerp, tekst FROM hub.incident WHERE opgelost_op IS NULL")
    return {(soort, onderwerp): tekst for soort, onderwerp, tekst in rows}


def age_lists(ledger: Ledger, hours: int) -> None:
    ledger.change(
        "UPDATE hub.codelijst SET opgehaald_op = opgehaald_op - make_interval(hours => :u)",
        u=hours,
    )


def test_the_lists_are_read_once_a_day_and_every_status_of_ours_is_in_them(
    ledger: Ledger, dosis: DosisClient, sandbox: SandboxHandle
) -> None:
    assert refresh_codelijst(ledger.push, dosis) == {FASE: 5, CODE: 21}
    assert refresh_codelijst(ledger.push, dosis) == {}
    assert len(sandbox.journal("dosis")) == 2
    assert open_incidents(ledger) == {}
    known = read_codes(ledger.push)
    for told in load_lezingen().values():
        assert known.why_unknown(fase=told.fase, code=told.code) is None
    age_lists(ledger, 25)
    assert refresh_codelijst(ledger.push, dosis) == {FASE: 5, CODE: 21}


def test_a_code_that_is_gone_from_the_list_is_gone_here_and_told(ledger: Ledger) -> None:
    owner = Owner(**{FASE: FASEN, CODE: CODES})
    refresh_codelijst(ledger.push, owner)
    assert open_incidents(ledger) == {}
    without = {*CODES, "Nieuw"} - {"Ingediend"}
    owner.lists[CODE] = tuple(without)
    age_lists(ledger, 25)
    refresh_codelijst(ledger.push, owner)
    kept = ledger.rows("SELECT code FROM hub.codelijst WHERE codetype = :c", c=CODE)
    assert {code for (code,) in kept} == without
    found = open_incidents(ledger)
    assert set(found) == {
        ("statuscode_onbekend", f"dosis {told.naam}") for told in _OURS if told.code == "Ingediend"
    }
    assert all("Ingediend" in text and "dossierstatus.yml" in text for text in found.values())
    owner.lists[CODE] = CODES
    age_lists(ledger, 25)
    refresh_codelijst(ledger.push, owner)
    assert open_incidents(ledger) == {}


@pytest.mark.parametrize(
    "problem",
    [
        AuthenticationError("dosis", "GeefCodeLijst", "x", "exception 13001 (antwoord)"),
        RetryableError("dosis", "GeefCodeLijst", "x", "exception 99997"),
    ],
    ids=["refused", "away"],
)
def test_a_list_that_cannot_be_read_leaves_the_one_before_it_and_is_told_when_it_is_old(
    ledger: Ledger, problem: Exception
) -> None:
    owner = Owner(**{FASE: FASEN, CODE: CODES})
    refresh_codelijst(ledger.push, owner)
    owner.problem = problem
    age_lists(ledger, 25)
    refresh_codelijst(ledger.push, owner)
    assert open_incidents(ledger) == {}
    age_lists(ledger, 72)
    refresh_codelijst(ledger.push, owner)
    assert set(open_incidents(ledger)) == {
        ("codelijst_verouderd", f"dosis {FASE}"),
        ("codelijst_verouderd", f"dosis {CODE}"),
    }
    assert read_codes(ledger.push).why_unknown(fase="Behandeling", code="InBehandeling") is None
    owner.problem = None
    refresh_codelijst(ledger.push, owner)
    assert open_incidents(ledger) == {}


def test_a_list_that_the_owner_does_not_know_is_told_and_judges_nothing(ledger: Ledger) -> None:
    refresh_codelijst(ledger.push, Owner(**{FASE: FASEN}))
    assert set(open_incidents(ledger)) == {("codelijst_verouderd", f"dosis {CODE}")}
    known = read_codes(ledger.push)
    assert known.why_unknown(fase="Behandeling", code="WatDanOok") is None
    assert "phase 'Anders'" in str(known.why_unknown(fase="Anders", code="WatDanOok"))


def test_a_status_that_is_not_in_the_list_never_leaves(
    dosis: DosisClient, sandbox: SandboxHandle
) -> None:
    codes = KnownCodes({"fase": frozenset({"Samenstelling"}), "code": frozenset({"Aangevraagd"})})
    kanaal = DosisKanaal(dosis, BRON, codes=codes)
    with pytest.raises(PermanentError, match="code 'Ingediend' is not in the owner's code list"):
        kanaal.send(make_bericht())
    assert sandbox.journal("dosis") == []
    kanaal.send(make_bericht(code="Aangevraagd"))
    assert len(sandbox.journal("dosis")) == 1
