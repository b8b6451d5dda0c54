"""The nightly comparison: a clean world says nothing, the ledger's own faults are told."""

from __future__ import annotations

import pytest

from tests.hub.aansluiting_case import change, compare, force, found_by, incidents, referentie
from tests.hub.journey_case import read_rows
from tests.journey import Journey

pytestmark = pytest.mark.postgres


def test_a_clean_world_with_every_hard_case_gives_no_incident(own: Journey) -> None:
    for ontvanger in ("berichten", "crm", "dialoog", "dosis"):
        found = compare(own, ontvanger)
        assert (dict(found.verschillen), found.niet_vergeleken) == ({}, 0), ontvanger
        if ontvanger != "berichten":
            assert found.vergeleken > 10, ontvanger
    assert incidents(own) == {}


def test_small_pages_compare_the_same(own: Journey) -> None:
    assert dict(compare(own, "crm", page_size=7).verschillen) == {}
    found = compare(own, "dosis", page_size=4)
    assert dict(found.verschillen) == {}
    assert found.vergeleken == compare(own, "dosis").vergeleken


@pytest.mark.parametrize(
    ("stand", "moment"),
    [
        ("onderweg", "lease_tot = now() - interval '2 hours', lease_van = 'dood'"),
        ("klaar", "aangemaakt_op = now() - interval '25 hours'"),
        ("aangenomen", "eerst_verzonden_op = now() - interval '26 hours'"),
    ],
)
def test_what_lies_too_long_is_told_once_per_receiver_and_closes_by_itself(
    journey: Journey, stand: str, moment: str
) -> None:
    journey.sandbox.grow(1)
    journey.run()
    change(journey, "ALTER TABLE hub.bericht DISABLE TRIGGER bericht_overgang")
    change(
        journey,
        f"UPDATE hub.bericht SET stand = '{stand}', beeindigd_op = NULL, {moment}"
        " WHERE bestemming = 'dosis'",
    )
    assert found_by(journey, "berichten") == {"berichten_blijven_liggen": [f"dosis {stand}"]}
    change(
        journey,
        "UPDATE hub.bericht SET stand = 'bevestigd', lease_tot = NULL, beeindigd_op = now()"
        " WHERE bestemming = 'dosis'",
    )
    assert compare(journey, "berichten").opgelost == 1
    assert incidents(journey) == {}


def test_a_stopped_channel_is_told_and_what_waits_behind_it_is_not(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.run()
    change(journey, "ALTER TABLE hub.bericht DISABLE TRIGGER bericht_overgang")
    change(
        journey,
        "UPDATE hub.bericht SET stand = 'klaar', beeindigd_op = NULL,"
        " aangemaakt_op = now() - interval '3 days' WHERE bestemming = 'dialoog'",
    )
    change(
        journey,
        "UPDATE hub.kanaal SET gestopt_op = now(), stopreden = 'geweigerd'"
        " WHERE bestemming = 'dialoog'",
    )
    assert found_by(journey, "berichten") == {"kanaal_gestopt": ["dialoog"]}
    change(journey, "UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL")
    assert compare(journey, "berichten").opgelost == 1


def test_an_incident_tells_what_to_do_and_holds_no_personal_data(journey: Journey) -> None:
    journey.sandbox.grow(1)
    journey.run()
    journey.sandbox.control("POST", "/dialoog/verlies", json={"referentie": referentie(journey)})
    journey.sandbox.control(
        "POST", "/dosis/verlies", json={"dossiernummer": "RD-0001-000001", "aantal": 9}
    )
    force(journey, "voorinvulling", "opgegeven")
    for ontvanger in ("berichten", "crm", "dialoog", "dosis"):
        compare(journey, ontvanger)
    assert {"aanmelding_ontbreekt", "dosis_status_ontbreekt"} <= set(incidents(journey))
    resident = journey.sandbox.resident(0)
    told = " ".join(
        str(value)
        for row in read_rows(journey, "SELECT onderwerp, tekst, voorstel FROM hub.incident")
        for value in row
    )
    secrets = [
        str(value)
        for group in resident.values()
        if isinstance(group, dict)
        for name, value in group.items()
        if name in ("voornaam", "naam", "insz", "email", "telefoon", "straat")
    ]
    assert secrets, resident.keys()
    assert not [secret for secret in secrets if secret in told]


def test_the_comparison_sees_no_content_and_changes_no_message(journey: Journey) -> None:
    engine = journey.database.engine("hub_aansluiting")
    for statement in (
        "SELECT inhoud FROM hub.bericht",
        "UPDATE hub.bericht SET stand = 'bevestigd'",
        "SELECT straat FROM bron.crm_dossier",
        "UPDATE hub.kanaal SET gestopt_op = NULL",
        "DELETE FROM hub.incident",
    ):
        with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
