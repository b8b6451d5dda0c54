"""The control endpoint: the city grows, journals page, effects are counted, consultants act."""

from __future__ import annotations

from tests.sandbox.crm_raw import RawCrm
from tests.sandbox_process import SandboxHandle


def test_the_control_endpoint_wants_its_token(sandbox: SandboxHandle) -> None:
    base = f"{sandbox.base_url}/_control"
    assert sandbox.session.get(f"{base}/gezond", timeout=5).json() == {"status": "ready"}
    assert sandbox.session.get(f"{base}/fouten", timeout=5).status_code == 401
    wrong = {"Authorization": "Bearer fout"}
    assert sandbox.session.get(f"{base}/effecten", headers=wrong, timeout=5).status_code == 401


def test_growing_twice_adds_nothing_and_growing_on_keeps_who_was_there(
    crm: RawCrm, seed: int
) -> None:
    assert crm.sandbox.grow(10, seed) == 10
    path = f"rh_dossiers({crm.sandbox.resident(4, seed)['crm']['dossier']})"
    before = crm.get(path).json()
    assert crm.sandbox.grow(10, seed) == 10
    assert crm.sandbox.grow(5, seed) == 10
    assert crm.sandbox.grow(40, seed) == 40
    assert crm.get(path).json() == before
    everyone = [
        row
        for row in crm.follow("rh_dossiers", "odata.track-changes")[0]
        if row["rh_dossiernummer"].startswith(f"RD-{seed:04d}-")
    ]
    assert len(everyone) == 40


def test_thirty_residents_cover_every_hard_case(sandbox: SandboxHandle, seed: int) -> None:
    sandbox.grow(30, seed)
    cases = {sandbox.resident(i, seed)["geval"].split("fout_")[0] for i in range(30)}
    assert cases == {
        "normal", "geen_start", "geen_toestemming", "toestemming_verlopen", "geen_insz",
        "geen_epc", "meerdere_epcs", "epc_verlopen", "epc_zonder_label", "adres_dubbelzinnig",
        "adres_onbekend", "appartement", "appartement_zonder_bus", "adres_verwijderd",
        "diakrieten", "huisnummer_bus", "epc_ander_adres", "typed_value", "leeggemaakt", "crm_",
    }  # fmt: skip


def test_a_resident_that_does_not_live_here_is_404(sandbox: SandboxHandle, seed: int) -> None:
    token = {"Authorization": f"Bearer {sandbox.secrets['control_token']}"}
    for number in (f"RD-{seed:04d}-000001", "onzin"):
        url = f"{sandbox.base_url}/_control/stad/{number}"
        assert sandbox.session.get(url, headers=token, timeout=5).status_code == 404


def test_a_consultant_edits_empties_and_is_named(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    path = f"rh_dossiers({known['crm']['dossier']})"
    crm.call("PATCH", path, json={"rh_epclabel": "D"})
    body = {"dossiernummer": known["dossiernummer"], "velden": {"epc_label": None}}
    crm.sandbox.control("POST", "/crm/wijzig", json=body)
    row = crm.get(path).json()
    assert row["rh_epclabel"] is None
    assert row["modifiedby"].startswith("consulent-")
    counted = crm.sandbox.control("GET", "/effecten", params={"seed": seed, "residents": 1})
    assert counted["crm"]["operaties"] == {"update:rh_dossiers": {"effecten": 1, "dossiers": 1}}


def test_consent_ends_and_comes_back_as_a_new_row(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    listing = f"rh_toestemmingen?$filter=_rh_profiel_value eq {known['crm']['profiel']}"
    body = {"dossiernummer": known["dossiernummer"], "tot": "2026-11-01T00:00:00Z"}
    crm.sandbox.control("POST", "/crm/toestemming", json=body)
    (ended,) = crm.get(listing).json()["value"]
    assert ended["rh_tot"] == "2026-11-01T00:00:00Z"
    crm.sandbox.control("POST", "/crm/toestemming", json=body | {"tot": None})
    rows = crm.get(listing).json()["value"]
    assert sorted(row["rh_tot"] is None for row in rows) == [False, True]


def test_a_new_aanmelding_takes_the_next_sequence(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    number = crm.sandbox.resident(0, seed)["dossiernummer"]
    made = crm.sandbox.control("POST", "/crm/aanmelding", json={"dossiernummer": number})
    assert made["volgnummer"] == 2
    row = crm.get(f"rh_aanmeldingen({made['aanmelding_id']})").json()
    assert (row["rh_volgnummer"], row["rh_status"]) == (2, "aangevraagd")


def test_effects_are_counted_for_one_city_only(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(3, seed)
    for i in (0, 0, 2):
        path = f"rh_dossiers({crm.sandbox.resident(i, seed)['crm']['dossier']})"
        crm.call("PATCH", path, json={"rh_bouwjaar": 1950})
    two = crm.sandbox.control("GET", "/effecten", params={"seed": seed, "residents": 2})
    assert (two["crm"]["effecten"], two["crm"]["dossiers"]) == (2, 1)
    whole = crm.sandbox.control("GET", "/effecten", params={"seed": seed, "residents": 3})
    assert (whole["crm"]["effecten"], whole["crm"]["dossiers"]) == (3, 2)
    assert whole["dialoog"]["effecten"] == whole["dosis"]["effecten"] == 0


def test_a_journal_is_read_in_pages(crm: RawCrm) -> None:
    for _ in range(5):
        crm.get("rh_stappen?$top=1")
    page = crm.sandbox.control("GET", "/journaal/crm", params={"limit": 2})
    assert len(page["regels"]) == 2
    after = page["volgende"]
    assert after == page["regels"][-1]["id"]
    following = crm.sandbox.control("GET", "/journaal/crm", params={"na": after, "limit": 10_000})
    assert following["regels"][0]["id"] > after
