"""Ask which heritage lies at a place, and what the inventory says of one object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import requests

from connectors.transport.errors import ContractError, RetryableError
from connectors.transport.fields import JsonObject, read_object
from connectors.transport.geometrie import Ligging
from connectors.transport.http import HttpClient
from connectors.transport.ogc import LARGEST_ANSWER, check_media_type
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.transport.wfs import PAGE_SIZE, Feature, Laag, WfsClient
from connectors.woningpas.erfgoed.mapping import (
    map_aanduiding,
    map_aanduidingsobject,
    map_erfgoedobject,
)
from connectors.woningpas.erfgoed.models import Aanduiding, Aanduidingsobject

SYSTEM: Final = "erfgoed"
INVENTARIS: Final = "https://inventaris.onroerenderfgoed.be"

_JSON: Final = frozenset({"application/json"})
_CONTENT_RANGE: Final = re.compile(
    r"items (?:\*|(?P<first>[0-9]{1,9})-(?P<last>[0-9]{1,9}))/(?P<total>[0-9]{1,9})"
)
_MOST_PAGES: Final = 40


@dataclass(frozen=True, slots=True)
class ErfgoedLagen:
    """The two layers that are asked."""

    aanduidingen: str = "ps:ps_aandobj"
    erfgoedobjecten: str = "lu:lu_wet_erfgobj_pub"


def open_client(
    *,
    wfs_url: str,
    inventaris_url: str = INVENTARIS,
    lagen: ErfgoedLagen | None = None,
    timeout: tuple[float, float] = (5.0, 30.0),
    page_size: int = PAGE_SIZE,
) -> ErfgoedClient:
    """Make a client; `wfs_url` ends with `wfs`. Nothing is sent yet."""
    wfs = HttpClient(SYSTEM, wfs_url, timeout=timeout, largest_answer=LARGEST_ANSWER)
    inventaris = HttpClient(
        SYSTEM,
        inventaris_url,
        # Without it the inventory answers with a page for people.
        headers={"Accept": "application/json"},
        timeout=timeout,
        largest_answer=LARGEST_ANSWER,
    )
    return ErfgoedClient(wfs, inventaris, lagen or ErfgoedLagen(), page_size=page_size)


class ErfgoedClient:
    """Heritage; safe to share between threads. Nothing found means: no heritage is known there."""

    def __init__(
        self, wfs: HttpClient, inventaris: HttpClient, lagen: ErfgoedLagen, *, page_size: int
    ) -> None:
        self._aanduidingen = Laag(lagen.aanduidingen, "aanduid_id")
        self._erfgoedobjecten = Laag(lagen.erfgoedobjecten, "erfgoed_id")
        self._wfs = WfsClient(wfs, [self._aanduidingen, self._erfgoedobjecten], page_size=page_size)
        self._inventaris = inventaris
        self._page_size = page_size

    def list_aanduidingen(
        self, *, ligging: Ligging, raadpleging: GelogdeRaadpleging
    ) -> tuple[Aanduiding, ...]:
        """Return all heritage at a place, by `uri`; what ended is there too, with its last day.

        Two requests: the designated objects, and the objects of the inventory.

        Raises: the error family.
        """
        found = [
            *self._ask(self._aanduidingen, map_aanduiding, ligging, raadpleging),
            *self._ask(self._erfgoedobjecten, map_erfgoedobject, ligging, raadpleging),
        ]
        return tuple(sorted(found, key=lambda aanduiding: aanduiding.uri))

    def get_aanduidingsobject(
        self, *, object_id: str, raadpleging: GelogdeRaadpleging
    ) -> Aanduidingsobject:
        """Return what the inventory says of one designated object.

        Raises: PermanentError when the inventory does not know it, else the error family.
        """
        operation = "get_aanduidingsobject"
        if not (object_id.isascii() and object_id.isdigit()):
            raise ContractError(
                SYSTEM, operation, "?", "the object id is not a number", done="It was not asked"
            )
        response = self._inventaris.request(
            "GET",
            f"aanduidingsobjecten/{object_id}",
            operation=operation,
            key=object_id,
            expected={200},
            changes=False,
            correlation_id=raadpleging.raadpleging.correlatie_id,
        )
        check_media_type(response, _JSON, SYSTEM, operation, object_id)
        raw = read_object(response, SYSTEM, operation, object_id)
        found = map_aanduidingsobject(raw)
        if found.aanduiding.object_id != object_id:
            raw.refuse("id", "is another object than was asked")
        return found

    def search_aanduidingsobjecten(
        self, *, tekst: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[Aanduidingsobject, ...]:
        """Return the designated objects that a text finds, over all pages.

        Raises: the error family; RetryableError when the list changed while it was read.
        """
        operation = "search_aanduidingsobjecten"
        key = f"dossier {raadpleging.raadpleging.dossier_id}"
        found: dict[str, Aanduidingsobject] = {}
        total: int | None = None
        for _ in range(_MOST_PAGES):
            first = len(found)
            response = self._inventaris.request(
                "GET",
                "aanduidingsobjecten",
                operation=operation,
                key=key,
                expected={200, 206},
                changes=False,
                params={"tekst": tekst},
                headers={"Range": f"items={first}-{first + self._page_size - 1}"},
                correlation_id=raadpleging.raadpleging.correlatie_id,
            )
            check_media_type(response, _JSON, SYSTEM, operation, key)
            items = list(map(map_aanduidingsobject, _read_list(response, operation, key)))
            counted = _read_total(response, first, len(items), operation, key)
            found |= {item.aanduiding.uri: item for item in items}
            if total not in (None, counted) or len(found) != first + len(items):
                raise RetryableError(SYSTEM, operation, key, "the list changed between two pages")
            total = counted
            if len(found) == total:
                return tuple(found.values())
        raise ContractError(SYSTEM, operation, key, "the pages do not end")

    def _ask(
        self,
        laag: Laag,
        read: Callable[[Feature], Aanduiding],
        ligging: Ligging,
        raadpleging: GelogdeRaadpleging,
    ) -> list[Aanduiding]:
        features = self._wfs.list_at(
            laag,
            ligging,
            operation="list_aanduidingen",
            key=raadpleging.raadpleging.object,
            correlation_id=raadpleging.raadpleging.correlatie_id,
        )
        return [read(feature) for feature in features]


def _read_list(response: requests.Response, operation: str, key: str) -> list[JsonObject]:
    """Parse an answer that must be a list of JSON objects."""
    items: object = None
    try:
        items = json.loads(response.content)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise ContractError(SYSTEM, operation, key, "the answer is not a JSON list")
    return list(JsonObject(SYSTEM, operation, key, {"items": items}).children("items"))


def _read_total(
    response: requests.Response, first: int, count: int, operation: str, key: str
) -> int:
    """Return how many items there are, by Content-Range: `items 0-49/120`, `items */0` when none.

    Raises: ContractError when it is missing or does not tell of the items that came.
    """
    span = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if span is None:
        raise ContractError(SYSTEM, operation, key, "the answer does not tell how much there is")
    total = int(span["total"])
    if not total and not count:
        return 0
    told = 0 if span["first"] is None else int(span["last"]) - int(span["first"]) + 1
    start = first if span["first"] is None else int(span["first"])
    if told != count or start != first or first + count > total or (count == 0 and total):
        raise ContractError(SYSTEM, operation, key, "the answer is not the page that was asked")
    return total
