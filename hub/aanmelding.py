"""Sign a resident up at a partner, and withdraw: decided from the CRM and the consent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from hub.batch import find_batch
from hub.canonical import to_canonical
from hub.database import fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht, Toestemming
from hub.ledger.enqueue import enqueue
from hub.persoon import open_persoonsgegevens
from hub.prefill.tasks import missing_consent_task
from hub.woning.adres import parse_adres

_PATH = "intermediate/decide_aanmeldingen"


def decide_aanmeldingen(engine: Engine, keyring: Keyring, *, naam: str) -> dict[str, int]:
    """Write down the aanmeldingen of the batch that may leave; ask for consent where it lacks.

    What a partner holds while the consent no longer stands is withdrawn. The aanmelding's id is the
    partner's reference, so that deciding again adds nothing. Consent is read again when the message
    is claimed. Returns the number of new messages per kind.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        known: dict[UUID, dict[str, str]] = defaultdict(dict)
        for row in fetch_all(connection, _PATH, "gegevens", batch_id=batch_id):
            known[row["woning_id"]][row["veld"]] = row["waarde"]
        messages = [
            _message(row, known.get(row["woning_id"], {}), keyring)
            if row["toegestaan"]
            else missing_consent_task(row["dossier_id"], row["aanmelding_id"], row["partner"])
            for row in fetch_all(connection, _PATH, "asked", batch_id=batch_id)
        ]
        messages += [
            withdrawal(row["dossier_id"], row["bestemming"], row["aanmelding_id"])
            for row in fetch_all(
                connection, "intermediate/decide_intrekkingen", "of_batch", batch_id=batch_id
            )
        ]
        added = enqueue(connection, keyring, messages)
    kinds = Counter(message.soort for message in messages if _key(message) in added)
    return {
        "aanmelding": kinds["aanmelding"],
        "toestemming_vragen": kinds["stap"],
        "intrekking": kinds["intrekking"],
    }


def withdrawal(dossier_id: UUID, partner: str, aanmelding_id: UUID) -> NieuwBericht:
    """Return the message that withdraws an aanmelding; it needs no consent and goes first."""
    return NieuwBericht(
        bestemming=partner,
        sleutel=f"intrekking:{aanmelding_id}",
        soort="intrekking",
        dossier_id=dossier_id,
        prioriteit=1,
        inhoud={"aanmelding_id": str(aanmelding_id)},
    )


def _key(message: NieuwBericht) -> tuple[str, str]:
    return (message.bestemming, message.sleutel)


def _message(row: Mapping[str, Any], known: Mapping[str, str], keyring: Keyring) -> NieuwBericht:
    person = open_persoonsgegevens(
        "profiel", row["profiel_id"], row["profiel_gegevens"], row["profiel_sleutel_id"], keyring
    )
    adres = parse_adres(
        straat=row["straat"],
        huisnummer=row["huisnummer"],
        busnummer=row["busnummer"],
        postcode=row["postcode"],
        gemeente=row["gemeente"],
    )
    return NieuwBericht(
        bestemming=row["partner"],
        sleutel=f"aanmelding:{row['aanmelding_id']}",
        soort="aanmelding",
        kenmerk=row["soort"],
        dossier_id=row["dossier_id"],
        toestemming=Toestemming(row["profiel_id"], row["soort"]),
        inhoud={
            "aanmelding_id": str(row["aanmelding_id"]),
            "dossiernummer": row["dossiernummer"],
            "gemaakt_op": to_canonical(row["gewijzigd_op"]),
            "bewoner": {name: person[name] for name in ("voornaam", "naam", "email", "telefoon")},
            "woning": {
                "straat": adres.straat,
                "huisnummer": adres.huisnummer,
                "busnummer": adres.busnummer,
                "postcode": adres.postcode,
                "gemeente": adres.gemeente,
                **known,
            },
            "vraag": _question(row, keyring),
        },
    )


def _question(row: Mapping[str, Any], keyring: Keyring) -> str | None:
    if row["vraag_id"] is None:
        return None
    opened = open_persoonsgegevens(
        "vraag", row["vraag_id"], row["vraag_gegevens"], row["vraag_sleutel_id"], keyring
    )
    parts = [opened.get("onderwerp"), opened.get("tekst")]
    return "\n".join(part for part in parts if part) or None
