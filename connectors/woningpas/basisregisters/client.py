"""Ask the register about addresses, buildings, units and parcels; each question was logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, TypeVar

from connectors.transport.errors import ConnectorError, ContractError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.http import HttpClient
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.basisregisters.capakey import parse_capakey, to_url
from connectors.woningpas.basisregisters.mapping import (
    map_adres,
    map_gebouw,
    map_gebouweenheid,
    map_match,
    map_perceel,
    read_capakey,
)
from connectors.woningpas.basisregisters.models import (
    Adres,
    AdresMatches,
    Detail,
    Gebouw,
    Gebouweenheid,
    Perceel,
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
    """The reads that finding and describing a dwelling need; safe to share between threads."""

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
        return self._detail(
            "adressen",
            "get_adres",
            _number("get_adres", adres_id),
            raadpleging,
            etag,
            map_adres,
            lambda adres: adres.adres_id,
        )

    def get_gebouw(
        self, *, gebouw_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouw]:
        """Return one building with its outline, unless it is unchanged since `etag` or was removed.

        Raises: PermanentError when the register never knew it.
        """
        return self._detail(
            "gebouwen",
            "get_gebouw",
            _number("get_gebouw", gebouw_id),
            raadpleging,
            etag,
            map_gebouw,
            lambda gebouw: gebouw.gebouw_id,
        )

    def get_gebouweenheid(
        self, *, gebouweenheid_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouweenheid]:
        """Return one building unit, unless it is unchanged since `etag` or was removed.

        Raises: PermanentError when the register never knew it.
        """
        return self._detail(
            "gebouweenheden",
            "get_gebouweenheid",
            _number("get_gebouweenheid", gebouweenheid_id),
            raadpleging,
            etag,
            map_gebouweenheid,
            lambda eenheid: eenheid.gebouweenheid_id,
        )

    def get_perceel(
        self, *, capakey: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Perceel]:
        """Return one parcel by its cadastral key, with ``/`` or ``-``, as the others.

        Raises: PermanentError when the register never knew it.
        """
        return self._detail(
            "percelen",
            "get_perceel",
            _capakey("get_perceel", capakey),
            raadpleging,
            etag,
            map_perceel,
            lambda perceel: to_url(perceel.capakey),
        )

    def list_gebouweenheden(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[str, ...]:
        """Return the object ids of all building units at an address, over all pages."""
        return self._list(
            "gebouweenheden",
            f"adres {adres_id}",
            {"adresObjectId": adres_id},
            raadpleging,
            lambda unit: unit.child("identificator").text("objectId"),
        )

    def list_gebouwen(self, *, capakey: str, raadpleging: GelogdeRaadpleging) -> tuple[str, ...]:
        """Return the object ids of all buildings on a parcel, over all pages."""
        asked = _capakey("list_gebouwen", capakey)
        return self._list(
            "gebouwen",
            f"perceel {asked}",
            {"caPaKey": asked},
            raadpleging,
            lambda gebouw: gebouw.child("identificator").text("objectId"),
        )

    def list_percelen(self, *, adres_id: str, raadpleging: GelogdeRaadpleging) -> tuple[str, ...]:
        """Return the cadastral keys, as written, of all parcels at an address, over all pages."""
        return self._list(
            "percelen",
            f"adres {adres_id}",
            {"adresObjectId": adres_id},
            raadpleging,
            lambda perceel: read_capakey(perceel, "caPaKey"),
        )

    def _list(
        self,
        soort: str,
        key: str,
        asked: Mapping[str, str],
        raadpleging: GelogdeRaadpleging,
        read: Callable[[JsonObject], str],
    ) -> tuple[str, ...]:
        operation = f"list_{soort}"
        found: list[str] = []
        params: Mapping[str, str] | None = {**asked, "limit": str(PAGE_SIZE)}
        link: str | None = soort
        seen: set[str] = set()
        while link is not None:
            if link in seen or len(seen) >= MOST_PAGES:
                raise ContractError(SYSTEM, operation, key, "the pages do not end")
            seen.add(link)
            answer = self._read(link, operation, key, raadpleging, params)
            found += [read(item) for item in answer.children(soort)]
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
        read: Callable[[JsonObject], Waarde],
        name: Callable[[Waarde], str],
    ) -> Detail[Waarde]:
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
        raw = read_object(response, SYSTEM, operation, object_id)
        waarde = read(raw)
        if name(waarde) != object_id:
            raw.refuse("identificator.objectId", "is another object than was asked")
        return Detail(waarde, response.headers.get("ETag"))


def _number(operation: str, object_id: str) -> str:
    if not (object_id.isascii() and object_id.isdigit()):
        raise ContractError(
            SYSTEM, operation, "?", "the object id is not a number", done="It was not asked"
        )
    return object_id


def _capakey(operation: str, text: str) -> str:
    with suppress(ValueError):
        return to_url(parse_capakey(text))
    raise ContractError(SYSTEM, operation, "?", "this is no cadastral key", done="It was not asked")
