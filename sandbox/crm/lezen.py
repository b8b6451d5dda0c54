"""Reads of the CRM: one row, a list in pages, and the changes since a delta link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from sandbox.crm import odata
from sandbox.crm.fouten import KEY_NOT_FOUND, NOT_FOUND, CrmError
from sandbox.crm.odata import Doel, bad_request
from sandbox.crm.rijen import Rij, Rijen
from sandbox.crm.schema import Tabel

_DELTA = re.compile(r"(\d+)!(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d)\Z")
_MOMENT = "%m/%d/%Y %H:%M:%S"
_LOOKUP_COLUMNS = {"_rh_profiel_value": "profiel", "_rh_dossier_value": "dossier"}


@dataclass(frozen=True, slots=True)
class Vraag:
    """One read: the service root as the client wrote it, options, preferences and secrets."""

    root: str
    query: str
    preferences: dict[str, str]
    secret: str
    delta_geldig: float


@dataclass(slots=True)
class Antwoord:
    """Body and headers of a read."""

    body: bytes
    headers: dict[str, str]
    status: int = 200


def fetch(rijen: Rijen, doel: Doel) -> Rij:
    """Return the row a URL names.

    Raises:
        CrmError: 404, it is not there.
    """
    if doel.row_id is not None:
        rij = rijen.find(doel.tabel, doel.row_id)
        if rij is None:
            raise missing(doel)
        return rij
    rij = rijen.find_by_key(doel.tabel, doel.sleutel or "")
    if rij is None:
        raise missing(doel)
    return rij


def missing(doel: Doel) -> CrmError:
    """Return the 404 for a row that is not there."""
    if doel.row_id is None:
        return CrmError(
            404,
            f"A record with the specified key values does not exist in rh_{doel.tabel.naam} entity",
            KEY_NOT_FOUND,
        )
    return CrmError(
        404,
        f"Entity 'rh_{doel.tabel.naam}' With Id = {doel.row_id} Does Not Exist",
        NOT_FOUND,
    )


def read_one(rijen: Rijen, doel: Doel, vraag: Vraag, if_none_match: str | None) -> Antwoord:
    """Answer one row, or 304 when the client holds this version."""
    options = odata.parse_options(vraag.query)
    if set(options) - {"$select"}:
        raise bad_request("Only $select is supported on a single record.")
    columns = odata.parse_select(doel.tabel, options.get("$select"))
    rij = fetch(rijen, doel)
    etag = rij.velden["@odata.etag"]
    if if_none_match is not None and if_none_match.strip() == etag:
        return Antwoord(b"", {"ETag": etag}, 304)
    context = f"{vraag.root}$metadata#{doel.tabel.set}/$entity"
    body = {"@odata.context": context} | _project(doel.tabel, rij.velden, columns)
    return Antwoord(orjson.dumps(body), {"ETag": etag})


def read_list(rijen: Rijen, tabel: Tabel, vraag: Vraag) -> Antwoord:
    """Answer a page of a list or of changes."""
    options = odata.parse_options(vraag.query)
    size = odata.parse_page_size(vraag.preferences)
    applied = []
    if "odata.maxpagesize" in vraag.preferences:
        applied.append(f"odata.maxpagesize={size}")
    tracked = "odata.track-changes" in vraag.preferences
    if "$orderby" in options or "$expand" in options:
        reason = "with odata.track-changes" if tracked else "by this service"
        raise bad_request(f"The query options $orderby and $expand are not supported {reason}.")
    columns = odata.parse_select(tabel, options.get("$select"))
    if "$skiptoken" in options:
        token = odata.read_token(vraag.secret, options["$skiptoken"]).split("!")
        tracked = token[0] in ("i", "d")
    else:
        token = _first_token(rijen, vraag, options, tracked)
        tracked = tracked or token[0] == "d"
    if tracked and {"$filter", "$top", "$count"} & set(options):
        raise bad_request(
            "The query options $filter, $orderby, $expand and $top are not supported when "
            "odata.track-changes is requested."
        )
    if tracked:
        applied.insert(0, "odata.track-changes")
    match token:
        case ["i", start, last]:
            page = _page_initial(rijen, tabel, int(start), last, size)
        case ["d", since, until, last]:
            page = _page_changes(rijen, tabel, vraag.root, int(since), int(until), int(last), size)
        case ["l", last]:
            page = _page_list(rijen, tabel, options, last, size)
        case _:
            raise bad_request("The $skiptoken is not valid.")
    return _answer(tabel, vraag, options, columns, page, applied)


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[bytes]
    following: str | None
    delta: int | None = None
    kind: str = ""
    count: int | None = None


def _first_token(rijen: Rijen, vraag: Vraag, options: dict[str, str], tracked: bool) -> list[str]:
    if "$deltatoken" in options:
        found = _DELTA.match(options["$deltatoken"])
        if found is None:
            raise bad_request("The $deltatoken is not valid.")
        issued = datetime.strptime(found.group(2), _MOMENT).replace(tzinfo=UTC)
        age = (datetime.now(UTC) - issued).total_seconds()
        if age >= vraag.delta_geldig or int(found.group(1)) > rijen.versie:
            raise CrmError(
                410,
                "The delta token has expired. Perform a full synchronization of the table.",
                "0x80044352",
            )
        return ["d", found.group(1), str(rijen.versie), found.group(1)]
    return ["i", str(rijen.versie), ""] if tracked else ["l", ""]


def _page_initial(rijen: Rijen, tabel: Tabel, start: int, last: str, size: int) -> _Page:
    rows = rijen.state.query(
        "SELECT id, inhoud FROM crm_rij WHERE tabel = ? AND id > ? AND gewist = 0"
        " ORDER BY id LIMIT ?",
        (tabel.naam, last, size + 1),
    )
    more = len(rows) > size
    return _Page(
        [inhoud for _, inhoud in rows[:size]],
        f"i!{start}!{rows[size - 1][0]}" if more else None,
        None if more else start,
    )


def _page_changes(
    rijen: Rijen, tabel: Tabel, root: str, since: int, until: int, last: int, size: int
) -> _Page:
    rows = rijen.state.query(
        "SELECT versie, id, gewist, inhoud FROM crm_rij"
        " WHERE tabel = ? AND versie > ? AND versie <= ? ORDER BY versie LIMIT ?",
        (tabel.naam, last, until, size + 1),
    )
    more = len(rows) > size
    context = f"{root}$metadata#{tabel.set}/$deletedEntity"
    return _Page(
        [
            orjson.dumps({"@odata.context": context, "id": row_id, "reason": "deleted"})
            if gewist
            else inhoud
            for _, row_id, gewist, inhoud in rows[:size]
        ],
        f"d!{since}!{until}!{rows[size - 1][0]}" if more else None,
        None if more else until,
        "/$delta",
    )


def _page_list(rijen: Rijen, tabel: Tabel, options: dict[str, str], last: str, size: int) -> _Page:
    # The text of the WHERE is made of names this module knows; values are always parameters.
    where, parameters = "tabel = ? AND gewist = 0", [tabel.naam]
    for naam, value in (
        odata.parse_filter(tabel, options["$filter"]) if "$filter" in options else ()
    ):
        if naam == tabel.key:
            where += " AND id = ?"
        elif naam == tabel.alternate:
            where += " AND sleutel = ? AND sleutel IS NOT NULL"
        elif naam in _LOOKUP_COLUMNS:
            where += f" AND {_LOOKUP_COLUMNS[naam]} = ?"
        else:
            where += f" AND CAST(inhoud AS TEXT) ->> '{naam}' = ?"
        parameters.append(value)
    top = options.get("$top")
    if top is not None and (not top.isdigit() or int(top) < 1):
        raise bad_request("$top is not a positive number.")
    count = None
    if options.get("$count") == "true":
        row = rijen.state.first(f"SELECT count(*) FROM crm_rij WHERE {where}", parameters)
        count = row[0] if row else 0
    limit = min(size, int(top)) if top else size
    rows = rijen.state.query(
        f"SELECT id, inhoud FROM crm_rij WHERE {where} AND id > ? ORDER BY id LIMIT ?",
        (*parameters, last, limit + 1),
    )
    more = len(rows) > limit and (top is None or limit < int(top))
    following = f"l!{rows[limit - 1][0]}" if more else None
    return _Page([inhoud for _, inhoud in rows[:limit]], following, count=count)


def _answer(
    tabel: Tabel,
    vraag: Vraag,
    options: dict[str, str],
    columns: tuple[str, ...] | None,
    page: _Page,
    applied: list[str],
) -> Antwoord:
    fields = f"({','.join(columns)})" if columns else ""
    head: dict[str, Any] = {
        "@odata.context": f"{vraag.root}$metadata#{tabel.set}{fields}{page.kind}"
    }
    if page.count is not None:
        head["@odata.count"] = page.count
    rows = page.rows
    if columns is not None:
        rows = [orjson.dumps(_project(tabel, orjson.loads(row), columns)) for row in rows]
    kept = {k: v for k, v in options.items() if k in ("$select", "$filter")}
    tail: dict[str, Any] = {}
    if page.following is not None:
        token = odata.sign_token(vraag.secret, page.following)
        if "$top" in options:
            kept["$top"] = str(int(options["$top"]) - len(page.rows))
        tail["@odata.nextLink"] = _link(vraag.root, tabel, kept | {"$skiptoken": token})
    elif page.delta is not None:
        token = f"{page.delta}!{datetime.now(UTC).strftime(_MOMENT)}"
        tail["@odata.deltaLink"] = _link(vraag.root, tabel, kept | {"$deltatoken": token})
    body = orjson.dumps(head)[:-1] + b',"value":[' + b",".join(rows) + b"]"
    body += b"," + orjson.dumps(tail)[1:] if tail else b"}"
    return Antwoord(body, {"Preference-Applied": ", ".join(applied)} if applied else {})


def _link(root: str, tabel: Tabel, options: dict[str, str]) -> str:
    return f"{root}{tabel.set}?{urlencode(options, quote_via=quote, safe='$,()!')}"


def _project(
    tabel: Tabel, velden: dict[str, Any], columns: tuple[str, ...] | None
) -> dict[str, Any]:
    if columns is None or "@odata.etag" not in velden:
        return velden
    chosen = dict.fromkeys(("@odata.etag", *columns, tabel.key))
    return {naam: velden[naam] for naam in chosen}
