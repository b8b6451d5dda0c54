"""The judge of a storm: every count can be non-zero, and a clean storm gives five zeros."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.statussen import Boek, Eigen, Getoond, Regel, Stap
from cli.statussen import Dossier as InHetCrm
from cli.storm.facts import (
    Aanmelding,
    Bericht,
    Dossier,
    Effect,
    Evidence,
    Getypt,
    Poging,
    Stilstand,
    Toestemming,
)
from cli.storm.judge import COUNTS, count, judge
from cli.voortgang import Beide, Gebeurtenis, InCrm, Rij, Stand
from hub.dossierstatus import load_lezingen

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NR = "RD-0001-000001"


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def effect(systeem: str, nummer: int, operatie: str, bericht_id: str, **more: object) -> Effect:
    values = {"sleutel": None, "dossiernummer": NR, "moment": at(nummer)} | more
    return Effect(
        systeem=systeem, nummer=nummer, operatie=operatie, bericht_id=bericht_id, **values
    )


def bericht(bericht_id: str, volgorde: int, bestemming: str, soort: str) -> Bericht:
    return Bericht(bericht_id, volgorde, bestemming, soort, bericht_id, "d1", "bevestigd")


PREFILL = effect("crm", 1, "update:rh_dossiers", "b1", sleutel=NR)
PUT = effect("dialoog", 2, "put", "b2", sleutel="a1")
TOLD = effect("crm", 3, "update:rh_aanmeldingen", "b3", sleutel="a1")
STARTED = effect("dosis", 4, "RegistreerDossier", "b4")
SIGNED_UP = effect("dosis", 5, "RegistreerDossier", "b5")

CLEAN = Evidence(
    moment=at(100),
    residents=[NR],
    effects=[PREFILL, PUT, TOLD, STARTED, SIGNED_UP],
    berichten=[
        bericht("b1", 1, "crm", "voorinvulling"),
        bericht("b2", 2, "dialoog", "aanmelding"),
        bericht("b3", 3, "crm", "aanmelding_verzonden"),
        bericht("b4", 4, "dosis", "dossierstatus"),
        bericht("b5", 5, "dosis", "dossierstatus"),
    ],
    pogingen=[Poging(f"b{number}", at(number - 0.5)) for number in range(1, 6)],
    dossiers=[Dossier(NR, "d1", "p1", True, True, True, {"bouwjaar": 1612})],
    aanmeldingen=[Aanmelding("a1", "d1", 1, "verzonden")],
    toestemmingen=[Toestemming("p1", at(-100), None)],
    opgehaald=[Toestemming("p1", at(-100), None, at(-10))],
    getypt=[Getypt(NR, "bouwjaar", 1612)],
    standen={NR: "bevestigd"},
    inbox=[],
)
ENDED = {
    "toestemmingen": [Toestemming("p1", at(-100), at(50))],
    "opgehaald": [Toestemming("p1", at(-100), at(50), at(51))],
}
WITHDRAWN = replace(
    CLEAN,
    effects=[
        *CLEAN.effects,
        effect("dialoog", 60, "delete", "b6", sleutel="a1"),
        effect("crm", 61, "update:rh_aanmeldingen", "b7", sleutel="a1"),
    ],
    berichten=[
        *CLEAN.berichten,
        bericht("b6", 6, "dialoog", "intrekking"),
        bericht("b7", 7, "crm", "aanmelding_ingetrokken"),
    ],
    aanmeldingen=[Aanmelding("a1", "d1", 1, "ingetrokken")],
    standen={NR: "geen_toestemming"},
    **ENDED,
)


def wrong(evidence: Evidence) -> dict[str, int]:
    return {name: number for name, number in count(judge(evidence)).items() if number}


def without(*gone: Effect) -> list[Effect]:
    return [found for found in CLEAN.effects if found not in gone]


def test_a_clean_storm_gives_five_zeros() -> None:
    assert count(judge(CLEAN)) == dict.fromkeys(COUNTS, 0)


def test_what_the_receivers_saw_late_because_they_stood_still_did_not_leave_late() -> None:
    late = {"pogingen": [Poging("b2", at(-1.0))]}
    stood_still = Stilstand(at(2.05), 1.8)
    assert wrong(replace(CLEAN, **late))["without_consent"] == 1
    assert "without_consent" not in wrong(replace(CLEAN, **late, stilstanden=[stood_still]))
    before = Stilstand(at(-1.5), 1.8)
    assert wrong(replace(CLEAN, **late, stilstanden=[before]))["without_consent"] == 1


def test_a_withdrawal_that_reached_the_partner_is_clean_too() -> None:
    assert wrong(WITHDRAWN) == {}


TOLD_TWO = replace(
    CLEAN,
    effects=[
        *CLEAN.effects,
        effect("notificaties", 6, "post", "m1", sleutel="i1"),
        effect("notificaties", 7, "post", "m2", sleutel="i2"),
    ],
    berichten=[
        *CLEAN.berichten,
        bericht("m1", 6, "notificaties", "melding"),
        bericht("m2", 7, "notificaties", "melding"),
    ],
)


def test_a_resident_who_is_told_of_two_changes_is_clean_too() -> None:
    assert wrong(TOLD_TWO) == {}


def test_a_resident_who_is_told_twice_of_one_change_is_a_duplicate() -> None:
    again = effect("notificaties", 8, "post", "m1", sleutel="i1")
    assert wrong(replace(TOLD_TWO, effects=[*TOLD_TWO.effects, again]))["duplicated"] == 2


def test_a_confirmed_message_that_no_resident_got_is_lost() -> None:
    assert wrong(replace(TOLD_TWO, effects=TOLD_TWO.effects[:-1])) == {"lost": 1}


LOST = {
    "a confirmed message that no receiver has seen": {
        "effects": without(PREFILL),
    },
    "a dossier without a value or a task": {
        "dossiers": [replace(CLEAN.dossiers[0], ingevuld=False)],
    },
    "an aanmelding with consent that never arrived": {
        "effects": without(PUT),
        "berichten": [b for b in CLEAN.berichten if b.bericht_id != "b2"],
    },
    "a delivery of which the CRM was not told": {
        "aanmeldingen": [replace(CLEAN.aanmeldingen[0], status="aangevraagd")],
    },
    "a resident without any status": {
        "effects": without(STARTED, SIGNED_UP),
        "berichten": CLEAN.berichten[:3],
    },
}


@pytest.mark.parametrize("changes", LOST.values(), ids=LOST)
def test_lost(changes: dict) -> None:
    assert wrong(replace(CLEAN, **changes)) == {"lost": 1}


def test_a_withdrawal_that_never_left_is_lost_and_stands_without_consent() -> None:
    assert wrong(replace(CLEAN, **ENDED)) == {"lost": 1, "without_consent": 1}


def test_a_withdrawal_of_which_the_crm_was_not_told_is_lost() -> None:
    told = replace(WITHDRAWN, aanmeldingen=[Aanmelding("a1", "d1", 1, "verzonden")])
    assert wrong(told) == {"lost": 1}


DUPLICATED = {
    "a row written twice by one message": [replace(PREFILL, nummer=50)],
    "a row made and then written by one message": [
        effect("crm", 50, "create:rh_dossiers", "b1", sleutel=NR)
    ],
    "an aanmelding put twice": [replace(PUT, nummer=50)],
    "a status handed in twice by one message": [replace(SIGNED_UP, nummer=50)],
    "an effect without a message": [
        effect("crm", 50, "update:rh_stappen", "unknown", sleutel="s1")
    ],
    "an effect of nobody": [effect("dialoog", 50, "delete", None, sleutel="a9")],
    "an effect of a message to somebody else": [
        effect("crm", 50, "update:rh_stappen", "b2", sleutel="s1")
    ],
}


@pytest.mark.parametrize("more", DUPLICATED.values(), ids=DUPLICATED)
def test_duplicated(more: list[Effect]) -> None:
    found = wrong(replace(CLEAN, effects=[*CLEAN.effects, *more]))
    assert found["duplicated"] == 1


def test_the_status_that_was_shown_is_duplicated_when_another_message_tells_it_again() -> None:
    again = replace(bericht("b9", 9, "dosis", "dossierstatus"), sleutel="b5 na 5")
    after = replace(
        CLEAN,
        effects=[*CLEAN.effects, replace(SIGNED_UP, nummer=50, bericht_id="b9")],
        berichten=[*CLEAN.berichten, again],
    )
    assert wrong(after) == {"duplicated": 1}


def test_a_status_that_holds_again_after_another_is_told_again() -> None:
    again = replace(bericht("b9", 9, "dosis", "dossierstatus"), sleutel="b5 na 8")
    after = replace(
        CLEAN,
        effects=[
            *CLEAN.effects,
            effect("dosis", 49, "RegistreerDossier", "b8"),
            replace(SIGNED_UP, nummer=50, bericht_id="b9"),
        ],
        berichten=[*CLEAN.berichten, bericht("b8", 8, "dosis", "dossierstatus"), again],
    )
    assert wrong(after) == {}


def test_an_effect_that_came_after_a_later_one_is_out_of_order() -> None:
    swapped = [replace(STARTED, nummer=5), replace(SIGNED_UP, nummer=4)]
    found = wrong(replace(CLEAN, effects=[PREFILL, PUT, TOLD, *swapped]))
    assert found["out_of_order"] == 1


WITHOUT_CONSENT = {
    "no consent ever": {"toestemmingen": [], "standen": {NR: "geen_toestemming"}},
    "consent only afterwards": {"toestemmingen": [Toestemming("p1", at(10), None)]},
    "claimed after the withdrawal had landed": {
        **ENDED,
        "toestemmingen": [Toestemming("p1", at(-100), at(-20)), Toestemming("p1", at(40), None)],
        "opgehaald": [
            Toestemming("p1", at(-100), at(-20), at(-10)),
            Toestemming("p1", at(40), None, at(41)),
        ],
    },
    "claimed after it expired by the clock, landed long before": {
        **ENDED,
        "toestemmingen": [Toestemming("p1", at(-100), at(-20)), Toestemming("p1", at(40), None)],
        "opgehaald": [
            Toestemming("p1", at(-100), at(-20), at(-60)),
            Toestemming("p1", at(40), None, at(41)),
        ],
    },
    "more than a second after its claim": {
        "pogingen": [Poging("b2", at(0)), Poging("b1", at(0.5))],
    },
}


@pytest.mark.parametrize("changes", WITHOUT_CONSENT.values(), ids=WITHOUT_CONSENT)
def test_without_consent(changes: dict) -> None:
    assert wrong(replace(CLEAN, **changes))["without_consent"] >= 1


def test_an_ordered_delay_is_allowed_for() -> None:
    late = replace(CLEAN, pogingen=[Poging("b2", at(0.3))])
    assert wrong(late) == {"without_consent": 1}
    assert wrong(replace(late, delay=0.5)) == {}


def test_a_claim_before_the_withdrawal_landed_is_no_offence() -> None:
    landed_later = replace(
        WITHDRAWN, opgehaald=[Toestemming("p1", at(-100), at(1), at(1.7))], pogingen=CLEAN.pogingen
    )
    assert wrong(landed_later) == {}


def test_a_line_of_a_file_may_be_longer_under_way_and_a_request_beside_it_may_not() -> None:
    late = replace(CLEAN, pogingen=[Poging("b2", at(0.3))])
    assert wrong(replace(late, onderweg={"dialoog": 0.5})) == {}
    assert wrong(replace(late, onderweg={"igo": 0.5})) == {"without_consent": 1}
    assert wrong(replace(late, onderweg={"dialoog": 0.1})) == {"without_consent": 1}


EVENT = Gebeurtenis(
    "dialoog", "7", "a1", NR, "advies_opgemaakt", at(20), at(21), documenten={"77": "ab"}
)
HOME = Beide(
    gebeurtenissen=[EVENT],
    standen=[Stand("dialoog", "a1", NR, "advies_opgemaakt")],
    stappen=[Rij("s1", EVENT.sleutel, NR, EVENT.tijdstip)],
    documenten=[Rij("d1", "document:dialoog:77", NR, inhoud="ab", genoteerd="ab")],
    aanmeldingen={"a1": InCrm("advies_opgemaakt")},
    dossiers={NR: "advies_opgemaakt"},
)
PROGRESS = {
    "an event that did not come home": ({"stappen": []}, "lost"),
    "an event that came home twice": ({"stappen": HOME.stappen * 2}, "duplicated"),
    "a document that did not come home": ({"documenten": []}, "lost"),
    "a document that came home twice": ({"documenten": HOME.documenten * 2}, "duplicated"),
    "a document that is another": (
        {"documenten": [replace(HOME.documenten[0], inhoud="cd")]}, "lost",
    ),
    "an aanmelding that stands otherwise": (
        {"aanmeldingen": {"a1": InCrm("ingepland")}}, "out_of_order",
    ),
    "a dossier that is elsewhere": ({"dossiers": {NR: "ingepland"}}, "out_of_order"),
}  # fmt: skip


def test_progress_that_came_home_is_clean() -> None:
    assert wrong(replace(CLEAN, voortgang=HOME)) == {}


@pytest.mark.parametrize(("changes", "telling"), PROGRESS.values(), ids=PROGRESS)
def test_progress(changes: dict, telling: str) -> None:
    assert wrong(replace(CLEAN, voortgang=replace(HOME, **changes))) == {telling: 1}


VISIT = Stap("s1", NR, "huisbezoek", "gedaan", at(30))
SEES = load_lezingen()["huisbezoek"]
BOEK = Boek(
    dossiers=[InHetCrm(NR, True, at(-9), True, "mijnburgerprofiel")],
    stappen=[VISIT],
    eigen=[Eigen(NR, "ingevuld", at(1), "crm")],
    stand={},
    gehoord=frozenset(),
    getoond={NR: Getoond(SEES.fase, SEES.code, SEES.detail)},
    lezingen=list(load_lezingen().values()),
    regels=[Regel("notificaties", "m1", NR)],
)
STATUSES = {
    "another status": ({"getoond": {NR: Getoond("Behandeling", SEES.code, "Iets.")}}, "lost"),
    "a status that is gone": ({"getoond": {}}, "lost"),
    "a step that was removed and is shown": ({"stappen": []}, "lost"),
    "an unknown step that nobody was told of": (
        {"stappen": [VISIT, replace(VISIT, stap_id="s2", soort="kijkdag")]}, "lost",
    ),
    "a status that nobody told": (
        {"getoond": {**BOEK.getoond, "RD-9": BOEK.getoond[NR]}}, "unaccounted",
    ),
    "a message against the preference": (
        {"dossiers": [replace(BOEK.dossiers[0], voorkeur="geen")]}, "without_consent",
    ),
}  # fmt: skip


def test_residents_who_see_what_happened_last_are_clean() -> None:
    assert wrong(replace(CLEAN, statussen=BOEK)) == {}


@pytest.mark.parametrize(("changes", "telling"), STATUSES.values(), ids=STATUSES)
def test_statuses(changes: dict, telling: str) -> None:
    assert wrong(replace(CLEAN, statussen=replace(BOEK, **changes))) == {telling: 1}


UNACCOUNTED = {
    "a resident who never landed": {"standen": {}},
    "a resident who is placed nowhere": {"standen": {NR: "voorgevuld"}},
    "a change that waits": {"inbox": ["7"]},
    "a typed value that is gone": {
        "dossiers": [replace(CLEAN.dossiers[0], velden={"bouwjaar": 1950})],
    },
}


@pytest.mark.parametrize("changes", UNACCOUNTED.values(), ids=UNACCOUNTED)
def test_unaccounted(changes: dict) -> None:
    assert wrong(replace(CLEAN, **changes)) == {"unaccounted": 1}


@pytest.mark.parametrize("stand", ["klaar", "onderweg", "aangenomen", "opgegeven", "in_twijfel"])
def test_a_message_that_did_not_end_well_is_unaccounted(stand: str) -> None:
    berichten = [replace(CLEAN.berichten[0], stand=stand), *CLEAN.berichten[1:]]
    assert wrong(replace(CLEAN, berichten=berichten)) == {"unaccounted": 1}


@pytest.mark.parametrize("stand", ["ingetrokken", "overgeslagen"])
def test_a_message_that_is_said_not_to_have_left_and_did_is_unaccounted(stand: str) -> None:
    berichten = [replace(CLEAN.berichten[0], stand=stand), *CLEAN.berichten[1:]]
    assert wrong(replace(CLEAN, berichten=berichten)) == {"unaccounted": 1}


def test_an_offender_is_told_by_identifiers() -> None:
    found = judge(replace(CLEAN, effects=without(PREFILL)))["lost"]
    assert str(found[0]).startswith(f"b1 ({NR}): crm voorinvulling")
