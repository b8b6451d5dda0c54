"""The way to the resident's portal by either road, until the dossier is removed there."""

from __future__ import annotations

import time

import pytest

from connectors.mijnburgerprofiel.dosis import DossierstatusDienst, open_dosis_rest_client
from connectors.transport.acm import open_acm
from hub.aansluiting.dosis_uploads import compare_uploads
from hub.channels.dosis import DosisKanaal
from hub.codelijst import read_codes, refresh_codelijst
from hub.gevolgen import decide_gevolgen
from hub.tokens import PostgresTokenStore
from tests.hub.aansluiting_case import NUMBER, compare
from tests.hub.journey_case import read_rows
from tests.journey import BRON, Journey
from tests.sandbox_process import acm_client

pytestmark = pytest.mark.postgres


@pytest.fixture(params=["magda", "rest"])
def road(request: pytest.FixtureRequest, journey: Journey) -> str:
    """Let the journey's statuses go by this road, judged by the owner's codes."""
    engine = journey.engines["push"]
    refresh_codelijst(engine, journey.dosis)
    dosis: DossierstatusDienst = journey.dosis
    if request.param == "rest":
        url = f"{journey.sandbox.base_url}/dosis"
        store = PostgresTokenStore(engine, journey.keyring)
        dosis = open_dosis_rest_client(url, open_acm(acm_client(journey.sandbox, "dosis"), store))
    journey.kanalen["dosis"] = DosisKanaal(dosis, BRON, codes=read_codes(engine))
    return str(request.param)


def remove_in_crm(journey: Journey, days: int) -> None:
    with journey.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql(
            "UPDATE bron.crm_dossier SET verwijderd_op = now() - make_interval(days => %(d)s)",
            {"d": days},
        )


def effects(journey: Journey) -> list[str]:
    """What happened at DOSIS, in its order."""
    lines = [line for line in journey.sandbox.journal("dosis") if line["effect"]]
    return [line["operatie"] for line in lines]


def statuses(journey: Journey) -> list[tuple[str, str, str]]:
    return [
        (soort, kenmerk, stand)
        for soort, kenmerk, stand in read_rows(
            journey,
            "SELECT soort, coalesce(kenmerk, ''), stand FROM hub.bericht"
            " WHERE bestemming = 'dosis' ORDER BY volgorde",
        )
    ]


def test_a_resident_sees_the_dossier_until_the_city_removes_it(journey: Journey, road: str) -> None:
    journey.sandbox.grow(1)
    journey.run()
    sent = statuses(journey)
    assert sent and {stand for _, _, stand in sent} <= {"bevestigd", "overgeslagen"}
    assert compare(journey, "dosis").verschillen == {}, "the portal shows the last status"
    registered = effects(journey)

    remove_in_crm(journey, days=6)
    assert decide_gevolgen(journey.engines["push"], journey.keyring)["dossierverwijdering"] == 0
    remove_in_crm(journey, days=8)
    found = [
        decide_gevolgen(journey.engines["push"], journey.keyring)["dossierverwijdering"]
        for _ in range(2)
    ]
    assert found == [1, 0], "deciding again adds nothing"
    # A message leaves two seconds after the receipt of the one before.
    deadline = time.monotonic() + 20.0
    while statuses(journey)[-1][2] != "bevestigd" and time.monotonic() < deadline:
        journey.push()
    assert statuses(journey) == [*sent, ("dossierverwijdering", "", "bevestigd")]
    journey.push()
    assert effects(journey) == [*registered, "VerwijderDossier"], road
    engine = journey.database.engine("hub_aansluiting")
    assert compare_uploads(engine, journey.dosis, bron=BRON).verschillen == {}
    assert read_rows(journey, "SELECT dossiernummer FROM bron.crm_dossier") == [(NUMBER,)]
