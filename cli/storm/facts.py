"""What both sides say after a storm, as plain data: the receivers, the CRM, the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cli.statussen import LEEG, Boek
from cli.voortgang import NIETS, Beide


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a receiver's journal that changed the receiver, in the receiver's order.

    `bericht_id` is what the hub named it by.
    """

    systeem: str
    nummer: int
    moment: datetime
    operatie: str
    sleutel: str | None
    dossiernummer: str | None
    bericht_id: str | None


@dataclass(frozen=True, slots=True)
class Bericht:
    """One message of the ledger."""

    bericht_id: str
    volgorde: int
    bestemming: str
    soort: str
    sleutel: str
    dossier_id: str
    stand: str


@dataclass(frozen=True, slots=True)
class Poging:
    """One attempt of the ledger, by the moment at which it was claimed."""

    bericht_id: str
    begonnen_op: datetime


@dataclass(frozen=True, slots=True)
class Toestemming:
    """A consent; `opgehaald_op` is when the hub landed it as it stands."""

    profiel_id: str
    van: datetime
    tot: datetime | None
    opgehaald_op: datetime | None = None
    doel: str = "duurzaam_bouwadvies"
    ontvanger: str = "dialoog"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as the CRM holds it at the end.

    `in_te_vullen`: the resident agreed to start and nothing is wrong with the row.
    `bereikbaar`: the resident has an INSZ. `ingevuld`: the consultant finds values or a task.
    """

    dossiernummer: str
    dossier_id: str
    profiel_id: str | None
    in_te_vullen: bool
    bereikbaar: bool
    ingevuld: bool
    velden: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """An aanmelding as the CRM holds it at the end; its id is the partner's reference."""

    aanmelding_id: str
    dossier_id: str
    volgnummer: int
    status: str
    soort: str = "duurzaam_bouwadvies"
    partner: str = "dialoog"


@dataclass(frozen=True, slots=True)
class Getypt:
    """A value that a consultant typed in a dossier."""

    dossiernummer: str
    veld: str
    waarde: str | int | float


@dataclass(frozen=True, slots=True)
class Stilstand:
    """The receivers could not look for so many seconds, until this moment."""

    tot: datetime
    seconden: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `standen` is where the hub places each dossier; `delay` what was ordered.

    `onderweg` is how many seconds more than a request over HTTP a line of a partner that takes
    files may be under way; partners that are not there take none. `voortgang` is what the partners
    recorded and what the CRM holds of it, `statussen` what decides what residents must see.
    """

    moment: datetime
    residents: Sequence[str]
    effects: Sequence[Effect]
    berichten: Sequence[Bericht]
    pogingen: Sequence[Poging]
    dossiers: Sequence[Dossier]
    aanmeldingen: Sequence[Aanmelding]
    toestemmingen: Sequence[Toestemming]
    opgehaald: Sequence[Toestemming]
    getypt: Sequence[Getypt]
    standen: Mapping[str, str]
    inbox: Sequence[str]
    stilstanden: Sequence[Stilstand] = ()
    delay: float = 0.0
    onderweg: Mapping[str, float] = field(default_factory=dict)
    voortgang: Beide = NIETS
    statussen: Boek = LEEG


@dataclass(frozen=True, slots=True)
class Offender:
    """One thing that must not be: identifiers only."""

    key: str
    dossiernummer: str | None
    seen: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.key} ({self.dossiernummer or 'no dossier'}): {self.seen}"
