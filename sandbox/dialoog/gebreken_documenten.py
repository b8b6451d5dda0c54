"""Broken builds of Dialoog: what goes wrong with its documents, and an odd one that is right."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.dialoog.partner import Partner

_NO_PDF = b"PK\x03\x04 een document van een tekstverwerker"


class DocumentChanges(Partner):
    """A document is made anew at every call, and is no longer what was promised."""

    def give_document(self, document_id: str) -> Response:
        answer = super().give_document(document_id)
        return Response(bytes(answer.body) + b"%\n", media_type="application/pdf")


class DocumentSameSize(Partner):
    """A document has the right size and another content."""

    def give_document(self, document_id: str) -> Response:
        body = bytes(super().give_document(document_id).body)
        return Response(body.replace(b"Tf 60 780", b"Tf 61 780"), media_type="application/pdf")


class DocumentAsBytes(Partner):
    """A document does not say what it is."""

    def give_document(self, document_id: str) -> Response:
        answer = super().give_document(document_id)
        return Response(bytes(answer.body), media_type="application/octet-stream")


class DocumentIsOpen(Partner):
    """Whoever has the address reads the document."""

    def check_token(self, request: Request, path: str) -> None:
        if not path.startswith("documenten/"):
            super().check_token(request, path)


class OtherReference(Partner):
    """Refers to its documents in another way."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_voortgang(since, page, limit)
        for item in body["items"]:
            for document in item.get("documenten", ()):
                self.change(document)
        return body

    def change(self, document: dict[str, Any]) -> None:
        """Change a reference."""


class DocumentIsNoPdf(OtherReference):
    """A document says that it is a PDF and is none; size and hash are right."""

    def change(self, document: dict[str, Any]) -> None:
        document |= {"grootte": len(_NO_PDF), "sha256": hashlib.sha256(_NO_PDF).hexdigest()}

    def give_document(self, document_id: str) -> Response:
        super().give_document(document_id)
        return Response(_NO_PDF, media_type="application/pdf")


class DocumentWithoutHash(OtherReference):
    """A reference does not say what the bytes must be."""

    def change(self, document: dict[str, Any]) -> None:
        del document["sha256"]


class DocumentElsewhere(OtherReference):
    """A document lies beside the partner's address, where the token may not go."""

    def change(self, document: dict[str, Any]) -> None:
        document["href"] = document["href"].replace("/dialoog/", "/dialoog-documenten/")


class DocumentByDots(OtherReference):
    """An address begins below the partner's and climbs out of it."""

    def change(self, document: dict[str, Any]) -> None:
        document["href"] = document["href"].replace("/documenten/", "/map/%2e%2e/documenten/")


class DocumentIsMoved(Partner):
    """A document is somewhere else, says the partner."""

    def give_document(self, document_id: str) -> Response:
        super().give_document(document_id)
        return RedirectResponse(f"/elders/{document_id}", 302)


class DocumentWithQuery(OtherReference):
    """Allowed: an address below the partner's with a query."""

    def change(self, document: dict[str, Any]) -> None:
        document["href"] += "?versie=1"


BUILDS: dict[str, type[Partner]] = {
    "document_verandert": DocumentChanges,
    "document_andere_inhoud": DocumentSameSize,
    "document_zonder_mediatype": DocumentAsBytes,
    "document_zonder_token": DocumentIsOpen,
    "document_geen_pdf": DocumentIsNoPdf,
    "document_zonder_hash": DocumentWithoutHash,
    "document_elders": DocumentElsewhere,
    "document_via_punten": DocumentByDots,
    "document_omgeleid": DocumentIsMoved,
}
ODD: dict[str, type[Partner]] = {"document_met_vraag": DocumentWithQuery}
