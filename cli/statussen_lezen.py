"""Read what the CRM, the partners and the ledger say of the dossiers, and what DOSIS shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from cli import outside
from cli.state import State
from cli.statussen import Boek, Dossier, Eigen, Getoond, Regel, Stap
from cli.statussen_aanvragen import Aanvraag
from cli.voortgang import Beide, find_standing
from hub.config import load_config
from hub.database import fetch_all
from hub.dossierstatus import load_lezingen

RECEIVERS = ("dosis", "notificaties")
_AANVRAAG = ("nummer", "dossiernummer", "soort", "regeling", "status")
_REPORTED = "crm stap "
_WHAT = {"aanmelding": "aangemeld", "intrekking": "ingetrokken"}


def read_boek(state: State, engine: Engine, beide: Beide) -> Boek:
    """Ask everything but the journals; ``engine`` may read the ledger, ``beide`` was read before.

    Raises:
        CliError: the sandbox does not answer.
    """
    crm = outside.control(state, "GET", "crm/stand")
    with engine.begin() as connection:
        rows = fetch_all(connection, "ops/storm", "eigen")
        reported = fetch_all(connection, "ops/storm", "onbekende_stappen")
    return Boek(
        dossiers=[_dossier(row) for row in crm["dossier"] if row["dossiernummer"]],
        stappen=[_step(row) for row in crm["stap"] if row["dossiernummer"]],
        aanvragen=[
            Aanvraag(*(row[name] for name in _AANVRAAG))
            for row in crm["aanvraag"]
            if row["nummer"] and row["dossiernummer"]
        ],
        eigen=[own for row in rows if (own := _own(row)) is not None],
        stand=find_standing(beide),
        gehoord=frozenset(g.referentie for g in beide.gebeurtenissen),
        getoond={
            number: Getoond(**shown)
            for number, shown in outside.control(state, "GET", "dosis/standen").items()
        },
        lezingen=list(load_lezingen().values()),
        taken=frozenset(load_config("dossierstatus")["taken"]),
        gemeld=frozenset(row["onderwerp"].removeprefix(_REPORTED) for row in reported),
    )


def read_regels(state: State) -> list[Regel]:
    """Return what had an effect in Mijn Burgerprofiel, in its order.

    Raises:
        CliError: the sandbox does not answer.
    """
    return [
        Regel(systeem, line["correlatie_id"], line["dossiernummer"])
        for systeem in RECEIVERS
        for line in outside.list_effects(state, systeem)
    ]


def _dossier(row: Mapping[str, Any]) -> Dossier:
    ends: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for consent in row["toestemmingen"]:
        if consent["tot"] is not None:
            ends[consent["soort"], consent["partner"]].append(_moment(consent["tot"]))
    agreed = row["start_akkoord_op"]
    return Dossier(
        row["dossiernummer"],
        row["start_akkoord"],
        None if agreed is None else _moment(agreed),
        row["bereikbaar"],
        row["voorkeur"],
        ends,
    )


def _step(row: Mapping[str, Any]) -> Stap:
    happened, planned = row["gebeurdop"], row["vervaldatum"]
    return Stap(
        row["id"],
        row["dossiernummer"],
        row["soort"],
        row["status"],
        _moment(row["gewijzigdop"]),
        None if happened is None else _moment(happened),
        None if planned is None else date.fromisoformat(planned),
    )


def _own(row: Mapping[str, Any]) -> Eigen | None:
    """Read a message of the ledger; a withdrawal speaks from when it was written down."""
    wat = _WHAT.get(row["soort"], "ingevuld")
    confirmed = row["stand"] == "bevestigd"
    if wat != "ingetrokken" and not confirmed:
        return None
    return Eigen(
        row["dossiernummer"],
        wat,
        row["aangemaakt_op"] if wat == "ingetrokken" else row["beeindigd_op"],
        row["bestemming"],
        row["kenmerk"] or "",
        row["sleutel"].partition(":")[2],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
