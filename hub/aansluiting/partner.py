"""The ledger beside what a partner of the aanmelding contract holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine

from connectors.aanmelding.models import Intrekking
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


class Gehouden(Protocol):
    """What a partner holds of one aanmelding, as far as comparing needs it."""

    @property
    def referentie(self) -> UUID: ...

    @property
    def idempotency_key(self) -> str: ...

    @property
    def intrekking(self) -> Intrekking | None: ...


class Bladzijde(Protocol):
    """A page of all that a partner holds; `volgende` asks for the next one."""

    @property
    def items(self) -> Sequence[Gehouden]: ...

    @property
    def volgende(self) -> str | None: ...


class PartnerSource(Protocol):
    """The part of a partner's client that comparing needs: its list, or its receipts as one."""

    def list_standen(self, *, pagina: str | None = None) -> Bladzijde: ...


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


def _pages(client: PartnerSource) -> Iterator[Bladzijde]:
    page = client.list_standen()
    yield page
    while page.volgende is not None:
        page = client.list_standen(pagina=page.volgende)
        yield page
