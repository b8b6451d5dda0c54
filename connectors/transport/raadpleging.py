"""The logged reason that every look at an authentic source needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from connectors.transport.errors import GeenRechtError


@dataclass(frozen=True, slots=True)
class Raadpleging:
    """Name who looks at which object of which source, for which dossier and why.

    `namens` is a consultant's id or the hub's service identity, never a name or an INSZ;
    `object` names the thing asked for (a unit, an address), never a person.
    """

    correlatie_id: UUID
    dossier_id: UUID
    bron: str
    operatie: str
    object: str
    doel: str
    rechtsgrond: str
    hoedanigheid: str
    namens: str


@dataclass(frozen=True, slots=True)
class GelogdeRaadpleging:
    """Prove that a raadpleging was logged (UTC) before the source is asked."""

    raadpleging: Raadpleging
    gelogd_op: datetime


class RaadplegingLog(Protocol):
    """Append raadplegingen durably; the hub implements it on its database."""

    def record(
        self, raadplegingen: Sequence[Raadpleging]
    ) -> Sequence[GelogdeRaadpleging | GeenRechtError]:
        """Log what may be asked, all of it or none; return per look, in order, its proof or why
        the source may not be asked.
        """
        ...
