"""Failed uploads, removal, code lists over MAGDA: asked by the owner's schema, any answer read."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from connectors.mijnburgerprofiel.dosis import Code, DosisClient, MislukteRegistratie
from connectors.transport.errors import AlreadyDoneError, PermanentError, UnknownOutcomeError
from tests.connectors.magda_proef import (
    DOSIS_ANTWOORD,
    DOSIS_VRAAG,
    XML,
    envelop,
    message_of,
    open_dosis_client,
    owner_schema,
    repliek,
    uitzonderingen,
)
from tests.connectors.scripted_server import Answer, Asked, serve
from tests.connectors.volgens_schema import SchemaWriter

REFERTE = UUID("16526758-2328-4614-95f4-0e349efcb2f1")
BRON = "https://leuven.be/energieloket"
NUMMER = "RD-0001-000001"

QUESTIONS: dict[str, Callable[[DosisClient], Any]] = {
    "GeefUitzonderingenRegistraties": lambda client: client.list_uitzonderingen(
        bron=BRON, referte=REFERTE
    ),
    "VerwijderDossier": lambda client: client.delete_dossier(
        bron=BRON, dossiernummer=NUMMER, referte=REFERTE
    ),
    "GeefCodeLijst": lambda client: client.get_codelijst(
        codetype="DossierStatusFase", taal="NL", referte=REFERTE
    ),
}
REMOVED = repliek(
    "VerwijderDossier",
    antwoord='<Inhoud><Resultaat Beschrijving="OK">1</Resultaat></Inhoud>',
)


def ask(operatie: str, answer: bytes) -> tuple[Any, Asked]:
    with serve(lambda _asked: Answer(200, answer, XML)) as server:
        found = QUESTIONS[operatie](open_dosis_client(f"{server.url}/magda/dosis"))
    (asked,) = server.asked
    return found, asked


@pytest.mark.parametrize("operatie", QUESTIONS)
def test_every_question_validates_against_the_owners_schema(
    voorbeelden: Path, operatie: str
) -> None:
    answer = REMOVED if operatie == "VerwijderDossier" else repliek(operatie, antwoord=" ")
    _, asked = ask(operatie, answer)
    assert asked.path == f"/magda/dosis/{operatie}"
    validate = owner_schema(voorbeelden, DOSIS_VRAAG.format(operatie))
    assert validate(message_of(asked.body)) is None


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("operatie", QUESTIONS)
def test_any_answer_that_the_owners_schema_allows_is_read(
    voorbeelden: Path, operatie: str, seed: int
) -> None:
    path = DOSIS_ANTWOORD.format(operatie)
    writer = SchemaWriter((voorbeelden / path).resolve(), varied=seed > 5)
    root = writer.write(f"{operatie}Response", random.Random(seed))
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    assert owner_schema(voorbeelden, path)(root) is None
    answer = envelop(etree.tostring(root))
    if operatie == "VerwijderDossier":
        if root.findtext(".//Resultaat") == "1":
            ask(operatie, answer)
        else:
            with pytest.raises(
                (PermanentError, UnknownOutcomeError), match=r"not accepted|neither result"
            ):
                ask(operatie, answer)
    elif operatie == "GeefCodeLijst":
        found, _ = ask(operatie, answer)
        listed = root.findall(".//CodeLijst/CodeType")
        assert [one.code for one in found] == [one.findtext("Code") for one in listed]
    else:
        found, _ = ask(operatie, answer)
        listed = root.xpath(".//UitzonderingenRegistratie[Resultaat = '0']")
        assert [one.dossiernummer for one in found] == [
            one.findtext("Identificatie/Dossiernummer") for one in listed
        ]
        assert [len(one.fouten) for one in found] == [
            len(one.findall("Fouten/Fout")) for one in listed
        ]


def test_failed_uploads_tell_their_dossier_and_the_owners_texts() -> None:
    line = (
        "<UitzonderingenRegistratie><Resultaat Beschrijving='NOK'>0</Resultaat>"
        f"<Identificatie><Bron>{BRON}</Bron><Dossiernummer>{NUMMER}</Dossiernummer></Identificatie>"
        "<TijdstipVerwerking>2026-11-23T14:31:00+01:00</TijdstipVerwerking>"
        "<Fouten><Fout><Omschrijving>Het product is onbekend</Omschrijving></Fout></Fouten>"
        "</UitzonderingenRegistratie>"
    )
    group = f"<UitzonderingenRegistraties>{line}</UitzonderingenRegistraties>"
    answer = repliek("GeefUitzonderingenRegistraties", antwoord=f"<Inhoud>{group}</Inhoud>")
    found, _ = ask("GeefUitzonderingenRegistraties", answer)
    moment = datetime(2026, 11, 23, 13, 31, tzinfo=UTC)
    assert found == (MislukteRegistratie(NUMMER, moment, ("Het product is onbekend",)),)
    assert "onbekend" not in repr(found)


def test_a_code_list_is_read_in_its_order() -> None:
    each = "".join(
        f"<CodeType><Code>{code}</Code><Omschrijving>{text}</Omschrijving></CodeType>"
        for code, text in (("InBehandeling", "In behandeling"), ("Beslist", "Beslist"))
    )
    answer = repliek("GeefCodeLijst", antwoord=f"<Inhoud><CodeLijst>{each}</CodeLijst></Inhoud>")
    found, _ = ask("GeefCodeLijst", answer)
    assert found == (Code("InBehandeling", "In behandeling"), Code("Beslist", "Beslist"))


def test_no_data_is_an_empty_list_and_nothing_to_remove() -> None:
    def nothing(operatie: str) -> bytes:
        return repliek(operatie, antwoord=uitzonderingen("30001"))

    for operatie in ("GeefCodeLijst", "GeefUitzonderingenRegistraties"):
        assert ask(operatie, nothing(operatie))[0] == ()
    with pytest.raises(AlreadyDoneError):
        ask("VerwijderDossier", nothing("VerwijderDossier"))


@pytest.mark.parametrize("code", ["40006", "20002", "12345"])
def test_a_refused_removal_is_not_taken_for_a_removal(code: str) -> None:
    with pytest.raises(PermanentError, match=code):
        ask("VerwijderDossier", repliek("VerwijderDossier", antwoord=uitzonderingen(code)))
