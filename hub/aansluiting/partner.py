"""The ledger beside what a partner of the aanmelding contract holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlalchemy import Engine

from connectors.aanmelding.models import StandenBladzijde
from connectors.transport.errors import AuthenticationError, PermanentError
from hub.aansluiting.verschillen import Aansluiting, begin, conclude, note_incomplete
from hub.database import copy_rows, execute

SOORTEN = (
    "aanmelding_ontbreekt",
    "aanmelding_elders_ingetrokken",
    "aanmelding_onbekend",
    "aanmelding_niet_verwijderd",
    "aanmelding_toch_aangekomen",
    "aanmelding_onterecht",
)
_PATH = "ops/aansluiting_partner"


class PartnerSource(Protocol):
    """The part of the aanmelding client that comparing needs."""

    def list_standen(self, *, pagina: str | None = None) -> StandenBladzijde: ...


def compare_partner(engine: Engine, client: PartnerSource, *, partner: str) -> Aansluiting:
    """Compare a partner's list with the ledger, page by page; every difference is an incident.

    A partner that offers no list (contract 1.0) is itself one.

    Raises: the error family of `connectors.transport.errors`: then nothing was reported.
    """
    with engine.begin() as connection:
        begin(connection)
        execute(connection, _PATH, "create")
        held = 0
        try:
            for page in _pages(client):
                held += copy_rows(
                    connection,
                    _PATH,
                    (
                        (str(s.referentie), s.idempotency_key, s.intrekking is not None)
                        for s in page.items
                    ),
                )
        except AuthenticationError:
            raise
        except PermanentError as error:
            note_incomplete(
                connection,
                partner,
                f"De lijst van {partner} kan niet gelezen worden: {error.observed}.",
                f"Vraag {partner} om versie 1.1 van het contract (GET /standen) aan te bieden.",
            )
            return conclude(connection, partner, (), vergeleken=0, niet_vergeleken=1)
        execute(connection, _PATH, "compare", partner=partner)
        return conclude(connection, partner, SOORTEN, vergeleken=held)


def _pages(client: PartnerSource) -> Iterator[StandenBladzijde]:
    page = client.list_standen()
    yield page
    while page.volgende is not None:
        page = client.list_standen(pagina=page.volgende)
        yield page
