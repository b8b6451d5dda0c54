"""A dossier's status as DOSIS takes it, the receipt that comes later, and what it then holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

# Uploads are named under this; it must never change, or a repeat would be another upload.
_UPLOADS: Final = UUID("3f0a5f6e-5f4c-4a52-8a7d-9d7b1c0c6a11")


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

    @property
    def upload_id(self) -> UUID:
        """The name of this change of status: the same dossier and change give the same name.

        It is made of source, number, phase, code, texts and moment; the resident is not in it.
        """
        status = self.status
        moment = self.datum_modificatie.astimezone(UTC).isoformat(timespec="seconds")
        parts = (
            self.bron, self.dossiernummer, status.fase, status.code, status.detail or "",
            status.actie or "", moment,
        )  # fmt: skip
        return uuid5(_UPLOADS, "\x1f".join(parts))


@dataclass(frozen=True, slots=True)
class Resultaat:
    """The receipt of an upload; `tijdstip` (UTC) says when it was processed.

    While `verwerkt` is False there is no receipt yet: ask again later. `fouten` are the owner's
    texts, for a person to read; they may quote the dossier and stay out of logs.
    """

    verwerkt: bool
    gelukt: bool
    tijdstip: datetime | None = None
    fouten: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MislukteRegistratie:
    """An upload that DOSIS took in and could not process; `tijdstip` in UTC.

    `fouten` are the owner's texts, for a person to read; they may quote the dossier and stay out
    of logs.
    """

    dossiernummer: str | None
    tijdstip: datetime | None = None
    fouten: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of one of the owner's lists, with its text in the language that was asked for."""

    code: str
    tekst: str


@dataclass(frozen=True, slots=True)
class DossierMutatie:
    """One line of a dossier's history: an upload that DOSIS processed.

    Moments in UTC. `actie` is what the resident must do, None when nothing is asked.
    `status_gewijzigd_op` is of this line's status; `dossier_gewijzigd_op` of the
    dossier, in the owner's sample the same on all its lines.
    """

    type: str
    fase: str | None = None
    code: str | None = None
    details: tuple[str, ...] = ()
    actie: str | None = None
    status_gewijzigd_op: datetime | None = None
    dossier_gewijzigd_op: datetime | None = None
    producten: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierHistoriek:
    """A dossier of one source with its mutations, in the order of the answer."""

    bron: str
    dossiernummer: str
    mutaties: tuple[DossierMutatie, ...]


@dataclass(frozen=True, slots=True)
class OntbrekendeBron:
    """A source whose dossiers are missing from an answer: its name, None when it is not told."""

    bron: str | None
    code: str


@dataclass(frozen=True, slots=True)
class DossierLijst:
    """The dossiers that one resident may read, and the sources that did not answer."""

    dossiers: tuple[DossierHistoriek, ...]
    ontbrekend: tuple[OntbrekendeBron, ...] = ()
