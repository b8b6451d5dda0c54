"""Dialoog keeps to the published contract: one aanmelding once, corrected, told and withdrawn."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import uuid4

import pypdf
import pytest

from tests.sandbox.dialoog_raw import Partner, aanmelding
from tests.sandbox_process import SandboxHandle


@pytest.fixture
def partner(sandbox: SandboxHandle) -> Partner:
    """Give Dialoog."""
    return Partner(sandbox)


def test_the_first_time_is_201_and_the_same_body_again_is_200(partner: Partner) -> None:
    body = aanmelding()
    first = partner.put(body, "k:1:" + body["referentie"])
    assert first.status_code == 201
    assert first.json()["referentie"] == body["referentie"]
    again = partner.put(dict(reversed(list(body.items()))), "k:2:" + body["referentie"])
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["ETag"] == first.headers["ETag"]
    effects = [
        r["effect"]
        for r in partner.sandbox.journal("dialoog")
        if r["sleutel"] == body["referentie"]
    ]
    assert effects == [True, False]


def test_another_body_needs_the_current_etag(partner: Partner) -> None:
    body = aanmelding()
    etag = partner.put(body).headers["ETag"]
    other = body | {"vraag": "Hoe isoleer ik mijn dak?"}
    refused = partner.put(other)
    assert refused.status_code == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:renovatiehub:aanmelding:andere-inhoud"
    assert partner.put(other, If_Match='"oud"').status_code == 412
    replaced = partner.put(other, If_Match=etag)
    assert replaced.status_code == 200
    assert replaced.headers["ETag"] != etag
    assert partner.put(other, If_Match=etag).status_code == 412


def test_if_match_on_an_unknown_referentie_is_412(partner: Partner) -> None:
    assert partner.put(aanmelding(), If_Match='"x"').status_code == 412


@pytest.mark.parametrize(
    ("change", "veld", "code"),
    [
        ({"insz": "12345678901"}, "", "onbekend_veld"),
        ({"vraag": None}, "/vraag", "verkeerd_soort"),
        ({"soort": "zonnepanelen"}, "/soort", "onbekende_waarde"),
        ({"ingediendOp": "2026-11-10T09:15:00"}, "/ingediendOp", "verkeerde_vorm"),
        ({"aanvrager": {"voornaam": "Joris"}}, "/aanvrager/naam", "ontbreekt"),
        ({"aanvrager": {"voornaam": "J", "naam": "V", "email": "x"}}, "/aanvrager/email",
         "verkeerde_vorm"),
    ],
)  # fmt: skip
def test_a_body_outside_the_contract_is_400_and_names_the_field(
    partner: Partner, change: dict[str, Any], veld: str, code: str
) -> None:
    body = aanmelding(**change)
    answer = partner.put(body)
    assert answer.status_code == 400
    assert {"veld": veld, "code": code} in answer.json()["fouten"]
    assert "Joris" not in answer.text
    assert partner.call("GET", f"/{body['referentie']}").status_code == 404


def test_a_service_dialoog_does_not_offer_is_422(partner: Partner) -> None:
    answer = partner.put(aanmelding(soort="energielening"))
    assert (answer.status_code, answer.json()["fouten"][0]["code"]) == (422, "niet_aangeboden")


def test_the_idempotency_key_is_needed_and_never_used_twice(partner: Partner) -> None:
    body = aanmelding()
    assert partner.call("PUT", f"/{body['referentie']}", json=body).status_code == 400
    assert partner.put(body, "k:" + body["referentie"]).status_code == 201
    other = aanmelding()
    assert partner.put(other, "k:" + body["referentie"]).status_code == 422
    assert partner.call("GET", f"/{other['referentie']}").status_code == 404


def test_a_referentie_that_differs_from_the_path_is_400(partner: Partner) -> None:
    body = aanmelding()
    head = {"Idempotency-Key": "k:verschil"}
    assert partner.call("PUT", f"/{uuid4()}", head, json=body).status_code == 400
    assert partner.call("PUT", "/ABC", head, json=body).status_code == 400


def test_without_the_token_the_answer_is_401(partner: Partner) -> None:
    answer = partner.call("GET", f"/{uuid4()}", {"Authorization": "Bearer fout"})
    assert answer.status_code == 401


def test_a_get_tells_which_request_was_accepted_and_no_personal_data(partner: Partner) -> None:
    body = aanmelding()
    partner.put(body, "k:stand:" + body["referentie"])
    answer = partner.call("GET", f"/{body['referentie']}")
    assert answer.status_code == 200
    stand = answer.json()
    assert stand["idempotencyKey"] == "k:stand:" + body["referentie"]
    assert (stand["status"], stand["soort"]) == ("ontvangen", "duurzaam_bouwadvies")
    assert stand["ontvangstnummer"].startswith("DIA-")
    assert "Verzonnen" not in answer.text


def test_a_withdrawal_before_a_visit_deletes_and_closes_the_referentie(partner: Partner) -> None:
    body = aanmelding()
    partner.put(body)
    path = f"/{body['referentie']}"
    first = partner.call("DELETE", path)
    assert (first.status_code, first.json()["uitkomst"]) == (200, "verwijderd")
    assert partner.call("DELETE", path).json() == first.json()
    assert partner.call("GET", path).status_code == 404
    assert partner.put(body).json()["type"].endswith(":ingetrokken")
    assert partner.call("DELETE", f"/{uuid4()}").status_code == 404


def test_a_withdrawal_after_an_invoiced_visit_is_kept_with_the_duty_named(
    partner: Partner,
) -> None:
    body = aanmelding()
    partner.put(body)
    step = {"referentie": body["referentie"], "status": "plaatsbezoek"}
    partner.sandbox.control("POST", "/dialoog/voortgang", json=step)
    answer = partner.call("DELETE", f"/{body['referentie']}").json()
    assert answer["uitkomst"] == "bewaard"
    assert answer["bewaarplicht"]["reden"] == "gefactureerd_bezoek"
    stand = partner.call("GET", f"/{body['referentie']}").json()
    assert stand["intrekking"]["uitkomst"] == "bewaard"


def test_progress_comes_in_pages_oldest_first_and_strictly_after_the_moment(
    partner: Partner,
) -> None:
    body = aanmelding(dossierNummer="RD-9002-000001")
    start = partner.put(body).json()["ontvangenOp"]
    for status in ("ingepland", "plaatsbezoek", "advies_opgemaakt", "afgerond"):
        step = {"dossiernummer": "RD-9002-000001", "status": status}
        partner.sandbox.control("POST", "/dialoog/voortgang", json=step)
    params: dict[str, Any] = {"gewijzigdNa": start, "limiet": 3}
    events: list[dict[str, Any]] = []
    while True:
        page = partner.call("GET", params=params).json()
        events += page["items"]
        if "volgende" not in page:
            break
        params["pagina"] = page["volgende"]
    mine = [e for e in events if e["referentie"] == body["referentie"]]
    assert [e["status"] for e in mine][-4:] == [
        "ingepland", "plaatsbezoek", "advies_opgemaakt", "afgerond",
    ]  # fmt: skip
    later = partner.call("GET", params={"gewijzigdNa": mine[-1]["gewijzigdOp"]}).json()
    assert later["items"] == []


def test_a_list_without_a_moment_or_with_a_made_up_page_is_400(partner: Partner) -> None:
    assert partner.call("GET").status_code == 400
    params = {"gewijzigdNa": "2026-01-01T00:00:00Z", "pagina": "onzin"}
    assert partner.call("GET", params=params).status_code == 400


def test_the_list_of_all_follows_pages_and_refuses_made_up_ones(partner: Partner) -> None:
    mine = [partner.put(aanmelding()).json()["referentie"] for _ in range(5)]
    url = partner.base.replace("aanmeldingen", "standen")
    token = {"Authorization": f"Bearer {partner.sandbox.secrets['dialoog']['token']}"}
    found, page = [], {"limiet": "2"}
    while page:
        body = partner.sandbox.session.get(url, params=page, headers=token, timeout=10).json()
        assert len(body["items"]) <= 2
        found += [item["referentie"] for item in body["items"]]
        page = {"limiet": "2", "pagina": body["volgende"]} if "volgende" in body else {}
    assert found == sorted(set(found))
    assert set(mine) <= set(found)
    for wrong in ({"limiet": "0"}, {"limiet": "501"}, {"pagina": "a"}):
        answer = partner.sandbox.session.get(url, params=wrong, headers=token, timeout=10)
        assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert partner.sandbox.session.get(url, timeout=10).status_code == 401


def fetch(partner: Partner, href: str, token: str | None = None) -> Any:
    shown = token or partner.sandbox.secrets["dialoog"]["token"]
    head = {"Authorization": f"Bearer {shown}"}
    return partner.sandbox.session.get(href, headers=head, timeout=10)


def events_of(partner: Partner, referentie: str) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"gewijzigdNa": "2020-01-01T00:00:00Z", "limiet": 500}
    items: list[dict[str, Any]] = partner.call("GET", params=params).json()["items"]
    return [item for item in items if item["referentie"] == referentie]


def test_a_document_is_a_pdf_with_the_size_and_hash_that_its_event_tells(partner: Partner) -> None:
    body = aanmelding()
    partner.put(body)
    step = {
        "referentie": body["referentie"], "status": "advies_opgemaakt", "adviesSoort": "dubo",
        "documenten": [{"titel": "Duurzaam bouwadvies"}],
    }  # fmt: skip
    partner.sandbox.control("POST", "/dialoog/voortgang", json=step)
    [document] = events_of(partner, body["referentie"])[-1]["documenten"]
    assert document["href"].startswith(f"{partner.sandbox.base_url}/dialoog/documenten/")
    answer = fetch(partner, document["href"])
    assert answer.headers["Content-Type"] == document["mediatype"] == "application/pdf"
    assert len(answer.content) == document["grootte"]
    assert hashlib.sha256(answer.content).hexdigest() == document["sha256"]
    [page] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    assert "Duurzaam bouwadvies" in page.extract_text()
    assert fetch(partner, document["href"], "fout").status_code == 401
    assert fetch(partner, f"{document['href']}x").status_code == 404


def test_what_is_removed_takes_its_documents_with_it(partner: Partner) -> None:
    body = aanmelding()
    partner.put(body)
    step = {
        "referentie": body["referentie"], "status": "ingepland",
        "documenten": [{"titel": "Afspraak"}],
    }  # fmt: skip
    partner.sandbox.control("POST", "/dialoog/voortgang", json=step)
    [document] = events_of(partner, body["referentie"])[-1]["documenten"]
    assert partner.call("DELETE", f"/{body['referentie']}").json()["uitkomst"] == "verwijderd"
    assert fetch(partner, document["href"]).status_code == 404


def test_a_body_that_says_it_is_text_is_415(partner: Partner) -> None:
    body = aanmelding()
    answer = partner.put(body, Content_Type="text/plain")
    assert (answer.status_code, answer.json()["status"]) == (415, 415)
    assert partner.call("GET", f"/{body['referentie']}").status_code == 404


def test_what_is_not_there_is_a_problem_wherever_it_is_asked(partner: Partner) -> None:
    for path in ("documenten/x", "documenten/a%0Ab", "elders", "documenten/"):
        answer = fetch(partner, f"{partner.sandbox.base_url}/dialoog/{path}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_scenarios_of_the_contract_are_known_by_the_dossier_number(partner: Partner) -> None:
    advised = aanmelding(dossierNummer="proef-advies-1")
    assert partner.put(advised).status_code == 201
    assert [e["status"] for e in events_of(partner, advised["referentie"])] == [
        "ontvangen", "ingepland", "plaatsbezoek", "advies_opgemaakt",
    ]  # fmt: skip
    kept = aanmelding(dossierNummer="proef-bewaard-1")
    partner.put(kept)
    assert partner.call("DELETE", f"/{kept['referentie']}").json()["uitkomst"] == "bewaard"
    busy = aanmelding(dossierNummer="proef-druk-1")
    first = partner.put(busy)
    assert (first.status_code, first.headers["Retry-After"]) == (429, "1")
    assert partner.call("GET", f"/{busy['referentie']}").status_code == 404
    assert partner.put(busy).status_code == 201
    refused = aanmelding(dossierNummer="proef-geweigerd-1")
    assert partner.put(refused).status_code == 422


def test_a_correlation_id_that_is_no_uuid_is_400(partner: Partner) -> None:
    head = {"x-correlation-id": "geen-uuid"}
    assert partner.call("GET", f"/{uuid4()}", head).status_code == 400
