"""Writes of the CRM: create, update, upsert and delete of one row, with their preconditions."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from sandbox.crm.fouten import BAD_PAYLOAD, DUPLICATE, DUPLICATE_KEY, STALE, CrmError
from sandbox.crm.lezen import missing
from sandbox.crm.odata import Doel, bad_request, parse_resource, strip_root
from sandbox.crm.rijen import Rij, Rijen
from sandbox.crm.schema import ColumnError, Kolom, check_value, parse_guid
from sandbox.journal import Regel

_MAX_INHOUD = 20_000


@dataclass(frozen=True, slots=True)
class Opdracht:
    """One write, alone or in a batch."""

    method: str
    doel: Doel
    headers: Mapping[str, str]
    body: bytes
    by: str
    mount: str
    correlatie_id: str | None = None


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """What a write did: the row as it now stands (None after a delete) and its journal line."""

    status: int
    set: str
    row_id: str
    rij: Rij | None
    regel: Regel


def apply_write(rijen: Rijen, opdracht: Opdracht, refs: Mapping[str, str]) -> Uitkomst:
    """Carry out one write inside an open transaction. ``refs``: Content-ID → ``set(guid)``.

    Raises:
        CrmError: refused; the caller undoes the transaction.
    """
    doel = opdracht.doel
    if opdracht.method == "DELETE":
        return _delete(rijen, opdracht)
    velden = _read_payload(opdracht)
    if opdracht.method == "POST":
        if doel.single:
            raise CrmError(405, "POST is not allowed on a single record.", "0x80060888")
        return _create(rijen, opdracht, velden, velden.get(doel.tabel.key), refs)
    if opdracht.method != "PATCH":
        raise CrmError(405, f"The method {opdracht.method} is not supported.", "0x80060888")
    if not doel.single:
        raise CrmError(405, "PATCH is only allowed on a single record.", "0x80060888")
    current = _find(rijen, doel)
    _check_conditions(opdracht, current)
    if current is None:
        if doel.sleutel is not None:
            velden[doel.tabel.alternate or ""] = doel.sleutel
        return _create(rijen, opdracht, velden, doel.row_id, refs)
    return _update(rijen, opdracht, current, velden, refs)


def _find(rijen: Rijen, doel: Doel) -> Rij | None:
    if doel.row_id is not None:
        return rijen.find(doel.tabel, doel.row_id)
    return rijen.find_by_key(doel.tabel, doel.sleutel or "")


def _check_conditions(opdracht: Opdracht, current: Rij | None) -> None:
    if_match = opdracht.headers.get("if-match")
    if_none_match = opdracht.headers.get("if-none-match")
    if if_match is not None:
        if current is None:
            raise missing(opdracht.doel)
        if if_match.strip() not in ("*", current.velden["@odata.etag"]):
            raise CrmError(
                412,
                "The version of the existing record doesn't match the RowVersion property "
                "provided.",
                STALE,
            )
    # "If-None-Match: null" is what several clients send for "no caching"; it says nothing.
    if if_none_match is not None and if_none_match.strip() not in ("", "null"):
        if if_none_match.strip() != "*":
            raise bad_request("Only If-None-Match: * is supported on a write.")
        if current is not None:
            raise CrmError(412, "A record with matching key values already exists.", DUPLICATE)


def _read_payload(opdracht: Opdracht) -> dict[str, Any]:
    media_type = opdracht.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise CrmError(415, "The content type must be application/json.", BAD_PAYLOAD)
    try:
        velden = orjson.loads(opdracht.body)
    except orjson.JSONDecodeError as error:
        raise bad_request("Invalid JSON in the request body.", BAD_PAYLOAD) from error
    if not isinstance(velden, dict):
        raise bad_request("The request body is not an object.", BAD_PAYLOAD)
    return velden


def _create(
    rijen: Rijen,
    opdracht: Opdracht,
    velden: dict[str, Any],
    row_id: Any,
    refs: Mapping[str, str],
) -> Uitkomst:
    tabel = opdracht.doel.tabel
    if row_id is None:
        row_id = str(uuid4())
    elif not isinstance(row_id, str) or parse_guid(row_id) is None:
        raise bad_request(f"'{tabel.key}' is not a guid.", BAD_PAYLOAD)
    row_id = row_id.lower()
    if opdracht.method == "POST" and rijen.exists(tabel.naam, row_id):
        raise CrmError(412, "A record with matching key values already exists.", DUPLICATE)
    fresh: dict[str, Any] = {}
    _merge(rijen, opdracht, fresh, velden, row_id, refs)
    return _save(rijen, opdracht, row_id, None, fresh)


def _update(
    rijen: Rijen,
    opdracht: Opdracht,
    current: Rij,
    velden: dict[str, Any],
    refs: Mapping[str, str],
) -> Uitkomst:
    changed = dict(current.velden)
    _merge(rijen, opdracht, changed, velden, current.id, refs)
    return _save(rijen, opdracht, current.id, current, changed)


def _save(
    rijen: Rijen, opdracht: Opdracht, row_id: str, before: Rij | None, velden: dict[str, Any]
) -> Uitkomst:
    tabel = opdracht.doel.tabel
    verb = "create" if before is None else "update"
    try:
        if before is None:
            rij = rijen.save(tabel, row_id, velden, opdracht.by)
        else:
            rij = rijen.update(tabel, before, velden, opdracht.by)
    except sqlite3.IntegrityError as error:
        raise CrmError(
            412, "A record that has the attribute values of this key already exists.", DUPLICATE_KEY
        ) from error
    regel = _note(rijen, opdracht, verb, row_id, rij.velden)
    return Uitkomst(204, tabel.set, row_id, rij, regel)


def _delete(rijen: Rijen, opdracht: Opdracht) -> Uitkomst:
    doel = opdracht.doel
    if not doel.single:
        raise CrmError(405, "DELETE is only allowed on a single record.", "0x80060888")
    current = _find(rijen, doel)
    if current is None:
        raise missing(doel)
    _check_conditions(opdracht, current)
    regel = _note(rijen, opdracht, "delete", current.id, current.velden)
    rijen.delete(doel.tabel, current.id)
    return Uitkomst(204, doel.tabel.set, current.id, None, regel)


def _note(
    rijen: Rijen, opdracht: Opdracht, verb: str, row_id: str, velden: dict[str, Any]
) -> Regel:
    tabel = opdracht.doel.tabel
    small = 0 < len(opdracht.body) <= _MAX_INHOUD
    return Regel(
        "crm",
        f"{verb}:{tabel.set}",
        204,
        sleutel=(velden.get(tabel.alternate) if tabel.alternate else None) or row_id,
        dossiernummer=rijen.find_dossiernummer(tabel.naam, velden),
        effect=True,
        correlatie_id=opdracht.correlatie_id,
        inhoud=opdracht.body.decode() if small else None,
    )


def _merge(
    rijen: Rijen,
    opdracht: Opdracht,
    into: dict[str, Any],
    velden: dict[str, Any],
    row_id: str,
    refs: Mapping[str, str],
) -> None:
    tabel = opdracht.doel.tabel
    for naam, value in velden.items():
        if naam.startswith("@odata."):
            continue
        if bind := tabel.binds.get(naam):
            into[bind.naam] = _resolve_bind(rijen, opdracht, bind, value, refs)
            continue
        kolom = tabel.kolommen.get(naam)
        if kolom is None:
            raise bad_request(
                f"An undeclared property '{naam}' which only has property annotations in the "
                "payload but no property value was found in the payload.",
                BAD_PAYLOAD,
            )
        if kolom.soort in ("system", "lookup"):
            raise bad_request(f"The column '{naam}' cannot be written.", BAD_PAYLOAD)
        if kolom.soort == "key":
            if value != row_id:
                raise bad_request(f"'{naam}' differs from the key of the record.", BAD_PAYLOAD)
            continue
        try:
            into[naam] = check_value(kolom, value)
        except ColumnError as error:
            raise bad_request(str(error), error.code) from error
    if (
        opdracht.doel.sleutel is not None
        and into.get(tabel.alternate or "") != opdracht.doel.sleutel
    ):
        raise bad_request("The alternate key in the body differs from the one in the URL.")


def _resolve_bind(
    rijen: Rijen, opdracht: Opdracht, kolom: Kolom, value: Any, refs: Mapping[str, str]
) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad_request(f"'{kolom.bind}' must be a URL.", BAD_PAYLOAD)
    if value.startswith("$"):
        if value[1:] not in refs:
            raise bad_request(
                f"Content-ID Reference: '{value}' does not exist in the batch context."
            )
        value = refs[value[1:]]
    target = parse_resource(_relative(value, opdracht.mount))
    if target.tabel.naam != kolom.tabel or not target.single:
        raise bad_request(f"'{kolom.bind}' does not name a row of its table.", BAD_PAYLOAD)
    if target.row_id is not None and rijen.exists(target.tabel.naam, target.row_id):
        return target.row_id
    row = None if target.sleutel is None else rijen.find_by_key(target.tabel, target.sleutel)
    if row is None:
        raise missing(target)
    return row.id


def _relative(url: str, mount: str) -> str:
    if url.startswith("/rh_"):
        return url[1:]
    return strip_root(url, mount).partition("?")[0]
