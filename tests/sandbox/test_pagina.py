"""The dossier page shows each value with its source and escapes what people typed."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

from tests.sandbox.crm_raw import RawCrm, gegeven


def fetch(crm: RawCrm, number: str = "") -> str:
    """Return a page without any key: it is for people."""
    answer = crm.sandbox.session.get(f"{crm.base}/dossiers/{number}", timeout=10)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "action") and not (value or "").startswith(("/", "#", "?")):
                self.outside.append(f"{tag} {name}={value}")


def test_a_prefilled_value_is_shown_with_source_date_and_derived_mark(
    crm: RawCrm, seed: int
) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    dossier = known["crm"]["dossier"]
    crm.call("PATCH", f"rh_dossiers({dossier})", json={"rh_epclabel": "C", "rh_bouwjaar": 1931})
    label = gegeven(dossier, rh_veld="epc_label", rh_waarde="C", rh_afgeleid=True)
    crm.call("PATCH", f"rh_gegevens(rh_sleutel='{dossier}:epc_label')", json=label)
    year = gegeven(dossier, rh_suggestie="1966", rh_waarde="1966")
    crm.call("PATCH", f"rh_gegevens(rh_sleutel='{dossier}:bouwjaar')", json=year)
    page = fetch(crm, known["dossiernummer"])
    row = page.split('<th scope="row">Energielabel</th>')[1].split("</tr>")[0]
    assert "EPC-databank" in row
    assert "23/11/2026, 10:00" in row
    assert "afgeleid" in row
    typed = page.split('<th scope="row">Bouwjaar</th>')[1].split("</tr>")[0]
    assert "ingevuld door consulent" in typed
    assert "EPC-databank (VEKA) zegt: <strong>1966</strong>" in typed
    assert "opgehaald 23/11/2026, 10:00" in typed


def test_what_people_typed_is_escaped(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    body = {
        "dossiernummer": known["dossiernummer"],
        "velden": {"straat": "<script>alert(1)</script>"},
    }
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    for page in (fetch(crm, known["dossiernummer"]), fetch(crm, f"?zoek={known['dossiernummer']}")):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_the_pages_need_nothing_from_outside_and_show_no_insz(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(30, seed)
    for i in range(30):
        known = crm.sandbox.resident(i, seed)
        page = fetch(crm, known["dossiernummer"])
        links = _Links()
        links.feed(page)
        assert links.outside == []
        insz = crm.get(f"rh_profielen({known['crm']['profiel']})").json()["rh_insz"]
        assert insz is None or insz not in page


def test_the_index_answers_with_and_without_a_slash(crm: RawCrm) -> None:
    bare = crm.sandbox.session.get(f"{crm.base}/dossiers", timeout=10, allow_redirects=False)
    assert bare.status_code == 200
    assert "Dossiers" in bare.text
    assert fetch(crm).startswith("<!doctype html>")


def test_the_index_finds_a_dossier_and_an_unknown_one_is_404(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(3, seed)
    page = fetch(crm, f"?zoek=RD-{seed:04d}-")
    assert f"RD-{seed:04d}-000003" in page
    assert "3 dossiers" in page
    answer = crm.sandbox.session.get(f"{crm.base}/dossiers/RD-9999-999999", timeout=10)
    assert answer.status_code == 404
    assert "Onbekend dossier" in answer.text


def send(crm: RawCrm, number: str, form: str, **fields: str) -> int:
    """Send a form of the page as a browser does; return the status of the answer."""
    answer = crm.sandbox.session.post(
        f"{crm.base}/dossiers/{number}/{form}", data=fields, timeout=10, allow_redirects=False
    )
    if answer.status_code == 303:
        assert answer.headers["Location"] == f"/crm/dossiers/{number}"
    return answer.status_code


def test_a_person_chooses_the_dwelling_on_the_page(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    dossier, number = known["crm"]["dossier"], known["dossiernummer"]
    assert send(crm, number, "keuze", keuze="adres 20000001") == 409
    task = {
        "rh_dossier@odata.bind": f"/rh_dossiers({dossier})",
        "rh_soort": "woning_kiezen",
        "rh_status": "open",
        "rh_omschrijving": "Kies.\nMogelijk:\n- adres 20000001: <b>Kerkstraat</b> 1\n- adres 2",
    }
    crm.call("PATCH", f"rh_stappen(rh_sleutel='{dossier}:woning_kiezen:1')", json=task)
    page = fetch(crm, number)
    assert 'value="adres 20000001"> &lt;b&gt;Kerkstraat&lt;/b&gt; 1' in page
    assert 'value="adres 2"> adres 2' in page
    assert send(crm, number, "keuze", keuze="adres 20000001") == 303
    row = crm.get(f"rh_stappen(rh_sleutel='{dossier}:woning_kiezen:1')").json()
    assert row["rh_keuze"] == "adres 20000001"
    assert send(crm, number, "keuze", keuze="adres 2", anders="gebouweenheid 9") == 303
    row = crm.get(f"rh_stappen(rh_sleutel='{dossier}:woning_kiezen:1')").json()
    assert (row["rh_keuze"], row["rh_status"]) == ("gebouweenheid 9", "open")
    assert send(crm, number, "keuze", anders="9" * 5000) == 413


def test_a_person_accepts_and_refuses_a_suggestion_on_the_page(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    dossier, number = known["crm"]["dossier"], known["dossiernummer"]
    crm.call("PATCH", f"rh_dossiers({dossier})", json={"rh_bouwjaar": 1931})
    year = gegeven(dossier, rh_veld="bouwjaar", rh_suggestie="1966", rh_waarde=None)
    crm.call("PATCH", f"rh_gegevens(rh_sleutel='{dossier}:bouwjaar')", json=year)
    assert "1 suggestie" in fetch(crm, number)
    for decision in ("verworpen", "aanvaard"):
        assert send(crm, number, "beslissing", veld="bouwjaar", beslissing=decision) == 303
        row = crm.get(f"rh_gegevens(rh_sleutel='{dossier}:bouwjaar')").json()
        assert row["rh_beslissing"] == decision
    assert "1 suggestie<" not in fetch(crm, number)
    assert send(crm, number, "beslissing", veld="bouwjaar", beslissing="misschien") == 409
    assert send(crm, number, "beslissing", veld="epc_label", beslissing="aanvaard") == 409


def test_a_document_can_be_opened_from_its_dossier(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(2, seed)
    known, other = crm.sandbox.resident(0, seed), crm.sandbox.resident(1, seed)
    dossier, number = known["crm"]["dossier"], known["dossiernummer"]
    for sleutel, mimetype, content in (
        ("a", "application/pdf", b"%PDF-1.7 proef"),
        ("b", "text/html", b"<!doctype html><script>1</script>"),
        ("c", "image/svg+xml", b"<svg/>"),
    ):
        body = {
            "rh_dossier@odata.bind": f"/rh_dossiers({dossier})",
            "rh_soort": "woningfiche",
            "rh_titel": f"Fiche {sleutel}",
            "rh_mimetype": mimetype,
            "rh_inhoud": base64.b64encode(content).decode(),
        }
        crm.call("PATCH", f"rh_documenten(rh_sleutel='{sleutel}')", json=body)
    links = re.findall(
        r'href="(/crm/dossiers/[^"]+/documenten/[^"]+)">Fiche (\w)', fetch(crm, number)
    )
    assert [title for _, title in links] == ["c", "b", "a"], "the newest first"
    shown = {
        title: crm.sandbox.session.get(f"{crm.sandbox.base_url}{link}", timeout=10)
        for link, title in links
    }
    assert shown["a"].headers["Content-Type"] == "application/pdf"
    assert shown["a"].content == b"%PDF-1.7 proef"
    assert shown["b"].headers["Content-Security-Policy"].startswith("sandbox;")
    assert shown["c"].headers["Content-Type"] == "application/octet-stream"
    assert shown["c"].headers["Content-Disposition"] == "attachment"
    elsewhere = links[0][0].replace(number, other["dossiernummer"])
    for link in (elsewhere, f"/crm/dossiers/{number}/documenten/geen-guid"):
        assert (
            crm.sandbox.session.get(f"{crm.sandbox.base_url}{link}", timeout=10).status_code == 404
        )
