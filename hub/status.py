"""What the resident sees of a dossier: composed from the facts when its message first leaves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.bewonerspagina import make_link
from hub.config import load_config
from hub.database import fetch_all
from hub.dossierstatus import AANVRAAG, STAP, list_regelingen, load_lezingen
from hub.keys import Keyring
from hub.ledger.bericht import VerzegeldBericht
from hub.persoon import open_persoonsgegevens
from hub.voortgang.tekst import name_partner, name_soort, name_soorten, write_date, write_day

_PATH = "intermediate/compose_statuses"
_OF_THE_HUB = ("gestart", "aangemeld", "ingetrokken")
# A status that is told again has the number of the one before it behind its key.
_AGAIN = re.compile(r" na \d+\Z")


def compose_statuses(
    connection: Connection, keyring: Keyring, berichten: Sequence[VerzegeldBericht]
) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the content of each status message; none for who cannot be reached any more.

    The moment of change (UTC) is now: it tells this upload from every other of the dossier.

    Raises:
        BewonerspaginaError: the address of the resident's page cannot be used; nothing is claimed.
    """
    dossier_ids = [bericht.dossier_id for bericht in berichten]
    residents = {
        row["burgerdossier_id"]: row
        for row in fetch_all(connection, _PATH, "residents", dossier_ids=dossier_ids)
    }
    signed_up: dict[UUID, list[str]] = defaultdict(list)
    for row in fetch_all(connection, _PATH, "aangemeld", dossier_ids=dossier_ids):
        signed_up[row["dossier_id"]].append(row["soort"])
    events = (
        _read_events(connection, berichten)
        | _read_steps(connection, berichten)
        | _read_aanvragen(berichten)
    )
    contents = {}
    for bericht in berichten:
        if bericht.dossier_id not in residents:
            continue
        event = events.get(bericht.bericht_id)
        if event is None and bericht.kenmerk not in _OF_THE_HUB:
            continue  # past its retention term, out of the CRM, or no scheme that the hub knows
        if bericht.kenmerk not in load_lezingen():
            continue  # it left the table of statuses since
        if bericht.kenmerk == "aangemeld" and not signed_up[bericht.dossier_id]:
            continue  # withdrawn meanwhile: what holds now has a message of its own
        told = _tell(str(bericht.kenmerk), event, signed_up[bericht.dossier_id])
        contents[bericht.bericht_id] = _content(residents[bericht.dossier_id], told, keyring)
    return contents


def _read_events(
    connection: Connection, berichten: Sequence[VerzegeldBericht]
) -> dict[UUID, Mapping[str, Any]]:
    """Return the event behind each status that came of progress."""
    asked = []
    for bericht in berichten:
        _, _, told = bericht.sleutel.partition(":")
        partner, _, voortgang_id = told.partition(":")
        # Both as it is written and without what may be the number: an id may end like one.
        asked += [
            (bericht.bericht_id, partner, one)
            for one in {voortgang_id, _AGAIN.sub("", voortgang_id)}
            if one
        ]
    rows = fetch_all(
        connection,
        _PATH,
        "voortgang",
        bericht_ids=[bericht_id for bericht_id, _, _ in asked],
        partners=[partner for _, partner, _ in asked],
        voortgang_ids=[voortgang_id for _, _, voortgang_id in asked],
    )
    return {row["bericht_id"]: row for row in rows}


def _read_steps(
    connection: Connection, berichten: Sequence[VerzegeldBericht]
) -> dict[UUID, Mapping[str, Any]]:
    """Return, behind each status that came of a step that is still there, the day in its key."""
    asked: dict[UUID, tuple[UUID, str]] = {}
    for bericht in berichten:
        _, _, told = bericht.sleutel.partition(":")
        if told.startswith(f"{STAP}:"):
            _, stap_id, _, dag = (*_AGAIN.sub("", told).split(":"), "")[:4]
            asked[bericht.bericht_id] = UUID(stap_id), dag
    there = {
        (row["dossier_id"], row["stap_id"])
        for row in fetch_all(
            connection, _PATH, "stappen", stap_ids=[stap_id for stap_id, _ in asked.values()]
        )
    }
    return {
        bericht.bericht_id: {"dag": asked[bericht.bericht_id][1]}
        for bericht in berichten
        if bericht.bericht_id in asked
        and (bericht.dossier_id, asked[bericht.bericht_id][0]) in there
    }


def _read_aanvragen(berichten: Sequence[VerzegeldBericht]) -> dict[UUID, Mapping[str, Any]]:
    """Return the scheme behind each status of an application, as its key has it."""
    found: dict[UUID, Mapping[str, Any]] = {}
    for bericht in berichten:
        _, _, told = bericht.sleutel.partition(":")
        lezing = load_lezingen().get(str(bericht.kenmerk))
        if lezing is None or lezing.tabel != AANVRAAG:
            continue
        regeling = _AGAIN.sub("", told).split(":", 2)[2]
        product = list_regelingen(str(lezing.soort)).get(regeling)
        if product is not None:
            found[bericht.bericht_id] = {"regeling": regeling, "product": product}
    return found


def _tell(
    status: str, event: Mapping[str, Any] | None, signed_up: Sequence[str]
) -> dict[str, object]:
    """Return code, phase, text and product of a status, and what it asks of the resident."""
    shown = load_lezingen()[status]
    detail, product, regeling = shown.detail, shown.product, None
    if event is None:
        names = {"soort": name_soorten(signed_up)}
    elif "regeling" in event:
        product, regeling = event["product"], event["regeling"]
        names = {"regeling": regeling}
    elif "dag" in event:
        names = {"dag": write_date(date.fromisoformat(event["dag"])) if event["dag"] else ""}
    else:
        detail = shown.per_soort.get(event["soort"], detail)
        names = {
            "soort": name_soort(event["soort"]),
            "partner": name_partner(event["partner"]),
            "dag": write_day(event["tijdstip"]),
        }
    return {
        "code": shown.code,
        "fase": shown.fase,
        "detail": detail.format(**names),
        "actie": None if shown.actie is None else shown.actie.format(**names),
        "product": product,
        "regeling": regeling,
    }


def _content(
    row: Mapping[str, Any], told: Mapping[str, object], keyring: Keyring
) -> dict[str, Any]:
    person = open_persoonsgegevens(
        "profiel", row["profiel_id"], row["persoonsgegevens"], row["sleutel_id"], keyring
    )
    config = load_config("dossierstatus")
    return {
        "dossiernummer": row["nummer"],
        "naam": told["regeling"] or config["naam"],
        "datum_modificatie": datetime.now(UTC).isoformat(),
        "dienst": config["dienst"],
        "insz": person["insz"],
        "doorverwijzing": make_link(row["dossiernummer"]),
        **told,
    }
