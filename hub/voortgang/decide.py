"""What follows from progress: the CRM learns of each event once, and how far an aanmelding is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from hub.canonical import to_canonical
from hub.database import execute, fetch_all
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.voortgang.seal import open_fields, voortgang_context
from hub.voortgang.tekst import describe

_PATH = "intermediate/decide_voortgang"
BATCH = 500


def decide_voortgang(engine: Engine, keyring: Keyring, *, batch: int = BATCH) -> dict[str, int]:
    """Write down what the CRM learns of the events that landed; deciding again adds nothing.

    Each event is one message with its step; where the event changes how far its aanmelding is, who
    advises or what the advice says, the aanmelding's row follows, and the dossier's when it is the
    newest of the dossier. Of an aanmelding that was withdrawn only the steps are told. Returns the
    number of events looked at and of new messages.
    """
    looked = told = 0
    while True:
        with engine.begin() as connection:
            rows = fetch_all(connection, _PATH, "undecided", aantal=batch)
            messages = [_message(row, keyring) for row in rows if row["dossier_bestaat"]]
            told += len(enqueue(connection, keyring, messages))
            execute(
                connection,
                _PATH,
                "mark",
                partners=[row["partner"] for row in rows],
                voortgang_ids=[row["voortgang_id"] for row in rows],
            )
            kill_point("in_decision")
        looked += len(rows)
        if len(rows) < batch:
            return {"gebeurtenissen": looked, "berichten": told}


def _message(row: Mapping[str, Any], keyring: Keyring) -> NieuwBericht:
    partner, voortgang_id = row["partner"], row["voortgang_id"]
    context = voortgang_context(partner, voortgang_id)
    adviseur = open_fields(row, context, keyring).get("adviseur")
    sleutel = f"voortgang:{partner}:{voortgang_id}"
    step = {
        "dossier_id": str(row["dossier_id"]),
        "soort": "voortgang",
        "status": "gedaan",
        "omschrijving": describe(row),
        "gebeurd_op": to_canonical(row["tijdstip"]),
        "uitvoerder": adviseur,
    }
    changes: list[dict[str, object]] = [
        {"tabel": "stap", "sleutel": sleutel, "create_only": True, "velden": step}
    ]
    if row["aanmelding_bestaat"] and not row["ingetrokken"] and _matters(row):
        changes.append(_change("aanmelding", row["aanmelding_id"], _stand(row, keyring)))
        if row["bepaalt_dossier"]:
            changes.append(_change("dossier", row["dossier_id"], {"voortgang": row["status"]}))
    return NieuwBericht(
        bestemming="crm",
        sleutel=sleutel,
        soort="voortgang",
        kenmerk=row["status"],
        dossier_id=row["dossier_id"],
        inhoud={"wijzigingen": changes},
    )


def _matters(row: Mapping[str, Any]) -> bool:
    """Tell whether the aanmelding's row may say something else because of this event."""
    named = row["adviseur_voortgang_id"] == row["voortgang_id"]
    return bool(row["bepaalt"] or row["advies_soort"] or named)


def _stand(row: Mapping[str, Any], keyring: Keyring) -> dict[str, object]:
    sealed = {
        "persoonsgegevens": row["adviseur_gegevens"],
        "sleutel_id": row["adviseur_sleutel_id"],
    }
    context = voortgang_context(row["partner"], str(row["adviseur_voortgang_id"]))
    return {
        "voortgang": row["stand_status"],
        "voortgang_op": to_canonical(row["stand_tijdstip"]),
        "advies_soort": row["advies_soorten"],
        "adviseur": open_fields(sealed, context, keyring).get("adviseur"),
    }


def _change(tabel: str, object_id: object, velden: Mapping[str, object]) -> dict[str, object]:
    return {"tabel": tabel, "object_id": str(object_id), "if_match": "*", "velden": velden}
