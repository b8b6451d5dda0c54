"""The words of messages: every status has them, and a template that is wrong says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.mijnburgerprofiel.notificaties import NotificatieBundel
from connectors.mijnburgerprofiel.notificaties.mapping import bundel_to_json, find_faults
from hub.channels.notificaties import NotificatiesKanaal, bundel_id
from hub.dossierstatus import load_lezingen
from hub.ledger.bericht import Bericht
from hub.melding.sjabloon import FOLDER, SjabloonError, Tekst, render
from hub.melding.status import Status, make_sample
from hub.melding.voorbeeld import list_statussen, make_voorbeeld
from tests.connectors.magda_proef import INSZ

NU = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
STATUS = Status("proef", "Ingediend", "Samenstelling", "Er is nieuws.", 1234)


@pytest.mark.parametrize("naam", list_statussen())
def test_every_status_says_whether_it_is_told_and_has_words_that_fit(naam: str) -> None:
    assert load_lezingen()[naam].melden in (True, False)
    voorbeeld = make_voorbeeld(naam, NU)
    assert voorbeeld.fout is None
    assert voorbeeld.titel
    assert "{" not in voorbeeld.titel + voorbeeld.tekst


def test_no_template_is_left_of_a_status_that_is_gone() -> None:
    files = {path.stem for path in FOLDER.glob("*.j2")}
    assert files - {"standaard"} <= set(list_statussen())


def test_a_status_without_a_file_says_what_it_says_itself(tmp_path: Path) -> None:
    (tmp_path / "standaard.j2").write_text("Nieuws\n{{ detail }}\n  Dossier {{ dossiernummer }}.")
    assert render(STATUS, "RD-1", folder=tmp_path) == Tekst("Nieuws", "Er is nieuws. Dossier RD-1.")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Titel\n{{ voornaam }}", "UndefinedError"),
        ("Titel\n{% if %}", "TemplateSyntaxError"),
        ("Alleen een titel", "geen titel en tekst"),
        ("", "geen titel en tekst"),
    ],
)
def test_a_template_that_is_wrong_is_named(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "proef.j2").write_text(content)
    (tmp_path / "standaard.j2").write_text("x\ny")
    with pytest.raises(SjabloonError, match=f"proef.*{says}"):
        render(STATUS, "RD-1", folder=tmp_path)


def test_the_last_day_of_a_message_is_a_belgian_day() -> None:
    inhoud = make_voorbeeld("gestart", NU).inhoud
    assert inhoud is not None
    # Half past midnight in Leuven, two weeks later.
    assert inhoud["vervaldatum"] == "2026-12-10"


@pytest.mark.parametrize("naam", list_statussen())
def test_every_message_fits_the_contract(naam: str) -> None:
    class Ear:
        heard: NotificatieBundel

        def post_bundel(self, *, bundel: NotificatieBundel, correlation_id: object) -> None:
            self.heard = bundel

    ear = Ear()
    status = make_sample(load_lezingen()[naam])
    inhoud = (make_voorbeeld(naam, NU).inhoud or {}) | {"insz": INSZ}
    bericht = Bericht(bundel_id("x"), "notificaties", "d:1", "melding", False, True, inhoud)
    receipt = NotificatiesKanaal(ear).send(bericht)
    assert find_faults(ear.heard, bundel_to_json(ear.heard)) == []
    assert receipt.referentie == str(bundel_id("d:1"))
    assert ear.heard.waarden["StatusVlaamseCode"] == status.code


def test_the_id_of_a_message_follows_from_its_change_alone() -> None:
    # Written out: an Id that changes with the code would tell everybody everything again.
    assert str(bundel_id("d:gestart")) == "396173c1-a11b-5a7f-b9f9-7eff66a2b10c"
    assert bundel_id("d:gestart") != bundel_id("d:aangemeld")
