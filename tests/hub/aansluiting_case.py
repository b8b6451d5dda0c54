"""What the tests of the nightly comparison share: the comparison itself, and its incidents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from connectors.aanmelding.client import AanmeldingClient, open_client
from hub.aansluiting.berichten import compare_berichten
from hub.aansluiting.crm import compare_crm
from hub.aansluiting.dosis import compare_dosis
from hub.aansluiting.partner import compare_partner
from hub.aansluiting.verschillen import Aansluiting
from tests.hub.journey_case import read_rows
from tests.journey import BRON, Journey

NUMBER = "RD-0001-000001"


def open_dialoog(journey: Journey) -> AanmeldingClient:
    return open_client(
        system="dialoog",
        base_url=f"{journey.sandbox.base_url}/dialoog",
        token=journey.sandbox.secrets["dialoog"]["token"],
    )


def compare(journey: Journey, ontvanger: str, **options: Any) -> Aansluiting:
    """Compare one receiver as the nightly flow does, under its role."""
    engine = journey.database.engine("hub_aansluiting")
    match ontvanger:
        case "crm":
            return compare_crm(engine, journey.crm, **options)
        case "dialoog":
            return compare_partner(engine, open_dialoog(journey), partner="dialoog")
        case "dosis":
            return compare_dosis(engine, journey.dosis, journey.keyring, bron=BRON, **options)
    return compare_berichten(engine)


def incidents(journey: Journey) -> dict[str, list[str]]:
    """Return the subjects of open incidents with a proposed repair, per kind."""
    found: dict[str, list[str]] = {}
    for soort, onderwerp in read_rows(
        journey,
        "SELECT soort, onderwerp FROM hub.incident"
        " WHERE opgelost_op IS NULL AND voorstel IS NOT NULL ORDER BY 1, 2",
    ):
        found.setdefault(soort, []).append(onderwerp)
    return found


def found_by(journey: Journey, ontvanger: str) -> dict[str, list[str]]:
    """Compare twice, which must tell the same, and return the open incidents."""
    first = compare(journey, ontvanger)
    before = read_rows(journey, "SELECT incident_id, soort, onderwerp, tekst FROM hub.incident")
    again = compare(journey, ontvanger)
    assert dict(again.verschillen) == dict(first.verschillen)
    assert again.opgelost == 0
    after = read_rows(journey, "SELECT incident_id, soort, onderwerp, tekst FROM hub.incident")
    assert sorted(after) == sorted(before)
    return incidents(journey)


def change(journey: Journey, statement: str, **parameters: object) -> None:
    """Change the ledger under its owner's role."""
    with journey.engines["eigenaar"].begin() as connection:
        connection.execute(text(statement), parameters)


def referentie(journey: Journey) -> str:
    """Return the reference of the only aanmelding."""
    ((sleutel,),) = read_rows(journey, "SELECT sleutel FROM hub.bericht WHERE soort = 'aanmelding'")
    return str(sleutel).partition(":")[2]


def force(journey: Journey, soort: str, stand: str) -> None:
    """Put the messages of a kind in a state that the roads of the ledger would not allow."""
    change(journey, "ALTER TABLE hub.bericht DISABLE TRIGGER bericht_overgang")
    change(
        journey,
        "UPDATE hub.bericht SET stand = :stand, beeindigd_op = CASE WHEN :stand IN"
        " ('bevestigd', 'opgegeven', 'ingetrokken', 'overgeslagen') THEN now() END"
        " WHERE soort = :soort",
        stand=stand,
        soort=soort,
    )
    change(journey, "ALTER TABLE hub.bericht ENABLE TRIGGER bericht_overgang")
