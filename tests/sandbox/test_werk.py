"""A partner at work: every aanmelding lives the life of its reference, and a judge can see it."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from sandbox.dialoog.leven import build_leven
from tests.sandbox.crm_raw import RawCrm
from tests.sandbox.dialoog_raw import Partner, aanmelding
from tests.sandbox_process import SandboxHandle

ENDLESS = 9


@pytest.fixture
def partner(sandbox: SandboxHandle) -> Partner:
    """Give Dialoog."""
    return Partner(sandbox)


def sign_up(partner: Partner, leven: tuple[str, ...], seed: int = 7) -> str:
    """Sign up with a reference whose life has these statuses; return the reference."""
    for number in range(seed * 100_000, (seed + 1) * 100_000):
        referentie = str(UUID(int=number))
        if tuple(e.status for e in build_leven(seed, referentie, "duurzaam_bouwadvies")) == leven:
            assert partner.put(aanmelding(referentie=referentie)).status_code == 201
            return referentie
    raise AssertionError(f"no reference lives {leven}")


def work(partner: Partner, stap: int, seed: int = 7) -> dict[str, int]:
    body = {"seed": seed, "stap": stap}
    answer: dict[str, int] = partner.sandbox.control("POST", "/dialoog/werk", json=body)
    return answer


def told(partner: Partner, referentie: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    body = partner.sandbox.control("GET", "/dialoog/voortgang")
    events = [e for e in body["gebeurtenissen"] if e["referentie"] == referentie]
    [held] = [a for a in body["aanmeldingen"] if a["referentie"] == referentie]
    return events, held


NORMAL = ("ingepland", "plaatsbezoek", "advies_opgemaakt", "afgerond")


def test_every_kind_of_life_occurs_and_most_go_the_whole_road() -> None:
    lives = Counter(
        tuple(e.status for e in build_leven(1, str(UUID(int=number)), "duurzaam_bouwadvies"))
        for number in range(600)
    )
    assert lives.most_common(1)[0][0] == NORMAL
    assert min(lives.values()) > 5
    assert () in lives
    assert ("geweigerd",) in lives
    assert any(life.count("ingepland") == 2 for life in lives)
    assert any(life[:2] == ("plaatsbezoek", "ingepland") for life in lives)


def test_a_step_is_taken_once_and_who_comes_later_catches_up(partner: Partner) -> None:
    first = sign_up(partner, NORMAL)
    assert work(partner, 2)["vastgelegd"] >= 2
    assert [e["status"] for e in told(partner, first)[0]] == ["ontvangen", *NORMAL[:2]]
    assert work(partner, 2) == work(partner, 1) | {"vastgelegd": 0}
    later = sign_up(partner, NORMAL, seed=8)
    # The seed that is asked for decides, so that its own life may be another.
    work(partner, 2)
    begun = len(build_leven(7, later, "duurzaam_bouwadvies")[:2])
    assert len(told(partner, later)[0]) == 1 + begun
    work(partner, ENDLESS)
    assert work(partner, ENDLESS) == {"vastgelegd": 0, "te_gaan": 0}
    events, held = told(partner, first)
    assert [e["status"] for e in events] == ["ontvangen", *NORMAL]
    assert held["stand"] == "afgerond"


def test_an_advice_has_its_kind_its_adviser_and_a_document(partner: Partner) -> None:
    referentie = sign_up(partner, NORMAL, seed=9)
    work(partner, ENDLESS, seed=9)
    advies = next(e for e in told(partner, referentie)[0] if e["status"] == "advies_opgemaakt")
    assert advies["adviesSoort"]
    assert advies["adviseur"]
    [document] = advies["documenten"]
    token = {"Authorization": f"Bearer {partner.sandbox.secrets['dialoog']['token']}"}
    answer = partner.sandbox.session.get(document["href"], headers=token, timeout=10)
    assert hashlib.sha256(answer.content).hexdigest() == document["sha256"]


@pytest.mark.parametrize(
    ("leven", "stand"),
    [
        ((), "ontvangen"),
        (("geweigerd",), "geweigerd"),
        (("ingepland", "geweigerd"), "geweigerd"),
        (("plaatsbezoek", "ingepland", "afgerond", "advies_opgemaakt"), "afgerond"),
        (("ingepland", "plaatsbezoek", "afgerond", "advies_opgemaakt"), "advies_opgemaakt"),
        (
            ("ingepland", "ingepland", "plaatsbezoek", "advies_opgemaakt", "advies_opgemaakt",
             "afgerond"),
            "afgerond",
        ),
    ],
)  # fmt: skip
def test_what_happened_last_is_how_it_stands_whatever_was_recorded_last(
    partner: Partner, leven: tuple[str, ...], stand: str
) -> None:
    referentie = sign_up(partner, leven, seed=10 + len(leven) + len(stand))
    work(partner, ENDLESS, seed=10 + len(leven) + len(stand))
    events, held = told(partner, referentie)
    assert tuple(e["status"] for e in events[1:]) == leven
    assert held["stand"] == stand
    assert partner.call("GET", f"/{referentie}").json()["status"] == stand
    moments = [e["tijdstip"] for e in events if e["status"] == "ingepland"]
    assert len(set(moments)) == len(moments)


def test_what_was_withdrawn_goes_no_further(partner: Partner) -> None:
    removed, kept = sign_up(partner, NORMAL, seed=40), sign_up(partner, NORMAL, seed=41)
    assert partner.call("DELETE", f"/{removed}").json()["uitkomst"] == "verwijderd"
    work(partner, 2, seed=41)
    assert partner.call("DELETE", f"/{kept}").json()["uitkomst"] == "bewaard"
    work(partner, ENDLESS, seed=41)
    events, held = told(partner, kept)
    assert (len(events), held["intrekking"], held["stand"]) == (3, "bewaard", "plaatsbezoek")
    events, held = told(partner, removed)
    assert (events, held["intrekking"]) == ([], "verwijderd")


def test_a_step_below_one_is_refused(partner: Partner) -> None:
    url = f"{partner.sandbox.base_url}/_control/dialoog/werk"
    token = {"Authorization": f"Bearer {partner.sandbox.secrets['control_token']}"}
    for body in ({"seed": 1, "stap": 0}, {"seed": 1}):
        answer = partner.sandbox.session.post(url, json=body, headers=token, timeout=10)
        assert answer.status_code == 400


def test_the_crm_tells_the_hash_of_what_its_documents_hold(crm: RawCrm, seed: int) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    dossier = {"rh_dossier@odata.bind": f"/rh_dossiers({known['crm']['dossier']})"}
    rows = {
        "leesbaar": base64.b64encode(b"%PDF-1.7 advies").decode(),
        "onleesbaar": "geen base64!",
    }
    for naam, inhoud in rows.items():
        row = {"rh_sleutel": f"document:{seed}:{naam}", "rh_inhoud": inhoud, **dossier}
        assert crm.call("POST", "rh_documenten", json=row).status_code < 300
    step = {"rh_sleutel": f"voortgang:{seed}:1", "rh_soort": "voortgang", **dossier}
    assert crm.call("POST", "rh_stappen", json=step).status_code < 300
    body = crm.sandbox.control("GET", "/crm/voortgang")
    mine = [d for d in body["document"] if d["dossiernummer"] == known["dossiernummer"]]
    assert [d["inhoud_sha256"] for d in mine] == [
        hashlib.sha256(b"%PDF-1.7 advies").hexdigest(),
        None,
    ]
    [stap] = [s for s in body["stap"] if s["dossiernummer"] == known["dossiernummer"]]
    assert (stap["sleutel"], stap["soort"]) == (f"voortgang:{seed}:1", "voortgang")
    [held] = [a for a in body["aanmelding"] if a["id"] == known["crm"]["aanmelding"]]
    assert held["partner"] == "dialoog"
    assert known["dossiernummer"] in {d["dossiernummer"] for d in body["dossier"]}


def test_the_crm_tells_how_its_dossiers_stand_and_nothing_of_a_person(
    crm: RawCrm, seed: int
) -> None:
    crm.sandbox.grow(1, seed)
    known = crm.sandbox.resident(0, seed)
    number = known["dossiernummer"]
    velden = {"soort": "huisbezoek", "status": "open", "vervaldatum": "2026-12-03"}
    body = {"dossiernummer": number, "velden": velden}
    made = crm.sandbox.control("POST", "/crm/stap", json=body)
    stand = crm.sandbox.control("GET", "/crm/stand")
    [stap] = [s for s in stand["stap"] if s["dossiernummer"] == number]
    assert stap.pop("gewijzigdop").endswith("Z")
    assert stap == {"id": made["id"], "dossiernummer": number, "gebeurdop": None, **velden}
    [dossier] = [d for d in stand["dossier"] if d["dossiernummer"] == number]
    assert set(dossier) == {
        "dossiernummer", "start_akkoord", "start_akkoord_op", "bereikbaar", "voorkeur",
        "toestemmingen",
    }  # fmt: skip
    assert dossier["bereikbaar"] is known["heeft_insz"]
    assert {t["partner"] for t in dossier["toestemmingen"]} <= {"dialoog", "igo"}
