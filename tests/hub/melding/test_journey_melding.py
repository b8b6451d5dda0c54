"""Residents are told once what happened, by their preference, whatever is repeated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hub.channels.notificaties import bundel_id
from hub.config import load_config
from hub.gevolgen import decide_gevolgen
from hub.ledger.acts import try_now
from hub.melding import oordeel
from hub.melding.decide import decide_meldingen
from hub.melding.deliver import deliver_meldingen
from hub.melding.regels import AT_ONCE, BRUSSELS, make_regels
from sandbox.stad.bewoner import build_bewoner
from tests.hub.journey_case import RESIDENTS, read_rows
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
CALM = make_regels(load_config("melding"))


@pytest.fixture(scope="module")
def told(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Everybody travelled, and nothing had to wait."""
    folder: Path = tmp_path_factory.mktemp("meldingen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RENOVATIEHUB_TST", "1")
        patch.setenv(AT_ONCE, "1")
        with cluster.fresh_database() as database, running_sandbox(folder) as sandbox:
            journey = Journey(database, sandbox, make_keyring())
            sandbox.grow(RESIDENTS)
            journey.run()
            yield journey


def read(journey: Journey, dossiernummer: str | None = None) -> list[dict[str, Any]]:
    params = {"dossiernummer": dossiernummer} if dossiernummer else {}
    found: list[dict[str, Any]] = journey.sandbox.control("GET", "/notificaties", params=params)[
        "berichten"
    ]
    return found


def ledger(journey: Journey) -> list[tuple[Any, ...]]:
    return read_rows(
        journey,
        "SELECT crm_dossier.dossiernummer, melding.kenmerk, melding.stand, melding.reden,"
        " crm_profiel.contact_voorkeur, crm_profiel.insz_status, melding.sleutel"
        " FROM hub.bericht AS melding"
        " JOIN bron.crm_dossier USING (dossier_id) JOIN bron.crm_profiel USING (profiel_id)"
        " WHERE melding.bestemming = 'notificaties' ORDER BY melding.volgorde",
    )


def test_a_resident_who_wants_it_is_told_once_and_nobody_else_is(told: Journey) -> None:
    rows = ledger(told)
    told_to = {row[0] for row in rows if row[2] == "bevestigd"}
    wanted = {row[0] for row in rows if row[4] == "mijnburgerprofiel" and row[5] == "geldig"}
    assert told_to == wanted
    assert len(told_to) > 4
    assert {one["dossiernummer"] for one in read(told)} == told_to
    assert {one["id"] for one in read(told)} == {
        str(bundel_id(row[6])) for row in rows if row[2] == "bevestigd"
    }
    assert max(Counter(one["id"] for one in read(told)).values()) == 1
    for one in read(told):
        i = int(one["dossiernummer"][-6:]) - 1
        assert one["insz"] == build_bewoner(1, i).insz


def test_who_is_not_told_has_the_reason_written_down(told: Journey) -> None:
    for _, _, stand, reden, voorkeur, insz_status, _ in ledger(told):
        if insz_status != "geldig":
            assert (stand, reden) == ("overgeslagen", oordeel.GEEN_PERSOON)
        elif voorkeur != "mijnburgerprofiel":
            assert stand == "overgeslagen"
            assert reden in (oordeel.ANDERE_VOORKEUR, oordeel.NIET_GETOOND)
    reasons = Counter(row[3] for row in ledger(told) if row[2] == "overgeslagen")
    assert reasons[oordeel.ANDERE_VOORKEUR] > 4
    assert reasons[oordeel.GEEN_PERSOON] >= 1


def test_every_status_that_ended_has_one_outcome(told: Journey) -> None:
    statuses = read_rows(
        told, "SELECT sleutel FROM hub.bericht WHERE bestemming = 'dosis' ORDER BY sleutel"
    )
    assert sorted((row[6],) for row in ledger(told)) == statuses
    assert statuses


def test_a_message_says_what_the_status_says(told: Journey) -> None:
    last = {one["dossiernummer"]: one for one in read(told)}
    shown = {
        line["dossiernummer"]: line
        for line in told.sandbox.journal("dosis")
        if line["operatie"] == "RegistreerDossier"
    }
    for dossiernummer, one in last.items():
        for sleutel in ("StatusVlaamseCode", "StatusVlaamseFase"):
            assert f">{one['waarden'][sleutel]}<" in shown[dossiernummer]["inhoud"]
        assert dossiernummer in one["waarden"]["StatusDetail1"]


def test_a_storm_of_deciding_and_delivering_again_tells_nobody_twice(told: Journey) -> None:
    before, rows = read(told), ledger(told)
    engine, keyring, random = told.engines["push"], told.keyring, Random(7)
    steps = [
        lambda: decide_gevolgen(engine, keyring),
        lambda: decide_meldingen(engine, keyring),
        lambda: deliver_meldingen(engine, told.kanalen["notificaties"], keyring),
        told.pull,
        told.enrich,
        told.push,
    ]
    for _ in range(12):
        random.choice(steps)()
    assert read(told) == before
    assert ledger(told) == rows


def test_the_content_of_a_message_is_not_readable_in_the_ledger(told: Journey) -> None:
    ((sealed,),) = read_rows(
        told,
        "SELECT inhoud FROM hub.bericht WHERE soort = 'melding' AND stand = 'bevestigd' LIMIT 1",
    )
    assert b"StatusDetail1" not in bytes(sealed)


def states(journey: Journey) -> Counter[str]:
    return Counter(row[2] for row in ledger(journey))


def test_nothing_leaves_before_its_moment_whatever_an_operator_hurries(waiting: Journey) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    kanaal = waiting.kanalen["notificaties"]
    before = len(read(waiting))
    night = datetime.now(BRUSSELS).replace(hour=23, minute=0) + timedelta(days=1)
    decide_meldingen(engine, keyring, regels=CALM, nu=night)
    held = states(waiting)["klaar"]
    assert held > 2
    moments = read_rows(
        waiting, "SELECT DISTINCT niet_voor, klaar_vanaf FROM hub.bericht WHERE soort = 'melding'"
        " AND stand = 'klaar'",
    )  # fmt: skip
    morning = (night + timedelta(days=1)).replace(hour=8, second=0, microsecond=0)
    assert moments == [(morning.astimezone(UTC), morning.astimezone(UTC))]
    with waiting.database.engine("hub_operator").begin() as connection:
        assert try_now(connection, "notificaties", reden="haast", wie="proef").gewijzigd == 0
    noon = night.replace(hour=12)
    assert deliver_meldingen(engine, kanaal, keyring, regels=CALM, nu=noon) == {}
    assert waiting.reckon(RESIDENTS)["open"] == 0

    with waiting.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql(
            "UPDATE hub.bericht SET niet_voor = now(), klaar_vanaf = now()"
            " WHERE soort = 'melding' AND stand = 'klaar'"
        )
    # It is its moment, and night again.
    assert deliver_meldingen(engine, kanaal, keyring, regels=CALM, nu=night) == {}
    assert deliver_meldingen(engine, kanaal, keyring, regels=CALM, nu=noon) == {"bevestigd": held}
    assert len(read(waiting)) == before + held


def test_who_changes_preference_while_a_message_waits_is_not_told(waiting: Journey) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    noon = datetime.now(BRUSSELS).replace(hour=12) + timedelta(days=1)
    decide_meldingen(engine, keyring, regels=CALM, nu=noon)
    with waiting.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql("UPDATE bron.crm_profiel SET contact_voorkeur = 'geen'")
    found = decide_meldingen(engine, keyring, regels=CALM, nu=noon)
    assert states(waiting)["klaar"] == 0
    assert found["melding"] == 0
    assert found["melding_overgeslagen"] > 2


def test_what_no_longer_may_be_told_when_it_leaves_stays_home(waiting: Journey) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    before = len(read(waiting))
    noon = datetime.now(BRUSSELS).replace(hour=12)
    now = make_regels(load_config("melding") | {"venster_minuten": 0, "stil_tot": "20:00"})
    decide_meldingen(engine, keyring, regels=now)
    held = states(waiting)["klaar"]
    # Changed between the decision and the claim.
    with waiting.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql("UPDATE bron.crm_profiel SET contact_voorkeur = 'mail'")
    kanaal = waiting.kanalen["notificaties"]
    assert deliver_meldingen(engine, kanaal, keyring, regels=now, nu=noon) == {"overgeslagen": held}
    assert len(read(waiting)) == before


def test_an_unknown_outcome_waits_for_a_person_and_is_not_sent_again(waiting: Journey) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    kanaal = waiting.kanalen["notificaties"]
    now = make_regels(load_config("melding") | {"venster_minuten": 0, "stil_tot": "20:00"})
    decide_meldingen(engine, keyring, regels=now)
    waiting.sandbox.order_fault("notificaties", "bevestig_en_verbreek", operatie="post")
    counts = deliver_meldingen(engine, kanaal, keyring, regels=now)
    assert counts["in_twijfel"] == 1
    after = len(read(waiting))
    for _ in range(3):
        decide_meldingen(engine, keyring, regels=now)
        deliver_meldingen(engine, kanaal, keyring, regels=now)
    assert len(read(waiting)) == after
    assert states(waiting)["in_twijfel"] == 1


def test_a_refused_sign_on_stops_the_channel_and_no_message_is_lost(waiting: Journey) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    kanaal = waiting.kanalen["notificaties"]
    now = make_regels(load_config("melding") | {"venster_minuten": 0, "stil_tot": "20:00"})
    decide_meldingen(engine, keyring, regels=now)
    held = states(waiting)["klaar"]
    waiting.sandbox.order_fault("notificaties", "5xx", operatie="post", status=401, aantal=50)
    deliver_meldingen(engine, kanaal, keyring, regels=now)
    assert states(waiting)["klaar"] == held
    assert read_rows(
        waiting, "SELECT gestopt_op IS NOT NULL FROM hub.kanaal WHERE bestemming = 'notificaties'"
    ) == [(True,)]


def test_what_was_confirmed_long_ago_is_not_told_when_the_hub_learns_to_tell(
    waiting: Journey,
) -> None:
    engine, keyring = waiting.engines["push"], waiting.keyring
    later = datetime.now(UTC) + timedelta(days=8)
    found = decide_meldingen(engine, keyring, regels=CALM, nu=later)
    assert found["melding"] == 0
    assert oordeel.VEROUDERD in {row[3] for row in ledger(waiting)}
    assert decide_meldingen(engine, keyring, regels=CALM, nu=later) == {
        "melding": 0,
        "melding_overgeslagen": 0,
    }
