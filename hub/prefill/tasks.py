"""Tasks (stappen) in the CRM for what only a person can settle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hub.ledger.bericht import NieuwBericht

_SHOWN = 25
_WHY = {
    "onbekend": "De woning is niet gevonden in het adressenregister.",
    "verwijderd": "Het adres is niet meer in gebruik in het adressenregister.",
    "geweigerd": "Het adressenregister gaf een antwoord dat de hub niet aanvaardt; de beheerder is "
    "verwittigd.",
    "dubbelzinnig": "Er past meer dan één woning bij dit adres.",
    "onmogelijk": "De gekozen woning kan niet: {why}.",
}
_HOW = (
    "Verbeter het adres van het dossier, of vul bij deze taak als keuze het nummer van de juiste "
    "woning in (bijvoorbeeld: {example}). De hub vult het dossier dan aan en sluit de taak."
)
_STATUSSEN = {"inGebruik": "in gebruik"}


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
    """Ask the consultant to find or choose the dwelling, with the candidates the register gave.

    A choice that did not settle it asks anew, on a task of its own.
    """
    why = _WHY.get(row["uitkomst"])
    if why is None:
        return None
    shown = [_candidate(candidate) for candidate in row["kandidaten"][:_SHOWN]]
    lines = [
        why.format(why=row["pad"].partition(": ")[2]),
        _HOW.format(example=shown[0].partition(":")[0] if shown else "adres 123456"),
    ]
    if shown:
        lines += ["Mogelijk:", *(f"- {candidate}" for candidate in shown)]
    if len(row["kandidaten"]) > len(shown):
        lines.append(f"En nog {len(row['kandidaten']) - len(shown)} andere.")
    parts = [bytes(row["adres_hash"]).hex()]
    if row["keuze"]:
        parts += [str(row["keuze_stap_id"]), row["keuze"].replace(" ", "-")]
    return task(row["dossier_id"], "woning_kiezen", "\n".join(lines), aanleiding=":".join(parts))


def refused_epc_task(row: Mapping[str, Any]) -> NieuwBericht | None:
    """Tell the consultant that the source's certificate was not used, and what to do about it."""
    if row["epc_uitkomst"] != "geweigerd":
        return None
    return task(
        row["dossier_id"],
        "epc_nakijken",
        "De EPC-databank gaf voor deze woning een certificaat dat de hub niet aanvaardt: het hoort "
        "bij een ander adres of een andere gebouweenheid, of het spreekt zichzelf tegen. Er is "
        "niets van ingevuld; de beheerder is verwittigd. Kijk in de Woningpas na welk certificaat "
        "bij de woning hoort, en controleer of de juiste woning gekozen is.",
        aanleiding=str(row["woning_id"]),
    )


def finish_task(row: Mapping[str, Any]) -> NieuwBericht:
    """Return the message that marks a task done, unless a person changed it meanwhile."""
    return NieuwBericht(
        bestemming="crm",
        sleutel=f"{row['dossier_id']}:stap_gedaan:{row['stap_id']}:{row['etag']}",
        soort="stap_gedaan",
        kenmerk=row["soort"],
        dossier_id=row["dossier_id"],
        inhoud={
            "wijzigingen": [
                {
                    "tabel": "stap",
                    "object_id": str(row["stap_id"]),
                    "if_match": row["etag"],
                    "velden": {"status": "gedaan"},
                }
            ]
        },
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


def city_service_task(
    dossier_id: UUID, aanmelding_id: UUID, soort: str, dienst: str
) -> NieuwBericht:
    """Ask a service of the city itself to take this up: nothing leaves the CRM."""
    return task(
        dossier_id,
        "dienst_opnemen",
        f"De bewoner vraagt {soort.replace('_', ' ')}. Dit is voor {dienst}: neem het dossier op.",
        aanleiding=str(aanmelding_id),
    )


def _candidate(candidate: Mapping[str, str]) -> str:
    """Write a candidate: ``gebouweenheid 456: Kerkstraat 3 bus 1, 3001 Leuven (gepland)``."""
    if unit := candidate.get("gebouweenheid_id"):
        named = f"gebouweenheid {unit}"
    else:
        named = f"adres {candidate['adres_id']}"
    status = candidate.get("status") or ""
    text = f"{named}: {candidate['adres']}" if candidate.get("adres") else named
    return f"{text} ({_STATUSSEN.get(status, status)})" if status else text
