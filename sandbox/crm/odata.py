"""Reads OData: resource paths, preferences, query options and the literals in them."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from sandbox.crm.fouten import BAD_REQUEST, CrmError
from sandbox.crm.schema import PER_SET, Tabel, parse_guid

PREFIX = "/api/data/v9.2/"
MAX_PAGE = 5000

_KEYED = re.compile(r"([A-Za-z_]\w*)\((.*)\)\Z", re.DOTALL)
_ALTERNATE = re.compile(r"([A-Za-z_]\w*)\s*=\s*('(?:[^']|'')*')\Z", re.DOTALL)
_CONDITION = re.compile(r"([A-Za-z_]\w*) eq ('(?:[^']|'')*'|[^\s']+)\Z", re.DOTALL)
_AND = re.compile(r" and (?=[A-Za-z_]\w* eq )")
_OPTIONS = {"$select", "$filter", "$top", "$count", "$skiptoken", "$deltatoken"}


@dataclass(frozen=True, slots=True)
class Doel:
    """What a URL names: a table, and a row of it by primary or alternate key."""

    tabel: Tabel
    row_id: str | None = None
    sleutel: str | None = None

    @property
    def single(self) -> bool:
        """One row is meant."""
        return self.row_id is not None or self.sleutel is not None


def bad_request(message: str, code: str = BAD_REQUEST) -> CrmError:
    """Return the error for a request that cannot be understood."""
    return CrmError(400, message, code)


def parse_resource(raw: str) -> Doel:
    """Read the part of a URL after the service root, still percent-encoded.

    Raises:
        CrmError: 404 for an unknown set, 400 for a key that is none.
    """
    text = unquote(raw, errors="strict") if "%" in raw else raw
    keyed = _KEYED.match(text)
    name = keyed.group(1) if keyed else text
    tabel = PER_SET.get(name)
    if tabel is None:
        raise CrmError(404, f"Resource not found for the segment '{name}'.", "0x80060888")
    if keyed is None:
        return Doel(tabel)
    inside = keyed.group(2).strip()
    if alternate := _ALTERNATE.match(inside):
        if alternate.group(1) == tabel.alternate:
            return Doel(tabel, sleutel=parse_text(alternate.group(2)))
        raise bad_request(f"'{alternate.group(1)}' is not an alternate key of {tabel.set}.")
    if inside.startswith(f"{tabel.key}="):
        inside = inside.split("=", 1)[1]
    guid = parse_guid(inside)
    if guid is None:
        raise bad_request(f"Bad Request - Error in query syntax: '{inside}' is no key.")
    return Doel(tabel, row_id=guid)


def strip_root(url: str, mount: str) -> str:
    """Return what follows the service root in an absolute, rooted or relative URL of a batch.

    Raises:
        CrmError: the URL lies outside the service.
    """
    if url.startswith(("http://", "https://")):
        url = "/" + url.split("//", 1)[1].partition("/")[2]
    if not url.startswith("/"):
        return url
    for root in (mount + PREFIX, PREFIX):
        if url.startswith(root):
            return url[len(root) :]
    raise CrmError(404, "The URL lies outside this service.", "0x80060888")


def parse_text(literal: str) -> str:
    """Read a quoted OData string; a quote in it is written twice."""
    return literal[1:-1].replace("''", "'")


def parse_options(query: str) -> dict[str, str]:
    """Read the query options.

    Raises:
        CrmError: an option is unknown, given twice, or not supported by this service.
    """
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in options:
            raise bad_request(f"Query option '{name}' was specified more than once.")
        if name not in _OPTIONS and name not in ("$orderby", "$expand"):
            raise bad_request(f"The query parameter '{name}' is not supported.")
        options[name] = value
    return options


def parse_preferences(header: str | None) -> dict[str, str]:
    """Read a Prefer header into names and values (an empty value when there is none)."""
    result: dict[str, str] = {}
    for part in (header or "").split(","):
        name, _, value = part.strip().partition("=")
        if name:
            result[name.strip().lower()] = value.strip().strip('"')
    return result


def parse_page_size(preferences: dict[str, str]) -> int:
    """Return the page size asked for, at most 5,000.

    Raises:
        CrmError: it is not a positive number.
    """
    text = preferences.get("odata.maxpagesize")
    if text is None:
        return MAX_PAGE
    if not text.isdigit() or int(text) < 1:
        raise bad_request("The odata.maxpagesize preference is not a positive number.")
    return min(int(text), MAX_PAGE)


def parse_select(tabel: Tabel, text: str | None) -> tuple[str, ...] | None:
    """Return the columns of a $select, or None for all.

    Raises:
        CrmError: a column is unknown.
    """
    if text is None:
        return None
    columns = tuple(part.strip() for part in text.split(","))
    for column in columns:
        if column not in tabel.kolommen:
            raise bad_request(
                f"Could not find a property named '{column}' on type "
                f"'Microsoft.Dynamics.CRM.rh_{tabel.naam}'."
            )
    return columns


def parse_filter(tabel: Tabel, text: str) -> list[tuple[str, str]]:
    """Return the (column, value) pairs of a filter that joins ``eq`` on keys and lookups by and.

    Raises:
        CrmError: the filter does anything else.
    """
    pairs = []
    for part in _AND.split(text.strip()):
        condition = _CONDITION.match(part.strip())
        if condition is None:
            raise bad_request(f"Syntax error or unsupported expression in $filter: '{part}'.")
        naam, literal = condition.groups()
        kolom = tabel.kolommen.get(naam)
        if kolom is None:
            raise bad_request(f"Could not find a property named '{naam}'.")
        if naam == tabel.alternate:
            if not literal.startswith("'"):
                raise bad_request(f"'{naam}' must be compared with a string.")
            pairs.append((naam, parse_text(literal)))
        elif kolom.soort in ("key", "lookup"):
            guid = parse_guid(literal)
            if guid is None:
                raise bad_request(f"'{naam}' must be compared with a guid.")
            pairs.append((naam, guid))
        else:
            raise bad_request(f"$filter on '{naam}' is not supported: no key and no lookup.")
    return pairs


def sign_token(secret: str, text: str) -> str:
    """Return a paging token that cannot be made up."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
    return f"{text}~{digest}"


def read_token(secret: str, token: str) -> str:
    """Return the text of a paging token.

    Raises:
        CrmError: the token is not ours.
    """
    text = token.rpartition("~")[0]
    if not hmac.compare_digest(sign_token(secret, text), token):
        raise bad_request("Malformed XML in the paging cookie: the $skiptoken is not valid.")
    return text
