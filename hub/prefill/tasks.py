"""Tasks (stappen) in the CRM for what only a person can settle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub.ledger.bericht import NieuwBericht

_SHOWN = 12
_WHY = {
    "onbekend": "De woning is niet gevonden in het adressenregister. Controleer het adres.",
    "verwijderd": "Het adres is uit het adressenregister verwijderd. Zoek het huidige adres op.",
    "geweigerd": "Het adressenregister gaf een antwoord dat de hub niet aanvaardt; de beheerder is "
    "verwittigd. Zoek de woning intussen zelf op.",
    "dubbelzinnig": "Er past meer dan één woning bij dit adres. Kies de juiste en vul ze aan.",
}


def task(dossier_id: UUID, soort: str, omschrijving: str, *, aanleiding: str = "") -> NieuwBericht:
    """Return the message that puts one task in the CRM; the same occasion gives the same task."""
    sleutel = ":".join(part for part in (str(dossier_id), soort, aanleiding) if part)
    return NieuwBericht(
        bestemming="crm",
        sleutel=sleutel,
        soort="stap",
        kenmerk=soort,
        dossier_id=dossier_id,
        inhoud={
            "wijzigingen": [
                {
                    "tabel": "stap",
                    "sleutel": sleutel,
                    "create_only": True,
                    "velden": {
                        "dossier_id": str(dossier_id),
                        "soort": soort,
                        "status": "open",
                        "omschrijving": omschrijving,
                    },
                }
            ]
        },
    )


def woning_task(row: Mapping[str, Any]) -> NieuwBericht | None:
    """Ask the consultant to find or choose the dwelling, with the candidates the register gave."""
    why = _WHY.get(row["uitkomst"])
    if why is None:
        return None
    shown = [_candidate(candidate) for candidate in row["kandidaten"][:_SHOWN]]
    more = len(row["kandidaten"]) - len(shown)
    listed = f" Mogelijk: {'; '.join(shown)}." if shown else ""
    rest = f" En nog {more} andere." if more > 0 else ""
    return task(
        row["dossier_id"],
        "woning_kiezen",
        f"{why}{listed}{rest}",
        aanleiding=bytes(row["adres_hash"]).hex(),
    )


def missing_insz_task(row: Mapping[str, Any]) -> NieuwBericht | None:
    """Ask for the INSZ: without it the resident cannot be reached in Mijn Burgerprofiel."""
    if row["insz_status"] != "ontbreekt":
        return None
    return task(
        row["dossier_id"],
        "insz_aanvullen",
        "Zonder rijksregisternummer kan de bewoner het dossier niet volgen in Mijn Burgerprofiel.",
    )


def missing_consent_task(dossier_id: UUID, aanmelding_id: UUID, partner: str) -> NieuwBericht:
    """Ask for the consent that an aanmelding needs."""
    return task(
        dossier_id,
        "toestemming_vragen",
        f"De aanmelding bij {partner} vertrekt niet: er is geen geldige toestemming van de bewoner "
        "voor deze partner. Vraag de toestemming en registreer ze.",
        aanleiding=str(aanmelding_id),
    )


def _candidate(candidate: Mapping[str, str]) -> str:
    return candidate.get("adres") or f"gebouweenheid {candidate['gebouweenheid_id']}"
