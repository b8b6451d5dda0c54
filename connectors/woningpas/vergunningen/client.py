"""Ask which permits were asked for at a place; every question was logged before."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from connectors.transport.geometrie import Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import LARGEST_ANSWER
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.transport.wfs import PAGE_SIZE, Laag, WfsClient
from connectors.woningpas.vergunningen.mapping import map_vergunning, select_latest
from connectors.woningpas.vergunningen.models import Vergunning

SYSTEM: Final = "vergunningen"
# Kind -> the layer that holds it.
LAGEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stedenbouwkundige_handelingen": "lu:lu_omv_gd_v2",
        "verkaveling": "lu:lu_omv_vk_v2",
        "ingedeelde_inrichting_of_activiteit": "lu:lu_omv_iioa_v2",
        "kleinhandel": "lu:lu_omv_kh_v2",
    }
)


def open_client(
    *,
    base_url: str,
    lagen: Mapping[str, str] = LAGEN,
    timeout: tuple[float, float] = (5.0, 30.0),
    page_size: int = PAGE_SIZE,
) -> VergunningenClient:
    """Make a client; `base_url` ends with `wfs`, `lagen` gives each kind its layer."""
    http = HttpClient(SYSTEM, base_url, timeout=timeout, largest_answer=LARGEST_ANSWER)
    return VergunningenClient(http, lagen, page_size=page_size)


class VergunningenClient:
    """Permits; safe to share between threads. Nothing found means: none is known there."""

    def __init__(
        self, http: HttpClient, lagen: Mapping[str, str], *, page_size: int = PAGE_SIZE
    ) -> None:
        self._lagen = {soort: Laag(naam, "projectnummer") for soort, naam in lagen.items()}
        self._wfs = WfsClient(http, list(self._lagen.values()), page_size=page_size)

    def list_vergunningen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[Vergunning, ...]:
        """Return what was asked for at a place, newest first; one request per kind.

        A project stands once per kind, also when it has several subjects at the place.

        Raises: the error family; one kind without an answer is no answer.
        """
        return select_latest(
            map_vergunning(feature, soort)
            for soort, laag in self._lagen.items()
            for feature in self._wfs.list_at(
                laag,
                ligging,
                operation=f"list_vergunningen {soort}",
                key=raadpleging.raadpleging.object,
                correlation_id=raadpleging.raadpleging.correlatie_id,
            )
        )
