"""Our DOSIS messages, as they leave, against the owner's schemas; its answers come out right."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from lxml import etree

from connectors.mijnburgerprofiel.dosis import DosisDossier, DosisStatus, Resultaat
from connectors.transport.errors import ContractError, PermanentError, UnknownOutcomeError
from tests.connectors.magda_proef import (
    DOSIS_ANTWOORD,
    DOSIS_VRAAG,
    INSZ,
    XML,
    dossier,
    envelop,
    message_of,
    open_dosis_client,
    owner_schema,
    repliek,
)
from tests.connectors.scripted_server import Answer, Asked, serve
from tests.connectors.volgens_schema import SchemaWriter

ACCEPTED = repliek(
    "RegistreerDossier",
    antwoord='<Inhoud><Resultaat Beschrijving="OK">1</Resultaat></Inhoud>',
)
REFERTE = UUID("16526758-2328-4614-95f4-0e349efcb2f1")


def register(one: DosisDossier, answer: bytes = ACCEPTED) -> Asked:
    with serve(lambda _asked: Answer(200, answer, XML)) as server:
        open_dosis_client(f"{server.url}/magda/dosis").register_dossier(
            dossier=one, referte=REFERTE
        )
    (asked,) = server.asked
    return asked


def ask_receipt(answer: bytes) -> tuple[Resultaat, Asked]:
    with serve(lambda _asked: Answer(200, answer, XML)) as server:
        found = open_dosis_client(f"{server.url}/magda/dosis").get_resultaat(
            bron="https://leuven.be/energieloket", dossiernummer="RD-0001-000001", referte=REFERTE
        )
    return found, server.asked[0]


BARE = {
    "status": DosisStatus("Ingediend", "Samenstelling"),
    "doorverwijzing": None,
    "beheerder_dienst": None,
}


@pytest.mark.parametrize(
    "one",
    [
        dossier(),
        dossier(**BARE),
        dossier(status=DosisStatus("Beslist", "Beslissing", None, False)),
        dossier(
            doorverwijzing="https://crm.example/main.aspx?van=a&nummer=RD%2F1%20%C3%A9%22#stand"
        ),
        dossier(naam="Renovatie: “Ter Beuken” & zonen <ééngezins>"),
    ],
)
def test_a_registration_validates_against_the_owners_schema(
    voorbeelden: Path, one: DosisDossier
) -> None:
    message = message_of(register(one).body)
    assert owner_schema(voorbeelden, DOSIS_VRAAG.format("RegistreerDossier"))(message) is None


def test_the_question_for_a_receipt_validates_against_the_owners_schema(voorbeelden: Path) -> None:
    answer = repliek("GeefResultaatRegistratie", antwoord=" ")
    found, asked = ask_receipt(answer)
    validate = owner_schema(voorbeelden, DOSIS_VRAAG.format("GeefResultaatRegistratie"))
    assert validate(message_of(asked.body)) is None
    assert asked.path == "/magda/dosis/GeefResultaatRegistratie"
    assert found == Resultaat(verwerkt=False, gelukt=False)


def test_a_registration_says_what_the_dossier_says() -> None:
    asked = register(dossier())
    assert asked.path == "/magda/dosis/RegistreerDossier"
    found = message_of(asked.body).find("Verzoek/Vragen/Vraag/Inhoud/Dossier")
    assert found is not None
    told = {
        etree.ElementTree(found).getelementpath(node): node.text
        for node in found.iter()
        if not len(node)
    }
    assert told == {
        "Identificatie/Bron": "https://leuven.be/energieloket",
        "Identificatie/Dossiernummer": "RD-0001-000001",
        "Naam": "Renovatiebegeleiding",
        "DatumModificatie": "2026-11-23T14:30:00+01:00",
        "Status/Code": "Ingediend",
        "Status/Fase": "Samenstelling",
        "Status/Details/Detail": "Wij hebben uw vraag ontvangen.",
        "Status/DatumModificatie": "2026-11-23T14:30:00+01:00",
        "Status/Actie/ActieNodig": "1",
        "Status/Actie/Omschrijving": "Bezorg ons uw plannen.",
        "Type": "DossierStatus",
        "Producten/Product": "685",
        "Beheerder/Contact/Dienst/Omschrijving": "Energieloket Leuven",
        "Doorverwijzing": "https://leuven.be/dossier/RD-0001-000001?stap=1&taal=nl",
        "Subjecten/Subject/Rol": "Raadpleger",
        "Subjecten/Subject/Type": "PERS",
        "Subjecten/Subject/Sleutel": INSZ,
    }


def test_the_same_dossier_and_reference_give_the_same_content() -> None:
    first, second = (register(dossier()) for _ in range(2))
    path = "Verzoek/Vragen/Vraag"
    texts = [etree.tostring(message_of(asked.body).find(path)) for asked in (first, second)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"naam": ""},
        {"naam": "x" * 256},
        {"product": 40_000},
        {"insz": ""},
        {"dossiernummer": ""},
        {"status": DosisStatus("", "Samenstelling")},
        {"status": DosisStatus("Ingediend", "Samenstelling", "x" * 256)},
        {"datum_modificatie": datetime(2026, 11, 23)},  # noqa: DTZ001
        {"naam": "met \x00 erin"},
    ],
    ids=str,
)
def test_a_dossier_that_breaks_the_contract_never_leaves(changes: dict[str, object]) -> None:
    with serve(lambda _asked: Answer(200, ACCEPTED, XML)) as server:
        client = open_dosis_client(f"{server.url}/magda/dosis")
        with pytest.raises(ContractError) as caught:
            client.register_dossier(dossier=dossier(**changes), referte=uuid4())
    assert server.asked == []
    assert INSZ not in f"{caught.value}{caught.value.__context__!r}"


def test_a_dossier_keeps_the_insz_out_of_its_text() -> None:
    assert INSZ not in repr(dossier())


def test_a_registration_that_was_not_accepted_is_permanent() -> None:
    refused = ACCEPTED.replace(b">1</Resultaat>", b">0</Resultaat>")
    with pytest.raises(PermanentError, match="not accepted"):
        register(dossier(), refused)


def test_a_receipt_without_faults_is_a_success() -> None:
    found, _ = ask_receipt(
        repliek(
            "GeefResultaatRegistratie",
            antwoord="<Inhoud><ResultaatRegistratie><Resultaat>1</Resultaat>"
            "<TijdstipVerwerking>2026-11-23T14:31:00+01:00</TijdstipVerwerking>"
            "</ResultaatRegistratie></Inhoud>",
        )
    )
    moment = datetime(2026, 11, 23, 13, 31, tzinfo=UTC)
    assert found == Resultaat(verwerkt=True, gelukt=True, tijdstip=moment)


def test_a_receipt_with_faults_brings_the_owners_texts() -> None:
    fouten = "".join(f"<Fout><Omschrijving>{t}</Omschrijving></Fout>" for t in ("Eerst", "Dan"))
    found, _ = ask_receipt(
        repliek(
            "GeefResultaatRegistratie",
            antwoord="<Inhoud><ResultaatRegistratie><Resultaat Beschrijving='NOK'>0</Resultaat>"
            f"<Fouten>{fouten}</Fouten></ResultaatRegistratie></Inhoud>",
        )
    )
    assert (found.verwerkt, found.gelukt, found.fouten) == (True, False, ("Eerst", "Dan"))
    assert "Eerst" not in repr(found)


@pytest.mark.parametrize("seed", range(20))
def test_any_receipt_that_the_owners_schema_allows_is_read(voorbeelden: Path, seed: int) -> None:
    path = DOSIS_ANTWOORD.format("GeefResultaatRegistratie")
    writer = SchemaWriter((voorbeelden / path).resolve())
    root = writer.write("GeefResultaatRegistratieResponse", random.Random(seed))
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    assert owner_schema(voorbeelden, path)(root) is None
    found, _ = ask_receipt(envelop(etree.tostring(root)))
    receipt = root.find(".//ResultaatRegistratie")
    assert found.verwerkt == (receipt is not None)
    if receipt is not None:
        assert found.gelukt == (receipt.findtext("Resultaat") == "1")
        assert len(found.fouten) == len(receipt.findall("Fouten/Fout"))
        assert (found.tijdstip is None) == (receipt.find("TijdstipVerwerking") is None)


@pytest.mark.parametrize("seed", range(10))
def test_any_answer_to_a_registration_that_the_owners_schema_allows_is_read(
    voorbeelden: Path, seed: int
) -> None:
    path = DOSIS_ANTWOORD.format("RegistreerDossier")
    writer = SchemaWriter((voorbeelden / path).resolve())
    root = writer.write("RegistreerDossierResponse", random.Random(seed))
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    assert owner_schema(voorbeelden, path)(root) is None
    if root.findtext(".//Resultaat") == "1":
        register(dossier(), envelop(etree.tostring(root)))
    else:
        with pytest.raises(
            (PermanentError, UnknownOutcomeError), match=r"not accepted|neither result"
        ):
            register(dossier(), envelop(etree.tostring(root)))
