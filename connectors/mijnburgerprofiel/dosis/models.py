"""A dossier's status as DOSIS takes it, and the receipt that comes later."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DosisStatus:
    """Phase and code from the owner's code list, with texts for the resident.

    `actie_nodig` tells whether the resident must do something, `actie` what.
    """

    code: str
    fase: str
    detail: str | None = None
    actie_nodig: bool | None = None
    actie: str | None = None


@dataclass(frozen=True, slots=True)
class DosisDossier:
    """One dossier and its current status.

    `bron` is our source's URI, `product` the IPDC number, `insz` the resident who may read it,
    `doorverwijzing` the address where the resident goes on. `datum_modificatie` needs an offset.
    """

    bron: str
    dossiernummer: str
    naam: str
    datum_modificatie: datetime
    status: DosisStatus
    product: int
    insz: str = field(repr=False)
    doorverwijzing: str | None = None
    beheerder_dienst: str | None = None


@dataclass(frozen=True, slots=True)
class Resultaat:
    """The receipt of a dossier's last upload; `tijdstip` (UTC) says when it was processed.

    While `verwerkt` is False there is no receipt yet: ask again later. `fouten` are the owner's
    texts, for a person to read; they may quote the dossier and stay out of logs.
    """

    verwerkt: bool
    gelukt: bool
    tijdstip: datetime | None = None
    fouten: tuple[str, ...] = field(default=(), repr=False)
