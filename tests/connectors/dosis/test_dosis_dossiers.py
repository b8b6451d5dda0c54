"""GeefDossiers: our question fits the owner's schema, and every answer that it allows is read."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from lxml import etree

from connectors.mijnburgerprofiel.dosis import (
    DossierHistoriek,
    DossierLijst,
    DossierMutatie,
    OntbrekendeBron,
)
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
)
from tests.connectors.magda_proef import (
    DOSIS_ANTWOORD,
    DOSIS_VRAAG,
    INSZ,
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

BRON = "https://leuven.be/energieloket"
REFERTE = UUID("16526758-2328-4614-95f4-0e349efcb2f1")
SAMPLE = "dosis/geefdossiers_antwoord.xml"


def look(
    answer: bytes, *, insz: str = INSZ, bronnen: tuple[str, ...] = (BRON,)
) -> tuple[DossierLijst, Asked]:
    with serve(lambda _asked: Answer(200, answer, XML)) as server:
        found = open_dosis_client(f"{server.url}/magda/dosis").get_dossiers(
            insz=insz, bronnen=bronnen, referte=REFERTE
        )
    (asked,) = server.asked
    return found, asked


def dossiers(*mutaties: str) -> str:
    each = "".join(f"<DossierMutatie>{mutatie}</DossierMutatie>" for mutatie in mutaties)
    return (
        "<Inhoud><Dossiers><Dossier><DossierMutaties>"
        f"{each}</DossierMutaties></Dossier></Dossiers></Inhoud>"
    )


def mutatie(*, nummer: str = "RD-0001-000001", status: str = "") -> str:
    return (
        f"<Identificatie><Bron>{BRON}</Bron><Dossiernummer>{nummer}</Dossiernummer></Identificatie>"
        f"<Naam>Renovatie</Naam>{status}<Type>DossierStatus</Type><Subjecten><Subject>"
        f"<Type>PERS</Type><Sleutel>{INSZ}</Sleutel></Subject></Subjecten>"
        "<Periode><Begin><Datum>2026-11-23</Datum></Begin></Periode>"
    )


def partial(code: str, bron: str | None) -> str:
    about = ""
    if bron is not None:
        about = (
            f"<Annotaties><Annotatie><Naam>Bron</Naam><Waarde>{bron}</Waarde></Annotatie>"
            "</Annotaties>"
        )
    text = uitzonderingen(code)
    return text.replace("</Diagnose>", f"</Diagnose>{about}")


@pytest.mark.parametrize("bronnen", [(), (BRON,), (BRON, "STL")])
def test_the_question_validates_against_the_owners_schema(
    voorbeelden: Path, bronnen: tuple[str, ...]
) -> None:
    _, asked = look(repliek("GeefDossiers", antwoord=uitzonderingen("30001")), bronnen=bronnen)
    message = message_of(asked.body)
    assert asked.path == "/magda/dosis/GeefDossiers"
    assert owner_schema(voorbeelden, DOSIS_VRAAG.format("GeefDossiers"))(message) is None
    assert [one.text for one in message.iter("Bron")] == list(bronnen)


def test_the_owners_own_sample_reads(voorbeelden: Path) -> None:
    found, _ = look(envelop((voorbeelden / SAMPLE).read_bytes()))
    first, second = found.dossiers
    assert [len(one.mutaties) for one in found.dossiers] == [3, 1]
    assert (first.bron, second.bron) == ("STL", "STL")
    assert first.dossiernummer.startswith("ST2016.00001_Partiële")
    assert [(one.fase, one.code) for one in first.mutaties] == [
        ("Samenstelling", "Ingediend"),
        ("Behandeling", "DossierOnvolledig"),
        ("Behandeling", "InBehandeling"),
    ]
    # Without offset the owner means Belgian time.
    assert first.mutaties[1] == DossierMutatie(
        type="DossierStatus",
        fase="Behandeling",
        code="DossierOnvolledig",
        details=("Wij hebben bijkomende gegevens nodig",),
        actie="U moet nog een document bezorgen aan de dienst studietoelagen",
        status_gewijzigd_op=datetime(2018, 1, 2, 8, tzinfo=UTC),
        dossier_gewijzigd_op=datetime(2018, 2, 1, 8, tzinfo=UTC),
        producten=(685,),
    )
    assert found.ontbrekend == (OntbrekendeBron("VAPH", "99986"),)


@pytest.mark.parametrize("seed", range(40))
def test_any_answer_that_the_owners_schema_allows_is_read(voorbeelden: Path, seed: int) -> None:
    path = DOSIS_ANTWOORD.format("GeefDossiers")
    writer = SchemaWriter((voorbeelden / path).resolve())
    root = writer.write("GeefDossiersResponse", random.Random(seed))
    for group in root.xpath("//Uitzonderingen"):
        group.getparent().remove(group)
    assert owner_schema(voorbeelden, path)(root) is None
    found, _ = look(envelop(etree.tostring(root)))
    written = root.findall(".//DossierMutatie")
    read = [one for dossier in found.dossiers for one in dossier.mutaties]
    assert [one.code for one in read] == [one.findtext("Status/Code") for one in written]
    assert [list(one.details) for one in read] == [
        [detail.text for detail in one.iterfind("Status/Details/Detail")] for one in written
    ]
    assert [one.status_gewijzigd_op is None for one in read] == [
        one.find("Status/DatumModificatie") is None for one in written
    ]
    assert [len(one.producten) for one in read] == [
        len(one.findall("Producten/Product")) for one in written
    ]


def test_a_resident_without_dossiers_is_no_error() -> None:
    found, _ = look(repliek("GeefDossiers", antwoord=uitzonderingen("30001")))
    assert found == DossierLijst((), ())


@pytest.mark.parametrize("code", ["60013", "99986"])
def test_what_one_source_does_not_answer_stands_beside_what_the_others_do(code: str) -> None:
    answer = dossiers(mutatie()) + partial(code, "VAPH")
    found, _ = look(repliek("GeefDossiers", antwoord=answer))
    assert [one.dossiernummer for one in found.dossiers] == ["RD-0001-000001"]
    assert found.ontbrekend == (OntbrekendeBron("VAPH", code),)


@pytest.mark.parametrize("code", ["60013", "99986"])
def test_an_answer_in_which_every_source_is_missing_says_so(code: str) -> None:
    found, _ = look(repliek("GeefDossiers", antwoord=partial(code, BRON)))
    assert found == DossierLijst((), (OntbrekendeBron(BRON, code),))
    found, _ = look(repliek("GeefDossiers", uitzonderingen=partial(code, None)))
    assert found == DossierLijst((), (OntbrekendeBron(None, code),))


def test_an_unknown_exception_beside_the_dossiers_says_that_something_is_missing() -> None:
    answer = dossiers(mutatie()) + partial("60099", None)
    found, _ = look(repliek("GeefDossiers", antwoord=answer))
    assert len(found.dossiers) == 1
    assert found.ontbrekend == (OntbrekendeBron(None, "60099"),)


def test_a_dossier_without_status_is_read_as_such() -> None:
    found, _ = look(repliek("GeefDossiers", antwoord=dossiers(mutatie())))
    assert found.dossiers == (
        DossierHistoriek(BRON, "RD-0001-000001", (DossierMutatie(type="DossierStatus"),)),
    )


def test_mutations_are_gathered_per_dossier_in_their_order() -> None:
    one, other = mutatie(), mutatie(nummer="RD-0001-000002")
    found, _ = look(repliek("GeefDossiers", antwoord=dossiers(one, other, one)))
    assert [(d.dossiernummer, len(d.mutaties)) for d in found.dossiers] == [
        ("RD-0001-000001", 2),
        ("RD-0001-000002", 1),
    ]


def test_nothing_of_a_person_is_left_in_what_was_read() -> None:
    extra = f"<Onbekend>{INSZ}</Onbekend>"
    found, _ = look(repliek("GeefDossiers", antwoord=dossiers(mutatie(status=extra))))
    assert INSZ not in repr(found)


@pytest.mark.parametrize(
    "broken",
    [
        mutatie().replace("<Type>DossierStatus</Type>", ""),
        mutatie().replace(f"<Bron>{BRON}</Bron>", ""),
        mutatie(status="<DatumModificatie>gisteren</DatumModificatie>"),
    ],
)
def test_an_answer_without_what_it_must_hold_is_a_contract_error(broken: str) -> None:
    with pytest.raises(ContractError) as caught:
        look(repliek("GeefDossiers", antwoord=dossiers(broken)))
    assert INSZ not in f"{caught.value}{caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (repliek("GeefDossiers", antwoord=uitzonderingen("60009")), RetryableError),
        (repliek("GeefDossiers", uitzonderingen=uitzonderingen("40006")), AuthenticationError),
        (repliek("GeefDossiers", antwoord=uitzonderingen("40003")), PermanentError),
    ],
)
def test_what_stands_in_place_of_an_answer_is_an_error(
    answer: bytes, kind: type[ConnectorError]
) -> None:
    with pytest.raises(kind) as caught:
        look(answer)
    assert INSZ not in f"{caught.value}{caught.value!r}{caught.value.__context__!r}"
    assert str(REFERTE) in str(caught.value)


def test_a_number_that_is_no_insz_never_leaves() -> None:
    with serve(lambda _asked: Answer(200, b"", XML)) as server:
        client = open_dosis_client(f"{server.url}/magda/dosis")
        with pytest.raises(ContractError) as caught:
            client.get_dossiers(insz="850706-123", bronnen=(), referte=REFERTE)
    assert server.asked == []
    assert "850706" not in f"{caught.value}{caught.value.__context__!r}"
