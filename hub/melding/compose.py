"""The content of a message: composed from the facts when it first leaves, then frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.bewonerspagina import make_link
from hub.config import load_config
from hub.database import fetch_all
from hub.keys import Keyring
from hub.ledger.bericht import VerzegeldBericht
from hub.melding.regels import BRUSSELS
from hub.melding.sjabloon import SjabloonError, render
from hub.melding.status import Status, open_status
from hub.persoon import open_persoonsgegevens

_PATH = "intermediate/decide_meldingen"


def compose_meldingen(
    connection: Connection, keyring: Keyring, berichten: Sequence[VerzegeldBericht]
) -> Mapping[UUID, Mapping[str, Any]]:
    """Return the content of each message; none for who may not be told any more.

    It says what the status says that the resident sees, to the letter.
    """
    dossier_ids = [bericht.dossier_id for bericht in berichten]
    residents = {
        row["burgerdossier_id"]: row
        for row in fetch_all(connection, _PATH, "residents", dossier_ids=dossier_ids)
    }
    sleutels = [bericht.sleutel for bericht in berichten]
    sealed = {
        row["sleutel"]: row for row in fetch_all(connection, _PATH, "statuses", sleutels=sleutels)
    }
    composed: dict[UUID, Mapping[str, Any]] = {}
    for bericht in berichten:
        row, told = residents.get(bericht.dossier_id), sealed.get(bericht.sleutel)
        if row is None or told is None:
            continue
        status = open_status(
            str(bericht.kenmerk), bericht.sleutel, told["inhoud"], told["sleutel_id"], keyring
        )
        if status is None:
            continue
        try:
            shown = make_inhoud(
                status, row["nummer"], datetime.now(UTC), dossiernummer=row["dossiernummer"]
            )
        except SjabloonError:
            # The template was broken since it was decided.
            continue
        person = open_persoonsgegevens(
            "profiel", row["profiel_id"], row["persoonsgegevens"], row["sleutel_id"], keyring
        )
        composed[bericht.bericht_id] = shown | {"insz": person["insz"]}
    return composed


def make_inhoud(
    status: Status, nummer: str, nu: datetime, *, dossiernummer: str | None = None
) -> dict[str, Any]:
    """Return what a message says of a status, without the person; ``nu`` with an offset.

    ``dossiernummer``: the renovation dossier to whose page it leads, when ``nummer`` is that of an
    application.

    Raises:
        SjabloonError: the status has no words.
        BewonerspaginaError: the address of the resident's page cannot be used.
    """
    config, dossierstatus = load_config("melding"), load_config("dossierstatus")
    words = render(status, nummer)
    waarden = {
        "DossierNummer": nummer,
        "StatusVlaamseCode": status.code,
        "StatusVlaamseFase": status.fase,
        "DossierNaam": status.regeling or dossierstatus["naam"],
        config["titel_sleutel"]: words.titel,
        config["tekst_sleutel"]: words.tekst,
    }
    link = make_link(dossiernummer or nummer)
    if link is not None:
        waarden["DocumentLinkUri"] = link
        waarden["ExterneLinkNaam"] = config["link_naam"]
    last_day = nu.astimezone(BRUSSELS).date() + timedelta(days=config["geldig_dagen"])
    return {
        "aanbieder_uri": config["aanbieder_uri"],
        "merk_code": config["merk_code"],
        "categorie": config["categorie"],
        "kanalen": list(config["kanalen"]),
        "product": status.product,
        "transactie_id": f"{config['aanbieder_uri']}{nummer}",
        "datum": nu.isoformat(),
        "vervaldatum": last_day.isoformat(),
        "waarden": waarden,
    }
