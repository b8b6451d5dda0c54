"""Read both sides of the partners' progress from the sandbox, apart from the hub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli import outside
from cli.state import State
from cli.voortgang import PARTNERS, SOORT, Beide, Gebeurtenis, InCrm, Rij, Stand


def read_both(state: State) -> Beide:
    """Ask both sides.

    Raises:
        CliError: the sandbox does not answer.
    """
    told = {naam: outside.control(state, "GET", f"{naam}/voortgang") for naam in PARTNERS}
    crm = outside.control(state, "GET", "crm/voortgang")
    return Beide(
        gebeurtenissen=[
            _event(naam, event) for naam in PARTNERS for event in told[naam]["gebeurtenissen"]
        ],
        standen=[
            Stand(naam, a["referentie"], a["dossiernummer"], a["stand"], a["intrekking"])
            for naam in PARTNERS
            for a in told[naam]["aanmeldingen"]
        ],
        stappen=[_step(row) for row in crm["stap"] if row["soort"] == SOORT],
        documenten=[
            _document(row)
            for row in crm["document"]
            if (row["sleutel"] or "").startswith("document:")
        ],
        aanmeldingen={
            row["id"]: InCrm(row["voortgang"], row["adviseur"]) for row in crm["aanmelding"]
        },
        dossiers={row["dossiernummer"]: row["voortgang"] for row in crm["dossier"]},
    )


def _event(partner: str, event: Mapping[str, Any]) -> Gebeurtenis:
    return Gebeurtenis(
        partner,
        event["id"],
        event["referentie"],
        event["dossiernummer"],
        event["status"],
        datetime.fromisoformat(event["tijdstip"]),
        datetime.fromisoformat(event["gewijzigdOp"]),
        event.get("adviseur"),
        {d["documentId"]: d["sha256"] for d in event.get("documenten", ())},
    )


def _step(row: Mapping[str, Any]) -> Rij:
    moment = row["gebeurdop"]
    return Rij(
        row["id"],
        row["sleutel"],
        row["dossiernummer"],
        gebeurd_op=None if moment is None else datetime.fromisoformat(moment),
    )


def _document(row: Mapping[str, Any]) -> Rij:
    return Rij(
        row["id"],
        row["sleutel"],
        row["dossiernummer"],
        inhoud=row["inhoud_sha256"],
        genoteerd=row["sha256"],
    )
