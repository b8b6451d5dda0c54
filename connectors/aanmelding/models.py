"""The records of the aanmelding contract; field names follow contract/aanmelding.openapi.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Soort(StrEnum):
    """What the resident is signed up for."""

    DUURZAAM_BOUWADVIES = "duurzaam_bouwadvies"
    RENOVATIEBEGELEIDING = "renovatiebegeleiding"
    ENERGIELENING = "energielening"


class Status(StrEnum):
    """How far the partner is."""

    ONTVANGEN = "ontvangen"
    INGEPLAND = "ingepland"
    PLAATSBEZOEK = "plaatsbezoek"
    ADVIES_OPGEMAAKT = "advies_opgemaakt"
    AFGEROND = "afgerond"
    GEWEIGERD = "geweigerd"


class AdviesSoort(StrEnum):
    """What the advice is about, or what it says must come first."""

    DUBO = "dubo"
    ERFGOED = "erfgoed"
    RUIMTELIJKE_ORDENING = "ruimtelijke_ordening"
    ARCHITECT_NODIG = "architect_nodig"


class Uitkomst(StrEnum):
    """What the partner did with a withdrawn aanmelding."""

    VERWIJDERD = "verwijderd"
    BEWAARD = "bewaard"


@dataclass(frozen=True, slots=True)
class Aanvrager:
    """The resident; never shown in a representation."""

    voornaam: str = field(repr=False)
    naam: str = field(repr=False)
    email: str | None = field(default=None, repr=False)
    telefoon: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Gebouw:
    """The building or unit; `kengetal` in kWh per m2 and year."""

    straat: str = field(repr=False)
    huisnummer: str = field(repr=False)
    gemeente: str
    postcode: str | None = None
    busnummer: str | None = field(default=None, repr=False)
    adres_id: str | None = field(default=None, repr=False)
    gebouweenheid_id: str | None = field(default=None, repr=False)
    bouwjaar: int | None = None
    energielabel: str | None = None
    kengetal: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Aanmelding:
    """What leaves for the partner. `ingediend_op` is timezone-aware."""

    referentie: UUID
    soort: Soort
    dossiernummer: str
    ingediend_op: datetime
    aanvrager: Aanvrager
    gebouw: Gebouw
    vraag: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a moment without time zone: the partner could not tell when it was."""
        if self.ingediend_op.tzinfo is None:
            raise ValueError("ingediend_op has no time zone")


@dataclass(frozen=True, slots=True)
class Ontvangst:
    """The partner stored it. `ontvangst_nummer` is the partner's own number, if it gives one."""

    referentie: UUID
    ontvangen_op: datetime
    etag: str | None
    ontvangst_nummer: str | None = None


@dataclass(frozen=True, slots=True)
class Bewaarplicht:
    """The legal duty by which the partner must keep an aanmelding."""

    reden: str
    rechtsgrond: str
    bewaren_tot: date | None


@dataclass(frozen=True, slots=True)
class Intrekking:
    """What became of a withdrawn aanmelding.

    Without `ingetrokken_op` the partner held nothing under this reference.
    """

    referentie: UUID
    uitkomst: Uitkomst
    ingetrokken_op: datetime | None
    bewaarplicht: Bewaarplicht | None = None


@dataclass(frozen=True, slots=True)
class AanmeldingStand:
    """What the partner holds; `idempotency_key` tells which request it accepted last.

    In a list it comes without `etag`.
    """

    referentie: UUID
    soort: Soort
    status: Status
    ontvangen_op: datetime
    gewijzigd_op: datetime
    idempotency_key: str
    etag: str | None
    ontvangst_nummer: str | None = None
    intrekking: Intrekking | None = None


@dataclass(frozen=True, slots=True)
class StandenBladzijde:
    """A page of all that the partner holds, by reference; `volgende` asks for the next one."""

    items: tuple[AanmeldingStand, ...]
    volgende: str | None


@dataclass(frozen=True, slots=True)
class DocumentVerwijzing:
    """A document at the partner; `href` stands below the partner's own address.

    Over SFTP `href` is the path of the file in the partner's folder.
    `grootte` in bytes and `sha256` in lower case hex: a partner of contract 1.1 gives neither.
    """

    document_id: str
    titel: str = field(repr=False)
    mediatype: str
    href: str = field(repr=False)
    grootte: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Voortgang:
    """One event at the partner: when it happened and when the partner recorded it (UTC).

    `advies_soort` is a value of `AdviesSoort`.
    """

    voortgang_id: str
    referentie: UUID
    status: Status
    tijdstip: datetime
    gewijzigd_op: datetime
    advies_soort: str | None = None
    adviseur: str | None = field(default=None, repr=False)
    documenten: tuple[DocumentVerwijzing, ...] = ()


@dataclass(frozen=True, slots=True)
class GeweigerdeVoortgang:
    """One event that cannot be read. `reden` names fields and rules, never what was in them.

    Without `voortgang_id` even the key of the event cannot be read.
    """

    voortgang_id: str | None
    reden: str


@dataclass(frozen=True, slots=True)
class VoortgangBladzijde:
    """A page of events, oldest first; `volgende` asks for the next one."""

    items: tuple[Voortgang | GeweigerdeVoortgang, ...]
    volgende: str | None
