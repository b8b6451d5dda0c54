"""The documents Dialoog hands out: a PDF per advice, with its size and hash in the progress."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from sandbox.state import State

_DDL = """
CREATE TABLE IF NOT EXISTS dialoog_document (
    document_id TEXT PRIMARY KEY, referentie TEXT NOT NULL, inhoud BLOB NOT NULL)
"""


def create_tables(state: State) -> None:
    """Create what is not there yet."""
    state.create(_DDL)


def add_document(state: State, referentie: str, titel: str, base: str) -> dict[str, Any]:
    """Make a PDF for an aanmelding and return the reference to it, below the address ``base``."""
    document_id = str(uuid4())
    inhoud = write_pdf(f"{titel} {document_id}")
    state.execute(
        "INSERT INTO dialoog_document VALUES (?, ?, ?)", (document_id, referentie, inhoud)
    )
    return {
        "documentId": document_id,
        "titel": titel,
        "mediatype": "application/pdf",
        "href": f"{base}/documenten/{document_id}",
        "grootte": len(inhoud),
        "sha256": hashlib.sha256(inhoud).hexdigest(),
    }


def find_document(state: State, document_id: str) -> bytes | None:
    """Return a document's bytes, or None."""
    row = state.first("SELECT inhoud FROM dialoog_document WHERE document_id = ?", (document_id,))
    return bytes(row[0]) if row else None


def remove_documents(state: State, referentie: str) -> None:
    """Remove the documents of an aanmelding."""
    state.execute("DELETE FROM dialoog_document WHERE referentie = ?", (referentie,))


def write_pdf(text: str) -> bytes:
    """Write a PDF of one page with one line of text (letters, digits, spaces, hyphens)."""
    stream = f"BT /F1 12 Tf 60 780 Td ({text}) Tj ET".encode("ascii")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    pdf, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    pdf_end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n"
    return pdf + pdf_end % (size, table, size) + b"startxref\n%d\n%%%%EOF\n" % len(pdf)
