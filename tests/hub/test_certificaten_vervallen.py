"""A certificate that ends soon is an incident until it is renewed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.transport.certificaten import Verval
from hub.aansluiting.certificaten import SOORT, report_certificaten
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres
ENDS = Verval(Path("/geheim/pad/tls.pem"), "CN=hub", datetime(2026, 12, 9, 23, 30, tzinfo=UTC))


def open_incidents(database: HubDatabase) -> list[tuple[str, str]]:
    with database.engine("hub_eigenaar").begin() as connection:
        rows = connection.execute(
            text(
                "SELECT onderwerp, tekst FROM hub.incident WHERE soort = :s AND opgelost_op IS NULL"
            ),
            {"s": SOORT},
        )
        return [tuple(row) for row in rows]


def test_it_is_told_once_with_the_day_in_brussels_and_closes_when_renewed(
    database: HubDatabase,
) -> None:
    engine = database.engine("hub_aansluiting")
    for _ in range(2):
        found = report_certificaten(engine, [ENDS])
        assert found.verschillen == {SOORT: 1}
    [(onderwerp, tekst)] = open_incidents(database)
    assert onderwerp == "certificaat tls.pem"
    assert "vervalt op 10/12/2026" in tekst
    assert "/geheim" not in tekst
    assert report_certificaten(engine, []).opgelost == 1
    assert open_incidents(database) == []


def test_of_two_in_one_file_the_first_to_end_is_told(database: HubDatabase) -> None:
    later = Verval(ENDS.bestand, "CN=ca", datetime(2026, 12, 20, tzinfo=UTC))
    report_certificaten(database.engine("hub_aansluiting"), [ENDS, later])
    [(_, tekst)] = open_incidents(database)
    assert "10/12/2026" in tekst
