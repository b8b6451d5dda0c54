"""Decide what each dossier of a batch gets in the CRM, and write it down in the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.batch import find_batch, mark_again
from hub.canonical import to_canonical
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.prefill.fields import (
    Beslissing,
    Eerder,
    Gegeven,
    VeldBesluit,
    decide_fields,
    lapsed_fields,
)
from hub.prefill.tasks import finish_task, missing_insz_task, refused_epc_task, woning_task

_PATH = "intermediate/decide_prefill"


def decide_prefill(engine: Engine, keyring: Keyring, *, naam: str) -> dict[str, int]:
    """Write down one CRM message per dossier with something new, and a task where one is needed.

    Decision and message are one transaction; a decision that was taken before adds nothing. What
    persons decided about suggestions is remembered first.
    Returns the number of messages per kind.
    """
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        execute(connection, _PATH, "remember", batch_id=batch_id)
        waiting = fetch_all(connection, _PATH, "to_come_back", batch_id=batch_id)
        mark_again(connection, batch_id, [row["dossier_id"] for row in waiting])
        rows = fetch_all(connection, _PATH, "dossiers", batch_id=batch_id)
        gegevens = _gegevens(connection, batch_id)
        eerder = _eerder(connection, batch_id)
        landed = _landed(connection, batch_id)
        refused = _refused(connection, batch_id)
        open_tasks: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for stap in fetch_all(connection, _PATH, "open_tasks", batch_id=batch_id):
            open_tasks[stap["dossier_id"]].append(stap)
        messages: list[NieuwBericht] = []
        decided: dict[str, tuple[Mapping[str, Any], list[VeldBesluit], Mapping[str, bytes]]] = {}
        for row in rows:
            values = gegevens.get(row["woning_id"], [])
            hashes = {g.veld: _hash(g, keyring) for g in values}
            decisions = decide_fields(
                values,
                row["voorinvulling"],
                eerder[row["dossier_id"]],
                hashes,
                _beslissingen(landed[row["dossier_id"]], refused[row["dossier_id"]]),
            )
            if row["woning_id"] is not None:
                # Without a dwelling nobody knows whether a value lapsed: it stays as it is.
                decisions += _lapsed(values, row["voorinvulling"], eerder[row["dossier_id"]])
            in_crm = landed[row["dossier_id"]]
            decisions = [d for d in decisions if _is_seen(d, eerder[row["dossier_id"]], in_crm)]
            if decisions:
                message = _message(row, decisions, in_crm, keyring)
                decided[message.sleutel] = (row, decisions, hashes)
                messages.append(message)
            asked = (woning_task(row), refused_epc_task(row), missing_insz_task(row))
            wanted = [task for task in asked if task is not None]
            keys = {task.sleutel for task in wanted}
            open_now = open_tasks[row["dossier_id"]]
            messages += [finish_task(stap) for stap in open_now if stap["sleutel"] not in keys]
            messages += wanted
        added = enqueue(connection, keyring, messages)
        copy_rows(
            connection,
            _PATH,
            (
                (row["dossier_id"], d.gegeven.veld, d.soort, d.gegeven.waarde,
                 hashes.get(d.gegeven.veld, b""), row["etag"] if d.schrijf else None,
                 added[("crm", sleutel)])
                for sleutel, (row, decisions, hashes) in decided.items()
                if ("crm", sleutel) in added
                for d in decisions
            ),
        )  # fmt: skip
        kill_point("in_decision")
        filled = sum(1 for sleutel in decided if ("crm", sleutel) in added)
    return {"voorinvulling": filled, "stap": len(added) - filled}


def _gegevens(connection: Connection, batch_id: UUID) -> dict[UUID, list[Gegeven]]:
    order = list(load_config("velden"))
    per_woning: dict[UUID, list[Gegeven]] = defaultdict(list)
    for row in fetch_all(connection, _PATH, "gegevens", batch_id=batch_id):
        values = dict(row)
        woning_id = values.pop("woning_id")
        for name in ("opgehaald_op", "geldig_tot"):
            values[name] = to_canonical(values[name])
        if values["veld"] in order:
            per_woning[woning_id].append(Gegeven(**values))
    for found in per_woning.values():
        found.sort(key=lambda gegeven: order.index(gegeven.veld))
    return per_woning


def _eerder(connection: Connection, batch_id: UUID) -> dict[UUID, dict[str, Eerder]]:
    per_dossier: dict[UUID, dict[str, Eerder]] = defaultdict(dict)
    for row in fetch_all(connection, _PATH, "earlier", batch_id=batch_id):
        per_dossier[row["dossier_id"]][row["veld"]] = Eerder(
            row["soort"], bytes(row["herkomst_hash"]), row["zelf_geschreven"], row["waarde"]
        )
    return per_dossier


def _landed(connection: Connection, batch_id: UUID) -> dict[UUID, dict[str, Mapping[str, Any]]]:
    """Return, per dossier and field, the suggestion as the CRM last showed it."""
    per_dossier: dict[UUID, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in fetch_all(connection, _PATH, "landed", batch_id=batch_id):
        per_dossier[row["dossier_id"]][row["veld"]] = row
    return per_dossier


def _refused(connection: Connection, batch_id: UUID) -> dict[UUID, dict[str, set[str]]]:
    per_dossier: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in fetch_all(connection, _PATH, "refused", batch_id=batch_id):
        per_dossier[row["dossier_id"]][row["veld"]].add(row["waarde"])
    return per_dossier


def _beslissingen(
    landed: Mapping[str, Mapping[str, Any]], refused: Mapping[str, set[str]]
) -> dict[str, Beslissing]:
    return {
        veld: Beslissing(
            landed[veld]["aanvaard"] if veld in landed else None,
            frozenset(refused.get(veld, ())),
        )
        for veld in {*landed, *refused}
    }


def _is_seen(
    decision: VeldBesluit,
    eerder: Mapping[str, Eerder],
    landed: Mapping[str, Mapping[str, Any]],
) -> bool:
    """Tell whether the suggestion that stands now was seen as the CRM holds it.

    Until it landed a person may have decided on it: then it is not replaced yet. It rings when it
    lands.
    """
    known = eerder.get(decision.gegeven.veld)
    return known is None or known.soort != "suggestie" or decision.gegeven.veld in landed


def _hash(gegeven: Gegeven, keyring: Keyring) -> bytes:
    return keyring.content_hash(json.dumps(gegeven.herkomst).encode())


def _lapsed(
    values: Sequence[Gegeven], in_crm: Mapping[str, str], eerder: Mapping[str, Eerder]
) -> list[VeldBesluit]:
    now = to_canonical(datetime.now(UTC)) or ""
    sources = load_config("velden")
    return [
        VeldBesluit(
            Gegeven(veld, "", sources[veld]["bron"], "vervallen", None, now, None, False),
            "vervallen",
            schrijf=True,
        )
        for veld in lapsed_fields(values, in_crm, eerder)
    ]


def _message(
    row: Mapping[str, Any],
    decisions: Sequence[VeldBesluit],
    landed: Mapping[str, Mapping[str, Any]],
    keyring: Keyring,
) -> NieuwBericht:
    dossier_id: UUID = row["dossier_id"]
    fields = {d.gegeven.veld: d.gegeven.waarde or None for d in decisions if d.schrijf}
    changes: list[dict[str, Any]] = []
    if fields:
        changes.append(
            {
                "tabel": "dossier",
                "object_id": str(dossier_id),
                "if_match": row["etag"],
                "velden": fields,
            }
        )
    changes += [
        _gegeven_change(dossier_id, decision, landed.get(decision.gegeven.veld))
        for decision in decisions
    ]
    content = {"wijzigingen": changes}
    digest = keyring.content_hash(json.dumps(content, sort_keys=True).encode()).hex()
    return NieuwBericht(
        bestemming="crm",
        sleutel=f"{dossier_id}:voorinvulling:{digest}",
        soort="voorinvulling",
        dossier_id=dossier_id,
        inhoud=content,
    )


def _gegeven_change(
    dossier_id: UUID, decision: VeldBesluit, landed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the row beside the field; what a person decided on an earlier value goes with it."""
    gegeven = decision.gegeven
    held = decision.soort in ("geschreven", "gelijk")
    change: dict[str, Any] = {
        "tabel": "gegeven",
        "sleutel": f"{dossier_id}:{gegeven.veld}",
        "velden": {
            "dossier_id": str(dossier_id),
            "veld": gegeven.veld,
            "waarde": gegeven.waarde if held else None,
            "suggestie": gegeven.waarde if decision.soort == "suggestie" else None,
            "bron": gegeven.bron,
            "bron_object": gegeven.bron_object,
            "bron_versie": gegeven.bron_versie,
            "opgehaald_op": gegeven.opgehaald_op,
            "geldig_tot": gegeven.geldig_tot,
            "afgeleid": gegeven.afgeleid,
        },
    }
    if landed is not None:
        change["velden"]["beslissing"] = None
        if landed["etag"] is not None:
            change["if_match"] = landed["etag"]
    return change
