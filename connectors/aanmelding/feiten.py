"""The facts of a dossier from which an aanmelding at any partner is made; pure.

There is no place here for an INSZ or a certificate. Which of the facts a partner gets is decided
before; what is not given is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from connectors.aanmelding.models import Aanmelding, Aanvrager, Gebouw, Soort
from connectors.transport.errors import ContractError

LONGEST_VRAAG: Final = 4000


@dataclass(frozen=True, slots=True)
class BewonerFeiten:
    """Who asks and how to reach them."""

    voornaam: str | None = field(repr=False)
    naam: str | None = field(repr=False)
    email: str | None = field(default=None, repr=False)
    telefoon: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WoningFeiten:
    """Where the dwelling is and what is known of it; `epc_kengetal` in kWh per m2 and year."""

    straat: str | None = field(repr=False)
    huisnummer: str | None = field(repr=False)
    postcode: str | None
    gemeente: str | None
    busnummer: str | None = field(default=None, repr=False)
    adres_id: str | None = field(default=None, repr=False)
    gebouweenheid_id: str | None = field(default=None, repr=False)
    bouwjaar: int | None = None
    epc_label: str | None = None
    epc_kengetal: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AanmeldingFeiten:
    """One aanmelding as the CRM holds it; its id is the reference. `gemaakt_op` is aware."""

    aanmelding_id: UUID
    dossiernummer: str
    gemaakt_op: datetime
    bewoner: BewonerFeiten
    woning: WoningFeiten
    vraag: str | None = field(default=None, repr=False)


def make_aanmelding(feiten: AanmeldingFeiten, *, partner: str, soort: Soort) -> Aanmelding:
    """Make the aanmelding of this kind; `partner` is named in errors.

    Raises: ContractError that names the field without which no aanmelding can be made.
    """
    bewoner, woning = feiten.bewoner, feiten.woning

    def needed(text: str | None, name: str) -> str:
        cleaned = _clean(text)
        if cleaned is None:
            raise refuse(partner, feiten, f"field {name} is missing")
        return cleaned

    return Aanmelding(
        referentie=feiten.aanmelding_id,
        soort=soort,
        dossiernummer=feiten.dossiernummer,
        ingediend_op=feiten.gemaakt_op,
        aanvrager=Aanvrager(
            voornaam=needed(bewoner.voornaam, "voornaam"),
            naam=needed(bewoner.naam, "naam"),
            email=_clean(bewoner.email),
            telefoon=_clean(bewoner.telefoon),
        ),
        gebouw=Gebouw(
            straat=needed(woning.straat, "straat"),
            huisnummer=needed(woning.huisnummer, "huisnummer"),
            gemeente=needed(woning.gemeente, "gemeente"),
            postcode=_clean(woning.postcode),
            busnummer=_clean(woning.busnummer),
            adres_id=_clean(woning.adres_id),
            gebouweenheid_id=_clean(woning.gebouweenheid_id),
            bouwjaar=woning.bouwjaar,
            energielabel=_clean(woning.epc_label),
            kengetal=woning.epc_kengetal,
        ),
        vraag=_shortened(_clean(feiten.vraag)),
    )


def refuse(partner: str, feiten: AanmeldingFeiten, observed: str) -> ContractError:
    """Return the error of an aanmelding that cannot be made."""
    key = str(feiten.aanmelding_id)
    return ContractError(partner, "map_aanmelding", key, observed, done="It was not sent")


def _clean(text: str | None) -> str | None:
    """Drop the blanks around a text; a blank text is not known."""
    return (text or "").strip() or None


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= LONGEST_VRAAG:
        return text
    return text[: LONGEST_VRAAG - 1] + "…"
