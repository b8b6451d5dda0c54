"""The CRM's page for a resident: one's own dossier, behind sign-on, and nobody else's."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.bewoner_raw import Browser, query_of, read_hidden
from tests.sandbox.crm_raw import RawCrm

PDF = b"%PDF-1.7\nproef"


@pytest.fixture
def browser(crm: RawCrm) -> Browser:
    return Browser(crm.sandbox)


@pytest.fixture
def residents(crm: RawCrm, seed: int) -> list[dict[str, Any]]:
    """Two residents with a dossier each, with their INSZ."""
    crm.sandbox.grow(2, seed)
    known = [crm.sandbox.resident(i, seed) for i in range(2)]
    for one in known:
        profiel = crm.get(f"rh_profielen({one['crm']['profiel']})").json()
        one["insz"], one["naam"] = profiel["rh_insz"], profiel["rh_naam"]
    return known


def page_of(known: dict[str, Any]) -> str:
    return f"/crm/bewoner/{known['dossiernummer']}"


def add_row(crm: RawCrm, entity_set: str, dossier: str, **columns: Any) -> str:
    row_id = str(uuid4())
    body = {"rh_dossier@odata.bind": f"/rh_dossiers({dossier})", **columns}
    key = {"rh_stappen": "stap", "rh_aanvragen": "aanvraag"}.get(entity_set, "document")
    answer = crm.call("POST", entity_set, json={f"rh_{key}id": row_id, **body})
    assert answer.status_code in (201, 204), answer.text
    return row_id


class _Outline(HTMLParser):
    """Headings, tables without caption, fields without label, scripts and styles within."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language: str | None = None
        self.headings: list[int] = []
        self.tables = self.captions = self.bare_cells = 0
        self.scripts: list[str] = []
        self.ids: list[str] = []
        self.named_by: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "html":
            self.language = found.get("lang")
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.bare_cells += tag == "th" and "scope" not in found
        if tag in ("script", "style") or "style" in found:
            self.scripts.append(tag)
        self.scripts += [name for name in found if name.startswith("on")]
        if found.get("id"):
            self.ids.append(str(found["id"]))
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.named_by += (found.get(name) or "").split()


def test_without_sign_on_the_page_leads_to_the_provider_and_back_to_the_same_dossier(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    known = residents[0]
    first = browser.open(page_of(known), follow=False)
    assert first.status_code == 302
    asked = query_of(first.headers["Location"])
    assert first.headers["Location"].startswith(f"{browser.sandbox.base_url}/burger/op/v1/auth?")
    assert known["dossiernummer"] not in first.headers["Location"]
    assert asked["code_challenge_method"] == "S256" and asked["state"] and asked["nonce"]
    again = query_of(browser.open(page_of(known), follow=False).headers["Location"])
    assert not {asked[name] for name in ("state", "nonce", "code_challenge")} & set(again.values())

    page = browser.open_as(page_of(known), known["insz"])
    assert page.status_code == 200
    assert page.url == f"{browser.sandbox.base_url}{page_of(known)}"
    assert f"Dossier {known['dossiernummer']}" in page.text
    assert known["insz"] not in page.text
    assert browser.open(page_of(known), follow=False).status_code == 200, "who is signed on stays"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    page = browser.open_as(page_of(residents[0]), residents[0]["insz"])
    set_cookies = [
        value for answer in page.history for name, value in answer.headers.items()
        if name.lower() == "set-cookie"
    ]  # fmt: skip
    assert any(text.startswith("crm_bewoner=") for text in set_cookies)
    for text in set_cookies:
        assert "HttpOnly" in text and "SameSite=lax" in text and "Path=/crm/bewoner" in text
        assert residents[0]["insz"] not in text


def test_nobody_sees_anothers_dossier_nor_whether_it_exists(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    own, others = residents
    document = add_row(
        crm, "rh_documenten", others["crm"]["dossier"], rh_soort="advies", rh_titel="Advies",
        rh_mimetype="application/pdf", rh_inhoud=base64.b64encode(PDF).decode(),
    )  # fmt: skip
    browser.open_as(page_of(own), own["insz"])
    foreign = browser.open(page_of(others))
    unknown = browser.open("/crm/bewoner/RD-9999-999999")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text == unknown.text
    for address in (
        f"{page_of(others)}/documenten/{document}",
        f"{page_of(own)}/documenten/{document}",
    ):
        answer = browser.open(address)
        assert answer.status_code == 404 and PDF not in answer.content
    listed = browser.open("/crm/bewoner").text
    assert own["dossiernummer"] in listed and others["dossiernummer"] not in listed


def test_a_dossier_without_profile_or_number_is_nobodys(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known = residents[0]
    browser.open_as(page_of(known), known["insz"])
    crm.call("PATCH", f"rh_profielen({known['crm']['profiel']})", json={"rh_insz": None})
    assert browser.open(page_of(known)).status_code == 404
    crm.call(
        "PATCH", f"rh_profielen({known['crm']['profiel']})",
        json={"rh_insz": f"{known['insz'][:6]}-{known['insz'][6:]}"},
    )  # fmt: skip
    assert browser.open(page_of(known)).status_code == 200, "however the number is written"
    assert known["dossiernummer"] in browser.open("/crm/bewoner").text


def test_steps_are_told_as_happened_or_planned_and_tasks_are_not(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known, dossier = residents[0], residents[0]["crm"]["dossier"]
    for soort, status, extra in (
        ("voortgang", "gedaan", {"rh_omschrijving": "Dialoog heeft iets gedaan. Bel de bewoner.",
                                 "rh_gebeurdop": "2026-03-02T09:30:00Z"}),
        ("voortgang", "gedaan", {"rh_omschrijving": "Dialoog heeft een bezoek gepland.",
                                 "rh_gebeurdop": "2099-03-02T09:30:00Z"}),
        ("afsprakennota", "open", {"rh_vervaldatum": "2099-01-15", "rh_omschrijving": "GEHEIM"}),
        ("huisbezoek", "gedaan", {"rh_gebeurdop": "2026-04-02T09:30:00Z"}),
        ("woning_kiezen", "open", {"rh_omschrijving": "Kies de woning."}),
        ("insz_aanvullen", "open", {"rh_omschrijving": "Vul het INSZ aan."}),
        ("iets_nieuws", "open", {"rh_omschrijving": "Onbekend."}),
    ):  # fmt: skip
        add_row(crm, "rh_stappen", dossier, rh_soort=soort, rh_status=status, **extra)
    page = browser.open_as(page_of(known), known["insz"]).text
    planned, happened = page.split("Gepland: wat nog komt")[1].split("Gebeurd:")
    assert planned.index("15/01/2099") < planned.index("02/03/2099")
    assert "Lees de afsprakennota" in planned and "Dialoog heeft een bezoek gepland." in planned
    assert happened.index("bij u langs geweest") < happened.index("Dialoog heeft iets gedaan.")
    assert "02/03/2026, 10:30" in happened
    for hidden in ("Bel de bewoner", "GEHEIM", "Kies de woning", "Vul het INSZ", "Onbekend."):
        assert hidden not in page


def test_only_documents_that_are_meant_for_the_resident_open(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known, dossier = residents[0], residents[0]["crm"]["dossier"]
    content = base64.b64encode(PDF).decode()
    common = {"rh_mimetype": "application/pdf", "rh_inhoud": content}
    nota = add_row(crm, "rh_documenten", dossier, rh_soort="afsprakennota", **common)
    note = add_row(crm, "rh_documenten", dossier, rh_soort="nota_consulent", rh_titel="Intern",
                   **common)  # fmt: skip
    address = f"{page_of(known)}/documenten/{nota}"
    assert browser.open(address, follow=False).status_code == 302, "sign-on first"
    page = browser.open_as(page_of(known), known["insz"]).text
    assert f'href="{address}">Afsprakennota</a>' in page and "Intern" not in page
    opened = browser.open(address)
    assert (opened.status_code, opened.content) == (200, PDF)
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Cache-Control"] == "no-store"
    assert browser.open(f"{page_of(known)}/documenten/{note}").status_code == 404
    assert browser.open(f"{page_of(known)}/documenten/geen-guid").status_code == 404


def test_the_question_is_there_and_no_section_is_invented(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known = residents[0]
    vraag = crm.get(f"rh_vragen({known['crm']['vraag']})").json()
    page = browser.open_as(page_of(known), known["insz"]).text
    assert vraag["rh_onderwerp"] in page
    assert (
        "premie"
        not in page.replace(vraag["rh_tekst"], "").replace(vraag["rh_onderwerp"], "").lower()
    ), "this resident applied for none"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"rh_startakkoord": False}, "Zodra u akkoord gaat"),
        ({"rh_startakkoord": True}, "Uw dossier loopt."),
        ({"rh_voortgang": "advies_opgemaakt"}, "Uw advies is klaar."),
        ({"rh_voortgang": "iets_nieuws"}, "Uw dossier loopt."),
        ({"rh_voortgang": "afgerond", "rh_status": "afgesloten"}, "Uw dossier is afgesloten."),
    ],
)
def test_the_status_says_how_far_the_crm_says_it_is(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm, columns: dict[str, Any],
    says: str,
) -> None:  # fmt: skip
    known = residents[0]
    crm.call("PATCH", f"rh_dossiers({known['crm']['dossier']})", json=columns)
    status = browser.open_as(page_of(known), known["insz"]).text.split("Hoe ver staat het?")[1]
    assert says in status.split("</section>")[0]


def test_every_page_can_be_read_without_eyes_or_script(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known = residents[0]
    add_row(crm, "rh_stappen", known["crm"]["dossier"], rh_soort="huisbezoek", rh_status="open")
    provider = browser.open(page_of(known))
    dossier = browser.open_as(page_of(known), known["insz"])
    pages = [provider, dossier, browser.open("/crm/bewoner"), browser.open("/crm/bewoner/weg")]
    pages += [browser.sign_off(), browser.open("/crm/bewoner/aangemeld?state=x&code=y")]
    for page in pages:
        outline = _Outline(page.text)
        assert outline.language == "nl"
        assert outline.headings[0] == 1 and outline.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
        assert outline.tables == outline.captions and not outline.bare_cells
        assert not outline.scripts
        assert len(outline.ids) == len(set(outline.ids))
        assert set(outline.named_by) <= set(outline.ids)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"


def test_what_people_typed_is_escaped(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    known = residents[0]
    typed = {"rh_onderwerp": "<script>1</script>", "rh_tekst": "<img src=x>"}
    crm.call("PATCH", f"rh_vragen({known['crm']['vraag']})", json=typed)
    page = browser.open_as(page_of(known), known["insz"]).text
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page


def test_who_signs_off_has_to_sign_on_again_also_with_the_old_cookie(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    known = residents[0]
    browser.open_as(page_of(known), known["insz"])
    old = browser.session.cookies.get("crm_bewoner")
    assert "U bent afgemeld" in browser.sign_off().text
    assert browser.open(page_of(known), follow=False).status_code == 302
    browser.session.cookies.set("crm_bewoner", old, path="/crm/bewoner")
    assert browser.open(page_of(known), follow=False).status_code == 302


def test_a_session_ends_by_itself(browser: Browser, residents: list[dict[str, Any]]) -> None:
    known = residents[0]
    browser.sandbox.change_settings("crm", sessie_geldig=0.0)
    page = browser.open_as(page_of(known), known["insz"])
    assert "Wie bent u?" in page.text


def test_an_answer_counts_only_in_the_browser_that_asked_and_once(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    known, other = residents[0], Browser(browser.sandbox)
    page = browser.open(page_of(known))
    answer = browser.session.post(
        f"{browser.sandbox.base_url}/burger/op/v1/aanmelden",
        data={"vraag": read_hidden(page.text, "vraag"), "insz": known["insz"]},
        allow_redirects=False, timeout=10,
    )  # fmt: skip
    back = answer.headers["Location"]
    other.open(page_of(residents[1]))
    stolen = other.open(back)
    assert stolen.status_code == 400 and "niet gelukt" in stolen.text
    assert other.open(page_of(known), follow=False).status_code == 302
    assert browser.open(back).status_code == 200
    assert browser.open(back).status_code == 400, "the same answer again"


def test_an_answer_with_another_code_or_state_signs_nobody_on(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    address = "/crm/bewoner/aangemeld"
    for_this = query_of(browser.open(page_of(residents[0]), follow=False).headers["Location"])
    assert browser.open(f"{address}?state=geraden&code=x").status_code == 400
    made_up = browser.open(f"{address}?state={for_this['state']}&code=verzonnen")
    assert made_up.status_code == 502 and "niet gelukt" in made_up.text
    assert "crm_bewoner" not in browser.session.cookies


@pytest.mark.parametrize("operatie", ["burger_token", "burger_keys"])
@pytest.mark.parametrize("soort", ["5xx", "onzin", "half", "reset"])
def test_a_provider_that_does_not_answer_signs_nobody_on_until_it_does(
    browser: Browser, residents: list[dict[str, Any]], soort: str, operatie: str
) -> None:
    known = residents[0]
    browser.sandbox.order_fault("acm", soort, operatie=operatie)
    page = browser.open_as(page_of(known), known["insz"])
    assert page.status_code == 502 and f'href="{page_of(known)}"' in page.text
    assert "crm_bewoner" not in browser.session.cookies
    assert browser.open_as(page_of(known), known["insz"]).status_code == 200


def test_who_cancels_is_told_so_and_can_try_again(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    page = browser.open(page_of(residents[0]))
    answer = browser.session.post(
        f"{browser.sandbox.base_url}/burger/op/v1/aanmelden",
        data={"vraag": read_hidden(page.text, "vraag"), "annuleer": "ja"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert f'href="{page_of(residents[0])}"' in answer.text


def test_a_session_outlives_a_restart_of_the_crm(
    browser: Browser, residents: list[dict[str, Any]]
) -> None:
    known = residents[0]
    browser.open_as(page_of(known), known["insz"])
    browser.sandbox.kill()
    browser.sandbox.start()
    assert browser.open(page_of(known), follow=False).status_code == 200


def test_an_application_stands_on_the_page_of_its_dossier_with_its_day_and_amount(
    browser: Browser, residents: list[dict[str, Any]], crm: RawCrm
) -> None:
    mine, other = residents
    add_row(
        crm, "rh_aanvragen", mine["crm"]["dossier"], rh_nummer="RA-0001-000001",
        rh_soort="premie", rh_regeling="Mijn VerbouwPremie", rh_status="betaald",
        rh_betaaldop="2026-11-20T09:00:00Z", rh_bedrag=1250.5,
    )  # fmt: skip
    page = browser.open_as(page_of(mine), mine["insz"]).text
    for told in ("Premies en leningen", "Mijn VerbouwPremie", "RA-0001-000001", "1.250,50 euro"):
        assert told in page
    assert "20/11/2026" in page
    assert _Outline(page).tables == _Outline(page).captions
    elsewhere = Browser(crm.sandbox).open_as(page_of(other), other["insz"]).text
    assert "RA-0001-000001" not in elsewhere
