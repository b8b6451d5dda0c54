"""Ask the register about addresses and building units; every question was logged before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from connectors.transport.errors import ConnectorError, ContractError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.http import HttpClient
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.basisregisters.mapping import map_adres, map_gebouweenheid, map_match
from connectors.woningpas.basisregisters.models import (
    Adres,
    AdresMatches,
    Detail,
    Gebouweenheid,
)

SYSTEM: Final = "basisregisters"
PAGE_SIZE: Final = 500
MOST_PAGES: Final = 200
_HEADERS: Final = {"Accept": "application/json"}
# The register validates what we ask: a 400 is our mistake and not the dossier's.
_REFUSALS: Final[Mapping[int, type[ConnectorError]]] = {400: ContractError, 406: ContractError}

Waarde = TypeVar("Waarde")


def open_client(
    *,
    base_url: str,
    api_key: str,
    timeout: tuple[float, float] = (5.0, 30.0),
    pool_size: int = 16,
) -> BasisregistersClient:
    """Make a client; `base_url` ends with the version. Nothing is sent yet."""
    return BasisregistersClient(
        HttpClient(
            SYSTEM,
            base_url,
            headers={**_HEADERS, "x-api-key": api_key},
            timeout=timeout,
            pool_size=pool_size,
        )
    )


class BasisregistersClient:
    """The reads that finding a dwelling needs; safe to share between threads."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def match_adres(
        self,
        *,
        straatnaam: str,
        huisnummer: str | None,
        busnummer: str | None,
        postcode: str | None,
        gemeentenaam: str | None,
        raadpleging: GelogdeRaadpleging,
    ) -> AdresMatches:
        """Find the addresses that resemble a written one, best first.

        Raises: ContractError when neither postcode nor gemeentenaam is given.
        """
        operation, key = "match_adres", f"dossier {raadpleging.raadpleging.dossier_id}"
        asked = {
            "straatnaam": straatnaam,
            "huisnummer": huisnummer,
            "busnummer": busnummer,
            "postcode": postcode,
            "gemeentenaam": gemeentenaam,
        }
        params = {name: value for name, value in asked.items() if value}
        if "straatnaam" not in params or not params.keys() & {"postcode", "gemeentenaam"}:
            raise ContractError(
                SYSTEM,
                operation,
                key,
                "a match needs a street and a postcode or municipality",
                done="It was not asked",
            )
        answer = self._read("adresmatch", operation, key, raadpleging, params)
        matches = [map_match(match) for match in answer.children("adresMatches")]
        matches.sort(key=lambda match: match.score, reverse=True)
        return AdresMatches(
            tuple(matches),
            tuple(
                warning.optional_text("code") or warning.text("message")
                for warning in answer.children("warnings")
            ),
        )

    def get_adres(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Adres]:
        """Return one address, unless it is unchanged since `etag` or was removed.

        Raises: PermanentError when the register never knew it.
        """
        return self._detail("adressen", "get_adres", adres_id, raadpleging, etag, _adres)

    def get_gebouweenheid(
        self, *, gebouweenheid_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouweenheid]:
        """Return one building unit, unless it is unchanged since `etag` or was removed.

        Raises: PermanentError when the register never knew it.
        """
        return self._detail(
            "gebouweenheden", "get_gebouweenheid", gebouweenheid_id, raadpleging, etag, _eenheid
        )

    def list_gebouweenheden(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[str, ...]:
        """Return the object ids of all building units at an address, over all pages."""
        operation, key = "list_gebouweenheden", f"adres {adres_id}"
        found: list[str] = []
        params: Mapping[str, str] | None = {"adresObjectId": adres_id, "limit": str(PAGE_SIZE)}
        link: str | None = "gebouweenheden"
        seen: set[str] = set()
        while link is not None:
            if link in seen or len(seen) >= MOST_PAGES:
                raise ContractError(SYSTEM, operation, key, "the pages do not end")
            seen.add(link)
            answer = self._read(link, operation, key, raadpleging, params)
            found += [
                unit.child("identificator").text("objectId")
                for unit in answer.children("gebouweenheden")
            ]
            link, params = answer.optional_text("volgende"), None
        return tuple(dict.fromkeys(found))

    def _read(
        self,
        path: str,
        operation: str,
        key: str,
        raadpleging: GelogdeRaadpleging,
        params: Mapping[str, str] | None,
    ) -> JsonObject:
        response = self._http.request(
            "GET",
            path,
            operation=operation,
            key=key,
            expected={200},
            params=params,
            correlation_id=raadpleging.raadpleging.correlatie_id,
            refusals=_REFUSALS,
            changes=False,
        )
        return read_object(response, SYSTEM, operation, key)

    def _detail(
        self,
        path: str,
        operation: str,
        object_id: str,
        raadpleging: GelogdeRaadpleging,
        etag: str | None,
        read: Callable[[JsonObject, str], Waarde],
    ) -> Detail[Waarde]:
        if not (object_id.isascii() and object_id.isdigit()):
            raise ContractError(
                SYSTEM, operation, "?", "the object id is not a number", done="It was not asked"
            )
        response = self._http.request(
            "GET",
            f"{path}/{object_id}",
            operation=operation,
            key=object_id,
            expected={200, 304, 410} if etag else {200, 410},
            headers={"If-None-Match": etag} if etag else None,
            correlation_id=raadpleging.raadpleging.correlatie_id,
            refusals=_REFUSALS,
            changes=False,
        )
        if response.status_code == 410:
            return Detail(None, None, verwijderd=True)
        if response.status_code == 304:
            return Detail(None, etag, ongewijzigd=True)
        waarde = read(read_object(response, SYSTEM, operation, object_id), object_id)
        return Detail(waarde, response.headers.get("ETag"))


def _adres(raw: JsonObject, object_id: str) -> Adres:
    adres = map_adres(raw)
    if adres.adres_id != object_id:
        raw.refuse("identificator.objectId", "is another object than was asked")
    return adres


def _eenheid(raw: JsonObject, object_id: str) -> Gebouweenheid:
    eenheid = map_gebouweenheid(raw)
    if eenheid.gebouweenheid_id != object_id:
        raw.refuse("identificator.objectId", "is another object than was asked")
    return eenheid
