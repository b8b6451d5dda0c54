"""What WFS and WMS share: one GET, and the exceptions that may stand in an answer of any status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import requests
import shapely
from lxml import etree
from shapely.geometry.base import BaseGeometry

from connectors.transport.errors import ConnectorError, ContractError, RetryableError
from connectors.transport.geometrie import LAMBERT72, Ligging
from connectors.transport.http import HttpClient

# An answer about one place is small; what is larger was not asked for.
LARGEST_ANSWER: Final = 16 * 1024 * 1024

# Belgium in Lambert 72, roughly; nothing of it in Lambert 2008 falls within.
_BELGIE: Final = shapely.box(20_000, 20_000, 300_000, 250_000)
# OWS Common 1.1 and WFS 2.0 let an exception report come with any of these.
_REPORTS: Final = frozenset({200, 400, 403, 404, 500, 501})
# The server's own trouble (OWS Common 1.1 table 27, WFS 2.0 table 3): it may pass.
_PASSING: Final = frozenset({"NoApplicableCode", "OperationProcessingFailed"})
_CODES: Final = {"Exception": "exceptionCode", "ServiceException": "code"}
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+-]{0,59}(/[A-Za-z0-9.+-]{1,60})?")


def to_lambert72(ligging: Ligging, system: str, operation: str, key: str) -> BaseGeometry:
    """Return the shape of a place in Lambert 72, when it is one that these maps can know.

    A map has nothing to say of a place outside of it, and its silence would read as an answer.

    Raises: ContractError when the shape is empty or lies outside of Belgium.
    """
    vorm = ligging.to_epsg(LAMBERT72).vorm
    if vorm.is_empty or not _BELGIE.contains(vorm):
        raise ContractError(
            system,
            operation,
            key,
            "the place is empty or lies outside of Belgium",
            done="It was not asked",
            advice="Look at the coordinate system of the place",
        )
    return vorm


def fetch(
    http: HttpClient,
    url: str,
    *,
    operation: str,
    key: str,
    correlation_id: UUID,
    params: Mapping[str, str] | None = None,
) -> requests.Response:
    """Ask one question and return its answer: status 200 and no exception report.

    Raises: RetryableError for trouble of the server's own, ContractError for a question it
        refuses, else what its status means.
    """
    response = http.request(
        "GET",
        url,
        operation=operation,
        key=key,
        expected=_REPORTS,
        changes=False,
        params=params,
        correlation_id=correlation_id,
    )
    code = _exception_code(response.content)
    if code is not None:
        observed = f"answered {response.status_code} with an exception ({code})"
        kind: type[ConnectorError] = RetryableError if code in _PASSING else ContractError
        raise kind(http.system, operation, key, observed)
    if response.status_code != 200:
        raise http.refusal(response, operation=operation, key=key, changes=False)
    return response


def check_media_type(
    response: requests.Response, allowed: frozenset[str], system: str, operation: str, key: str
) -> None:
    """Refuse an answer in another format than was asked, such as a page for people.

    Raises: ContractError that names the format.
    """
    found = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found not in allowed:
        told = found if _NAME.fullmatch(found) else "none"
        raise ContractError(system, operation, key, f"the answer's media type is {told}")


def parse_xml(content: bytes) -> etree._Element | None:
    """Parse XML without entities, network or giant trees; None when it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace; something odd for a comment."""
    return str(element.tag).rpartition("}")[2]


def _exception_code(content: bytes) -> str | None:
    """Return the code of an exception report, None when the answer is none."""
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return None
    root = parse_xml(content)
    if root is None or local_name(root) not in ("ExceptionReport", "ServiceExceptionReport"):
        return None
    for element in root:
        attribute = _CODES.get(local_name(element))
        code = element.get(attribute) if attribute else None
        if code and _NAME.fullmatch(code):
            return code
    return "no code"
