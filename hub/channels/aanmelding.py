"""A message of the ledger as an aanmelding, and the gate: only what the table names leaves.

The same for every partner and every channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from connectors.aanmelding.feiten import (
    AanmeldingFeiten,
    BewonerFeiten,
    WoningFeiten,
    make_aanmelding,
)
from connectors.aanmelding.mapping import aanmelding_to_json
from connectors.aanmelding.models import Aanmelding, Soort
from connectors.dialoog.mapping import map_aanmelding as map_dialoog
from connectors.igo.mapping import map_aanmelding as map_igo
from connectors.transport.errors import ContractError
from hub.ledger.bericht import Bericht
from hub.partners import Partner

# Partners with something of their own; every other one gets the contract as it is.
_MAPPINGS: Final[Mapping[str, Callable[[AanmeldingFeiten, Soort], Aanmelding]]] = {
    "dialoog": map_dialoog,
    "igo": map_igo,
}


def open_aanmelding(partner: Partner, bericht: Bericht) -> Aanmelding:
    """Return the aanmelding that this message holds, ready to leave.

    Raises:
        ContractError: it lacks what the partner needs, or holds a field that the table of partners
            does not name for this kind. Then nothing leaves.
    """
    content = bericht.inhoud
    # Messages of before November 2026 do not say their kind: there was one.
    soort = Soort(content.get("soort", Soort.DUURZAAM_BOUWADVIES))
    feiten = _feiten(content)
    if partner.code in _MAPPINGS:
        aanmelding = _MAPPINGS[partner.code](feiten, soort)
    else:
        aanmelding = make_aanmelding(feiten, partner=partner.code, soort=soort)
    leaving = set(list_fields(aanmelding_to_json(aanmelding)))
    if beyond := sorted(leaving - partner.soorten.get(soort, {}).keys()):
        raise ContractError(
            partner.code,
            "send",
            bericht.sleutel,
            f"the table of partners does not name {', '.join(beyond)} for {soort}",
            done="It was not sent",
            advice="Correct hub/config/partners.yml, or ask for the aanmelding anew in the CRM",
        )
    return aanmelding


def list_fields(body: Mapping[str, object], above: str = "") -> Iterator[str]:
    """Yield the fields of a message as the table names them: ``/gebouw/straat``."""
    for name, value in body.items():
        if isinstance(value, Mapping):
            yield from list_fields(value, f"{above}/{name}")
        else:
            yield f"{above}/{name}"


def _feiten(content: Mapping[str, Any]) -> AanmeldingFeiten:
    bewoner, woning = content["bewoner"], content["woning"]
    return AanmeldingFeiten(
        aanmelding_id=UUID(content["aanmelding_id"]),
        dossiernummer=content["dossiernummer"],
        gemaakt_op=datetime.fromisoformat(content["gemaakt_op"]),
        bewoner=BewonerFeiten(
            voornaam=bewoner["voornaam"],
            naam=bewoner["naam"],
            email=bewoner.get("email"),
            telefoon=bewoner.get("telefoon"),
        ),
        woning=WoningFeiten(
            straat=woning["straat"],
            huisnummer=woning["huisnummer"],
            busnummer=woning.get("busnummer"),
            postcode=woning.get("postcode"),
            gemeente=woning["gemeente"],
            adres_id=woning.get("adres_id"),
            gebouweenheid_id=woning.get("gebouweenheid_id"),
            bouwjaar=int(woning["bouwjaar"]) if "bouwjaar" in woning else None,
            epc_label=woning.get("epc_label"),
            epc_kengetal=Decimal(woning["epc_kengetal"]) if "epc_kengetal" in woning else None,
        ),
        vraag=content.get("vraag"),
    )
