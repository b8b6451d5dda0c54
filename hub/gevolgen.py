"""What follows from a delivery: the CRM learns of it, and the resident sees the new status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from hub.aanmelding import withdrawal
from hub.aanvragen import report_onbekende_aanvragen
from hub.canonical import to_canonical
from hub.channels.dosis import VERWIJDERING
from hub.config import load_config
from hub.database import execute, fetch_all
from hub.dossierstatus import AANVRAAG, list_aanvraag_parameters, load_lezingen
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.melding.decide import decide_meldingen
from hub.stappen import report_onbekende_stappen

_PATH = "intermediate/decide_gevolgen"
_INGEHAALD = "een nieuwere status neemt de plaats in"


def decide_gevolgen(engine: Engine, keyring: Keyring) -> dict[str, int]:
    """Write down what confirmed deliveries bring about; deciding again adds nothing.

    Returns the number of new messages per kind.
    """
    with engine.begin() as connection:
        confirmed = fetch_all(connection, _PATH, "sent_aanmeldingen")
        to_crm = [_sent_message(row) for row in confirmed]
        to_crm += [
            _withdrawn_message(row)
            for row in fetch_all(connection, _PATH, "withdrawn_aanmeldingen")
        ]
        # Consent that ended while the aanmelding was on its way: it arrived, so take it back.
        ended = [row for row in confirmed if not row["toegestaan"]]
        ended += fetch_all(connection, "intermediate/decide_intrekkingen", "by_the_clock")
        to_partner = [
            withdrawal(row["dossier_id"], row["bestemming"], row["aanmelding_id"]) for row in ended
        ]
        # First: a withdrawal that is decided now says how its dossier is.
        added = enqueue(connection, keyring, [*to_crm, *to_partner])
        superseded = _want_statuses(connection)
        statuses = [
            _status_message(row)
            for row in fetch_all(connection, _PATH, "statuses", reden=_INGEHAALD)
        ]
        removals = [
            _removal_message(row)
            for row in fetch_all(
                connection,
                _PATH,
                "removals",
                dagen=load_config("dossierstatus")["verwijderen_na_dagen"],
            )
        ]
        added |= enqueue(connection, keyring, [*statuses, *removals])
        superseded += execute(connection, "intermediate/decide_woningfiches", "supersede")
    removed = sum(1 for message in removals if ("dosis", message.sleutel) in added)
    report_onbekende_stappen(engine)
    report_onbekende_aanvragen(engine)
    told = decide_meldingen(engine, keyring)
    per_destination = Counter(bestemming for bestemming, _ in added)
    return {
        "aanmelding": per_destination["crm"],
        "intrekking": sum(1 for _, sleutel in added if sleutel.startswith("intrekking:")),
        "dossierstatus": per_destination["dosis"] - removed,
        "dossierverwijdering": removed,
        "ingehaald": superseded,
        **told,
    }


def _want_statuses(connection: Connection) -> int:
    """Find the status of every dossier and application; put aside what waits and does not hold.

    Returns how many were put aside.
    """
    lezingen = [one for one in load_lezingen().values() if one.tabel != AANVRAAG]
    execute(connection, _PATH, "create_wanted")
    execute(
        connection,
        _PATH,
        "fill_wanted",
        namen=[lezing.naam for lezing in lezingen],
        soorten=[lezing.soort for lezing in lezingen],
        standen=[lezing.stand for lezing in lezingen],
        noemt_dag=[lezing.noemt_dag for lezing in lezingen],
    )
    execute(connection, _PATH, "fill_wanted_aanvragen", **list_aanvraag_parameters())
    return execute(connection, _PATH, "supersede", reden=_INGEHAALD)


def _sent_message(row: Mapping[str, Any]) -> NieuwBericht:
    fields = {
        "status": "verzonden",
        "verzonden_op": to_canonical(row["beeindigd_op"]),
        "ontvangst": row["ontvangst"],
    }
    return _aanmelding_message(row, "verzonden", fields)


def _withdrawn_message(row: Mapping[str, Any]) -> NieuwBericht:
    """Return what the CRM learns; the dossier shows the progress of what is left."""
    fields = {"status": "ingetrokken", "ontvangst": row["ontvangst"]}
    if not row["had_voortgang"]:
        return _aanmelding_message(row, "ingetrokken", fields)
    dossier = _change("dossier", row["dossier_id"], {"voortgang": row["dossier_voortgang"]})
    return _aanmelding_message(row, "ingetrokken", fields, dossier)


def _aanmelding_message(
    row: Mapping[str, Any], event: str, fields: Mapping[str, object], *others: Mapping[str, object]
) -> NieuwBericht:
    return NieuwBericht(
        bestemming="crm",
        sleutel=f"{event}:{row['aanmelding_id']}",
        soort=f"aanmelding_{event}",
        dossier_id=row["dossier_id"],
        inhoud={"wijzigingen": [_change("aanmelding", row["aanmelding_id"], fields), *others]},
    )


def _change(tabel: str, object_id: object, velden: Mapping[str, object]) -> dict[str, object]:
    return {"tabel": tabel, "object_id": str(object_id), "if_match": "*", "velden": velden}


def _status_message(row: Mapping[str, Any]) -> NieuwBericht:
    """Return the message of a status; its content is composed when it is first claimed."""
    status: str = row["status"]
    unreachable = row["insz_status"] == "ontbreekt"
    return NieuwBericht(
        bestemming="dosis",
        sleutel=row["sleutel"],
        soort="dossierstatus",
        kenmerk=status,
        dossier_id=row["dossier_id"],
        inhoud=None,
        overgeslagen="de bewoner heeft geen INSZ in het CRM en is niet bereikbaar"
        if unreachable
        else None,
    )


def _removal_message(row: Mapping[str, Any]) -> NieuwBericht:
    """Return the message that takes a dossier away from the resident's portal."""
    return NieuwBericht(
        bestemming="dosis",
        sleutel=row["sleutel"],
        soort=VERWIJDERING,
        dossier_id=row["dossier_id"],
        inhoud={"dossiernummer": row["dossiernummer"]},
    )
