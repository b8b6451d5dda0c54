"""The ledger beside what Notificaties holds: each difference is planted, found, and mended."""

from __future__ import annotations

from uuid import uuid4

import pytest

from connectors.mijnburgerprofiel.notificaties import open_notificaties_client
from connectors.transport.acm import open_acm
from connectors.transport.errors import PermanentError
from hub.aansluiting.notificaties import compare_notificaties
from hub.aansluiting.verschillen import Aansluiting
from hub.channels.notificaties import bundel_id
from hub.config import load_config
from hub.melding.decide import decide_meldingen
from hub.melding.deliver import deliver_meldingen
from hub.melding.regels import make_regels
from tests.connectors.notificaties.test_notificaties import make_bundel
from tests.hub.aansluiting_case import change, force, incidents
from tests.hub.journey_case import read_rows
from tests.journey import Journey
from tests.sandbox_process import acm_client

pytestmark = pytest.mark.postgres


@pytest.fixture
def told(waiting: Journey) -> Journey:
    now = make_regels(load_config("melding") | {"venster_minuten": 0, "stil_tot": "20:00"})
    engine, keyring = waiting.engines["push"], waiting.keyring
    decide_meldingen(engine, keyring, regels=now)
    deliver_meldingen(engine, waiting.kanalen["notificaties"], keyring, regels=now)
    return waiting


def compare(journey: Journey) -> Aansluiting:
    return compare_notificaties(journey.database.engine("hub_aansluiting"), journey.notificaties)


def confirmed(journey: Journey) -> list[tuple[str, str]]:
    return [
        (str(nummer), f"notificaties {bundel_id(sleutel)}")
        for nummer, sleutel in read_rows(
            journey,
            "SELECT dossiernummer, sleutel FROM hub.bericht JOIN bron.crm_dossier"
            " USING (dossier_id) WHERE soort = 'melding' AND stand = 'bevestigd'"
            " ORDER BY volgorde",
        )
    ]


def test_every_difference_is_found_once_and_closes_when_it_is_gone(told: Journey) -> None:
    sent = confirmed(told)
    first = compare(told)
    assert (first.vergeleken, dict(first.verschillen)) == (len(sent), {})

    (nummer, lost), (_, twice) = sent[0], sent[1]
    told.sandbox.control("POST", "/notificaties/verlies", json={"dossiernummer": nummer})
    stranger = uuid4()
    told.notificaties.post_bundel(bundel=make_bundel(bundel_id=stranger))
    repeated = make_bundel(bundel_id=twice.rpartition(" ")[2])
    told.notificaties.post_bundel(bundel=repeated)
    told.notificaties.post_bundel(bundel=repeated)
    expected = {
        "notificatie_ontbreekt": [lost],
        "notificatie_dubbel": [twice],
        "notificatie_onbekend": [f"notificaties {stranger}"],
    }
    for _ in range(2):
        found = compare(told)
        assert dict(found.verschillen) == dict.fromkeys(sorted(expected), 1)
        assert incidents(told) == expected

    force(told, "melding", "in_twijfel")
    found = compare(told)
    assert found.verschillen["notificatie_toch_aangekomen"] >= len(sent) - 2
    assert "notificatie_ontbreekt" not in found.verschillen
    assert found.opgelost == 1


def test_what_cannot_be_asked_is_said_and_opens_no_incident(told: Journey) -> None:
    unasked = open_notificaties_client(
        f"{told.sandbox.base_url}/notificaties",
        auth=open_acm(acm_client(told.sandbox, "notificaties")),
    )
    found = compare_notificaties(told.database.engine("hub_aansluiting"), unasked)
    assert (found.vergeleken, found.niet_vergeleken) == (0, len(confirmed(told)))
    assert found.verschillen == {}
    assert incidents(told) == {}


def test_an_address_that_is_gone_is_no_difference(told: Journey) -> None:
    told.sandbox.change_settings("notificaties", leesbaar=False)
    with pytest.raises(PermanentError, match="404"):
        compare(told)
    assert incidents(told) == {}


def test_what_is_on_its_way_is_left_out(told: Journey) -> None:
    change(told, "UPDATE hub.bericht SET sleutel = 'x' || sleutel WHERE soort = 'melding'")
    force(told, "melding", "klaar")
    found = compare(told)
    assert "notificatie_ontbreekt" not in found.verschillen
    assert found.verschillen["notificatie_onbekend"] > 0
