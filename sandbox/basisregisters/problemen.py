"""Errors of the register as problem+json, with the owner's own types."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from starlette.responses import Response

_URN = "urn:be.vlaanderen.basisregisters.api:"


class ProbleemError(Exception):
    """A request the register refuses."""

    def __init__(
        self,
        status: int,
        type_: str,
        title: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        fouten: dict[str, list[dict[str, str]]] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {
            "type": _URN + type_,
            "title": title,
            "detail": detail,
            "status": status,
            "instance": f"https://api.basisregisters.vlaanderen.be/v2/foutmeldingen/{uuid4().hex}",
        }
        if fouten is not None:
            self.body["validationErrors"] = fouten

    def response(self) -> Response:
        """Return the error as an answer."""
        return Response(
            orjson.dumps(self.body),
            self.status,
            self.headers,
            media_type="application/problem+json",
        )


_TITEL = "Er heeft zich een fout voorgedaan!"


def not_found(soort: str, naam: str) -> ProbleemError:
    """Return the 404 for ``address``, ``building``, ``buildingunit`` or ``parcel``."""
    return ProbleemError(404, f"{soort}:not-found", _TITEL, f"Onbestaand{naam}.")


def gone(soort: str, naam: str) -> ProbleemError:
    """Return the 410 for an object that was removed from the register."""
    return ProbleemError(410, f"{soort}:gone", _TITEL, f"Verwijderd{naam}.")


def invalid(fouten: dict[str, list[dict[str, str]]]) -> ProbleemError:
    """Return the 400 that names the fields that are wrong."""
    return ProbleemError(400, "validation", _TITEL, "Validatie mislukt!", fouten=fouten)


def invalid_field(veld: str, code: str, reden: str) -> ProbleemError:
    """Return the 400 for one field."""
    return invalid({veld: [{"code": code, "reason": reden}]})


def throttled(seconds: int) -> ProbleemError:
    """Return the 429."""
    return ProbleemError(
        429,
        "throttled",
        "Te veel aanvragen.",
        "Het toegestane aantal aanvragen is overschreden.",
        headers={"Retry-After": str(seconds)},
    )


def unauthorized() -> ProbleemError:
    """Return the 401 for a key that is missing or unknown."""
    return ProbleemError(401, "unauthorized", _TITEL, "Ongeldige of ontbrekende API key.")
