"""What DOSIS answers over REST is read as what it is, and none of its texts gets into an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.mijnburgerprofiel.dosis import (
    DosisRestClient,
    MislukteRegistratie,
    Resultaat,
    open_dosis_rest_client,
    rest_mapping,
)
from connectors.mijnburgerprofiel.dosis.rest_mapping import Velden
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    UnknownOutcomeError,
)
from connectors.transport.fields import read_object
from tests.connectors.magda_proef import INSZ, dossier
from tests.connectors.scripted_server import Answer, Asked, ScriptedServer, in_turn, serve

ONE = dossier()
REFERTE = UUID("16526758-2328-4614-95f4-0e349efcb2f1")


def sign_on(_renew: bool) -> dict[str, str]:
    return {"Authorization": "Bearer t"}


def open_client(server: ScriptedServer, velden: Velden | None = None) -> DosisRestClient:
    return open_dosis_rest_client(server.url, sign_on, velden=velden, timeout=server.timeout)


def as_json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def register(answer: Answer, velden: Velden | None = None) -> Asked:
    with serve(in_turn(answer)) as server:
        open_client(server, velden).register_dossier(dossier=ONE, referte=REFERTE)
        (asked,) = server.asked
    return asked


def ask(answer: Answer) -> Resultaat:
    with serve(in_turn(answer)) as server:
        return open_client(server).get_resultaat(
            bron=ONE.bron,
            dossiernummer=ONE.dossiernummer,
            upload_id=ONE.upload_id,
            referte=REFERTE,
        )


ACCEPTED = as_json({"Status": "OK", "UploadId": str(ONE.upload_id).upper()})


def test_a_registration_says_what_the_dossier_says() -> None:
    asked = register(ACCEPTED)
    assert (asked.method, asked.path) == ("POST", "/api/v1/dosis/dossiers")
    assert asked.headers["x-correlation-id"] == str(REFERTE)
    assert json.loads(asked.body) == {
        "Identificatie": {"Bron": ONE.bron, "DossierNummer": ONE.dossiernummer},
        "UploadId": str(ONE.upload_id),
        "Naam": "Renovatiebegeleiding",
        "WijzigingsDatum": "2026-11-23T14:30:00+01:00",
        "Status": {
            "VlaamsCode": "Ingediend",
            "VlaamsFase": "Samenstelling",
            "Detail1": "Wij hebben uw vraag ontvangen.",
            "Actie": {"ActieNodig": True, "Actie": "Bezorg ons uw plannen."},
        },
        "Doorverwijzing": ONE.doorverwijzing,
        "TypeDossierCode": "DossierStatus",
        "Producten": [{"Id": 685}],
        "DossierBeheerder": {"Dienst": "Energieloket Leuven"},
        "Agenten": [{"Identificatie": INSZ, "Toegangsrechten": [{"Code": "Raadpleger"}]}],
    }


def test_another_spelling_is_a_change_of_one_file(tmp_path: Path) -> None:
    own = Path(rest_mapping.__file__).with_name("rest_velden.yml")
    document = yaml.safe_load(own.read_text(encoding="utf-8"))
    document["dossier"] |= {"code": "Status.VlaamseCode", "fase": "Status.VlaamseFase"}
    path = tmp_path / "velden.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    status = json.loads(register(ACCEPTED, Velden.load(path)).body)["Status"]
    assert (status["VlaamseCode"], status["VlaamseFase"]) == ("Ingediend", "Samenstelling")
    assert "VlaamsCode" not in status


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"Status": "OK", "UploadId": str(uuid4())}),
        as_json({"Status": "Misschien", "UploadId": str(ONE.upload_id)}),
        as_json({"Status": "OK"}),
        as_json([]),
        Answer(200, b"<html>"),
        Answer(201, b"{}"),
        Answer(502),
        Answer(reset=True),
        Answer(delay=1.5),
    ],
    ids=range(9),
)
def test_an_answer_that_is_no_acceptance_leaves_the_outcome_open(answer: Answer) -> None:
    with pytest.raises(UnknownOutcomeError):
        register(answer)


def test_a_refusal_tells_code_and_fields_and_never_a_text() -> None:
    error = {"code": "E1", "message": f"{INSZ} bestaat niet", "description": INSZ}
    body = {
        "code": "ValidatieFout",
        "message": f"INSZ {INSZ}",
        "description": INSZ,
        "errors": [error | {"field": "Agenten[0].Identificatie"}, error | {"field": f"x {INSZ}"}],
    }
    with pytest.raises(PermanentError) as caught:
        register(as_json(body, 400))
    text = str(caught.value)
    assert "answered 400 (ValidatieFout) because of Agenten[0].Identificatie." in text
    assert INSZ not in text


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, b"nee"), PermanentError),
        (as_json({"errors": "x"}, 422), PermanentError),
        (Answer(401), AuthenticationError),
        (Answer(403), AuthenticationError),
        (Answer(404), PermanentError),
    ],
    ids=range(5),
)
def test_a_refusal_in_another_shape_is_still_a_refusal(
    answer: Answer, kind: type[ConnectorError]
) -> None:
    with pytest.raises(kind):
        register(answer)


def test_a_receipt_is_read_with_its_moment_and_the_owners_texts() -> None:
    fouten = [{"Omschrijving": "Het product is onbekend", "LijnNummer": 3}, {"LijnNummer": None}]
    told = {"Succes": False, "Fout": True, "Fouten": fouten}
    moment = datetime(2026, 11, 23, 13, 31, tzinfo=UTC)
    for text in ("2026-11-23T14:31:00+01:00", "2026-11-23T14:31:00", "2026-11-23T13:31:00Z"):
        found = ask(as_json(told | {"TijdstipVerwerking": text}))
        assert found == Resultaat(True, False, moment, ("Het product is onbekend", ""))
    assert "onbekend" not in repr(found)
    bare = as_json({"Succes": True, "Fouten": None, "TijdstipVerwerking": None})
    assert ask(bare) == Resultaat(True, True)
    assert ask(Answer(404, b"{}")) == Resultaat(False, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("Succes", "Fouten", "TijdstipVerwerking", "Anders"), json_values),
    )
)
def test_any_receipt_is_read_or_breaks_the_contract(told: dict[str, Any]) -> None:
    response = requests.Response()
    response._content = json.dumps(told).encode()
    answer = read_object(response, "dosis", "GET resultaten", "RD-1")
    try:
        found = Velden.load().read_resultaat(answer)
    except ContractError:
        return
    assert found.gelukt is told["Succes"]


def test_failed_uploads_are_read_also_those_that_name_no_dossier() -> None:
    body = [
        {
            "Succes": False,
            "Fouten": [{"Omschrijving": "x"}],
            "TijdstipVerwerking": "2026-11-23T14:31:00+01:00",
            "Identificatie": {"Bron": ONE.bron, "DossierNummer": "RD-1"},
        },
        {"Fouten": []},
    ]
    with serve(lambda _asked: as_json(body)) as server:
        found = open_client(server).list_uitzonderingen(bron=ONE.bron, referte=REFERTE)
        (asked,) = server.asked
    moment = datetime(2026, 11, 23, 13, 31, tzinfo=UTC)
    assert found == (MislukteRegistratie("RD-1", moment, ("x",)), MislukteRegistratie(None))
    assert asked.path.startswith("/api/v1/dosis/resultaten/fouten?bron=https%3A%2F%2Fleuven.be")
