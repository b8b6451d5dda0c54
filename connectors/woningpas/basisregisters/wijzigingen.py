"""What changes in the registers: the change feeds (version 3), page by page, as CloudEvents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connectors.transport.errors import ConnectorError, ContractError
from connectors.transport.fields import JsonObject, read_objects
from connectors.transport.http import HttpClient

SYSTEM: Final = "basisregisters"
FEEDS: Final = ("adressen", "gebouwen", "gebouweenheden", "percelen")
_HEADERS: Final = {"Accept": "application/cloudevents-batch+json, application/json;q=0.9"}
_COMPLETE: Final = "x-page-complete"
_TRANSFORM: Final = "transform"
_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_REFUSALS: Final[Mapping[int, type[ConnectorError]]] = {400: ContractError, 406: ContractError}


@dataclass(frozen=True, slots=True)
class Attribuut:
    """One property that changed; a value is as the JSON has it, None where there is none."""

    naam: str
    oude_waarde: object
    nieuwe_waarde: object


@dataclass(frozen=True, slots=True)
class Transformatie:
    """One object of the register that lives on as another; object ids."""

    van: str
    naar: str


@dataclass(frozen=True, slots=True)
class Wijziging:
    """One event of a feed; moments in UTC.

    `soort` is create, update, delete, transform, or a kind this version does not know. A transform
    names what became what in `transformaties` and is about no single object. `oorzaak` is the same
    for all events that one act at the source brought.
    """

    gebeurtenis_id: str
    tijd: datetime
    type: str
    soort: str
    subject: str | None
    object_id: str | None
    versie_id: datetime | None
    nis_codes: tuple[str, ...]
    attributen: tuple[Attribuut, ...]
    transformaties: tuple[Transformatie, ...]
    oorzaak: str | None

    def get(self, naam: str) -> Attribuut | None:
        """Return a property that changed."""
        return next((attribuut for attribuut in self.attributen if attribuut.naam == naam), None)


@dataclass(frozen=True, slots=True)
class GeweigerdeWijziging:
    """An event that breaks the contract, and the field that does; never a value of it."""

    gebeurtenis_id: str
    reden: str


@dataclass(frozen=True, slots=True)
class WijzigingenPagina:
    """One page of a feed, oldest event first; a page that is not complete may still grow."""

    feed: str
    nummer: int
    wijzigingen: tuple[Wijziging | GeweigerdeWijziging, ...]
    volledig: bool


def open_wijzigingen_client(
    *,
    base_url: str,
    api_key: str,
    timeout: tuple[float, float] = (5.0, 60.0),
    pool_size: int = 4,
) -> WijzigingenClient:
    """Make a client of the feeds; `base_url` ends with the version. Nothing is sent yet."""
    return WijzigingenClient(
        HttpClient(
            SYSTEM,
            base_url,
            headers={**_HEADERS, "x-api-key": api_key},
            timeout=timeout,
            pool_size=pool_size,
        )
    )


class WijzigingenClient:
    """Reads the feeds; what it asks names no dossier, so that nothing is logged for one."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina:
        """Return one page, counted from 1; one after the newest is empty and not complete.

        An event that lacks what every event has is set apart in its place; the others are read.

        Raises: ContractError when not one event can be read: the feed or this mapping is broken.
        """
        operation, key = "get_wijzigingen", f"{feed} pagina {nummer}"
        response = self._http.request(
            "GET",
            f"feeds/wijzigingen/{feed}",
            operation=operation,
            key=key,
            expected={200},
            params={"pagina": str(nummer)},
            refusals=_REFUSALS,
            changes=False,
        )
        complete = response.headers.get(_COMPLETE, "").strip().lower()
        if complete not in ("true", "false"):
            raise ContractError(
                SYSTEM, operation, key, f"header {_COMPLETE} does not say true or false"
            )
        events = read_objects(response, SYSTEM, operation, key)
        read: list[Wijziging | GeweigerdeWijziging] = []
        refused: ContractError | None = None
        for event in events:
            try:
                read.append(map_wijziging(event))
            except ContractError as problem:
                refused = refused or problem
                read.append(GeweigerdeWijziging(_name(event), problem.observed))
        if refused and not any(isinstance(item, Wijziging) for item in read):
            raise refused
        return WijzigingenPagina(feed, nummer, tuple(read), complete == "true")


def map_wijziging(raw: JsonObject) -> Wijziging:
    """Map one event; what it holds more than we know is ignored."""
    type_ = raw.text("type")
    data = raw.child("data")
    parts = type_.split(".")
    soort = parts[2] if len(parts) > 2 else type_
    transform = soort == _TRANSFORM
    object_id = None if transform else data.text("objectId")
    subject = raw.optional_text("subject")
    if not transform and (subject is None or last_part(subject) != object_id):
        raw.refuse("subject", "does not name the object of its data")
    return Wijziging(
        gebeurtenis_id=raw.text("id"),
        tijd=raw.moment("time"),
        type=type_,
        soort=soort,
        subject=subject,
        object_id=object_id,
        versie_id=None if transform else data.moment("versieId"),
        nis_codes=_texts(data, "nisCodes"),
        attributen=() if transform else tuple(map(_map_attribuut, data.children("attributen"))),
        transformaties=tuple(map(_map_transformatie, data.children("transformaties")))
        if transform
        else (),
        oorzaak=raw.optional_text("basisregisterscausationid"),
    )


def object_ids(value: object) -> tuple[str, ...]:
    """Return the object ids in a value that is a URI or a list of URIs; other values hold none."""
    values = value if isinstance(value, list) else [value]
    return tuple(last_part(uri) for uri in values if isinstance(uri, str) and uri)


def last_part(uri: str) -> str:
    """Return what stands after the last slash: the object id, or the value of a concept."""
    return uri.rstrip("/").rpartition("/")[2]


def _name(event: JsonObject) -> str:
    """Return the id of an event that cannot be read, else its place in the page."""
    name = event.values.get("id")
    return name if isinstance(name, str) and _ID.fullmatch(name) else event.path


def _map_attribuut(raw: JsonObject) -> Attribuut:
    return Attribuut(raw.text("naam"), raw.values.get("oudeWaarde"), raw.values.get("nieuweWaarde"))


def _map_transformatie(raw: JsonObject) -> Transformatie:
    return Transformatie(last_part(raw.text("vanId")), last_part(raw.text("naarId")))


def _texts(raw: JsonObject, name: str) -> tuple[str, ...]:
    values = raw.values.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raw.refuse(name, "is not a list of texts")
    return tuple(values)
