"""How a partner refuses: problem+json with a fixed text per kind, never what was in the body."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

_TITELS = {
    "ongeldig": "Het verzoek is niet goed gevormd",
    "niet-aangemeld": "Geen geldig token",
    "niet-gekend": "Deze aanmelding is niet gekend",
    "andere-inhoud": "Deze referentie draagt al een andere aanmelding",
    "ingetrokken": "Deze aanmelding is ingetrokken",
    "verouderd": "De aanmelding is intussen gewijzigd",
    "verkeerd-mediatype": "De inhoud moet application/json zijn",
    "geweigerd": "De partner neemt deze aanmelding niet aan",
    "te-veel-verzoeken": "Te veel verzoeken",
    "niet-toegelaten": "Deze methode bestaat hier niet",
}


class ProbleemError(Exception):
    """A request the partner refuses; never holds what was in the body."""

    def __init__(
        self,
        status: int,
        soort: str,
        fouten: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(soort)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {
            "type": f"urn:renovatiehub:aanmelding:{soort}",
            "title": _TITELS[soort],
            "status": status,
        }
        if fouten:
            self.body["fouten"] = fouten

    def answer(self) -> Response:
        """Write it as an answer."""
        return Response(
            orjson.dumps(self.body), self.status, self.headers,
            media_type="application/problem+json",
        )  # fmt: skip


def refuse_field(veld: str, code: str) -> ProbleemError:
    """Name the field of a request that is not well formed."""
    return ProbleemError(400, "ongeldig", [{"veld": veld, "code": code}])
