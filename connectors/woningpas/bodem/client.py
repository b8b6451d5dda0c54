"""Ask what soil research said of a parcel; every question was logged before."""

from __future__ import annotations

import re
from typing import Final

from connectors.transport.errors import ContractError
from connectors.transport.geometrie import Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import LARGEST_ANSWER
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.transport.wfs import PAGE_SIZE, Laag, WfsClient
from connectors.woningpas.bodem.mapping import CAPAKEY, map_uitspraken
from connectors.woningpas.bodem.models import Uitspraak

SYSTEM: Final = "bodem"
LAAG: Final = "ovam:uitspraak_bodemonderzoeken"

_CAPAKEY: Final = re.compile(r"[0-9]{5}[A-Z][0-9]{4}/[0-9]{2}[A-Z_][0-9]{3}")


def open_client(
    *,
    base_url: str,
    laag: str = LAAG,
    timeout: tuple[float, float] = (5.0, 30.0),
    page_size: int = PAGE_SIZE,
) -> BodemClient:
    """Make a client; `base_url` ends with `wfs`. Nothing is sent yet."""
    http = HttpClient(SYSTEM, base_url, timeout=timeout, largest_answer=LARGEST_ANSWER)
    return BodemClient(http, Laag(laag, CAPAKEY), page_size=page_size)


class BodemClient:
    """The statements about soil; safe to share between threads.

    No statement means that the source knows nothing of the parcel, not that it is clean.
    """

    def __init__(self, http: HttpClient, laag: Laag, *, page_size: int = PAGE_SIZE) -> None:
        self._laag = laag
        self._wfs = WfsClient(http, [laag], page_size=page_size)

    def list_uitspraken(
        self, *, capakey: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[Uitspraak, ...]:
        """Return the statements about one parcel, by its key as `24062A0001/00A000`.

        The registers write that key with a dash too.

        Raises: the error family; ContractError when the key is none.
        """
        operation, capakey = "list_uitspraken", capakey.replace("-", "/")
        if not _CAPAKEY.fullmatch(capakey):
            raise ContractError(
                SYSTEM, operation, "?", "the parcel's key is no capakey", done="It was not asked"
            )
        found = self._wfs.list_equal(
            self._laag,
            CAPAKEY,
            capakey,
            operation=operation,
            key=capakey,
            correlation_id=raadpleging.raadpleging.correlatie_id,
        )
        return map_uitspraken(found)

    def list_uitspraken_at(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[Uitspraak, ...]:
        """Return the statements about the parcels at a place.

        Raises: the error family.
        """
        found = self._wfs.list_at(
            self._laag,
            ligging,
            operation="list_uitspraken_at",
            key=raadpleging.raadpleging.object,
            correlation_id=raadpleging.raadpleging.correlatie_id,
        )
        return map_uitspraken(found)
