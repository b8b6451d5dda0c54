"""Is a document what its reference says: where it lies, how large it is, what it holds? Pure.

No error holds the title, the address or a byte of a document.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from connectors.aanmelding.models import DocumentVerwijzing
from connectors.transport.errors import ContractError

# The largest document of the contract, in bytes.
LARGEST_DOCUMENT: Final = 26_214_400
PDF: Final = "application/pdf"
OPERATION: Final = "get_document"
_KEY: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}\Z")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")
# What an address of the contract holds; the rest is written with a percent sign.
_URI: Final = re.compile(r"[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]+\Z")
# A PDF ends with its mark; some writers put a line or a signature's filling behind it.
_END_WITHIN: Final = 1024
NOT_ASKED: Final = "It was not asked for"


def name_document(verwijzing: DocumentVerwijzing) -> str:
    """Return the key of a document for errors; a key outside the contract may hold anything."""
    good = _KEY.match(verwijzing.document_id)
    return verwijzing.document_id if good else "(a key outside the contract)"


def check_reference(system: str, verwijzing: DocumentVerwijzing) -> None:
    """Refuse a reference to what cannot be a document of the contract, before it is asked for.

    Raises: ContractError.
    """
    if verwijzing.mediatype != PDF:
        refuse(system, verwijzing, f"the reference is to something other than {PDF}", NOT_ASKED)
    if verwijzing.grootte is not None and not 0 < verwijzing.grootte <= LARGEST_DOCUMENT:
        observed = f"the reference says {verwijzing.grootte} bytes, 1 to {LARGEST_DOCUMENT} may be"
        refuse(system, verwijzing, observed, NOT_ASKED)
    if verwijzing.sha256 is not None and not _SHA256.match(verwijzing.sha256):
        observed = "the sha256 of the reference is not 64 lower case hex digits"
        refuse(system, verwijzing, observed, NOT_ASKED)


def check_href(system: str, base_url: str, verwijzing: DocumentVerwijzing) -> str:
    """Return the address of a document: only one below the partner's base address may be asked.

    Raises: ContractError when scheme, host, port or path lead elsewhere: the token would follow.
    """
    base, href = urlsplit(base_url), _split(verwijzing.href)
    if href is None:
        refuse(system, verwijzing, "href is no address", NOT_ASKED)
    folder, path = base.path.rstrip("/") + "/", unquote(href.path)
    if (
        _place(href) != _place(base)
        or "@" in href.netloc
        or not href.path.startswith(folder)
        or href.path == folder
        # Read twice, %252e is a point; and some servers take a backslash for a slash.
        or not {"%", "\\"}.isdisjoint(path)
        or not {".", ".."}.isdisjoint(path.split("/"))
    ):
        refuse(system, verwijzing, "href leads outside the partner's address", NOT_ASKED)
    return verwijzing.href


def check_mediatype(system: str, verwijzing: DocumentVerwijzing, content_type: str | None) -> None:
    """Refuse an answer that calls itself something other than the reference does.

    Raises: ContractError.
    """
    told = (content_type or "").partition(";")[0].strip().lower()
    if told != verwijzing.mediatype:
        refuse(system, verwijzing, f"the answer is not {PDF} by its Content-Type")


def check_document(system: str, verwijzing: DocumentVerwijzing, inhoud: bytes) -> bytes:
    """Return a document's bytes when they are what the reference says.

    Raises: ContractError at another size or sha256, or when they are no PDF.
    """
    if len(inhoud) > LARGEST_DOCUMENT:
        refuse(system, verwijzing, f"it holds more than {LARGEST_DOCUMENT} bytes")
    if verwijzing.grootte is not None and len(inhoud) != verwijzing.grootte:
        refuse(
            system,
            verwijzing,
            f"it holds {len(inhoud)} bytes, the reference says {verwijzing.grootte}",
        )
    if verwijzing.sha256 is not None and hashlib.sha256(inhoud).hexdigest() != verwijzing.sha256:
        refuse(system, verwijzing, "its sha256 is not that of the reference")
    if not inhoud.startswith(b"%PDF-"):
        refuse(system, verwijzing, "it does not begin as a PDF does")
    if b"%%EOF" not in inhoud[-_END_WITHIN:]:
        refuse(system, verwijzing, "it does not end as a PDF does")
    return inhoud


def refuse(
    system: str, verwijzing: DocumentVerwijzing, observed: str, done: str = "It was not kept"
) -> NoReturn:
    """Raise a ContractError about a document."""
    raise ContractError(
        system,
        OPERATION,
        name_document(verwijzing),
        observed,
        done=done,
        advice="Ask the partner for a new document at a new event",
    )


def _split(href: str) -> SplitResult | None:
    if not _URI.match(href):
        return None
    try:
        parts = urlsplit(href)
        _place(parts)
    except ValueError:
        return None
    return parts if parts.scheme and parts.netloc else None


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port
