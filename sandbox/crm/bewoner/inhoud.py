"""What a resident sees of a dossier: chosen from the CRM's rows, in the resident's own words.

A real CRM keeps the messages it had sent; this one has no table for them and reads those that
reached the resident through Notificaties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.crm.bewoner.woorden import (
    AANVRAAG_STANDEN,
    AANVRAGEN,
    DOCUMENTEN,
    STAPPEN,
    STATUSSEN,
    VOORTGANG,
)
from sandbox.crm.rijen import Rijen
from sandbox.crm.schema import PER_NAAM, format_moment
from sandbox.notificaties.opslag import Notificaties
from sandbox.world import World

_DOSSIER, _PROFIEL = PER_NAAM["dossier"], PER_NAAM["profiel"]
# In which pairs of a message its title and text stand.
_TITEL, _TEKST = "Status", "StatusDetail1"


@dataclass(frozen=True, slots=True)
class Stap:
    """A step: what, when (a moment or a day, as the CRM writes it; empty: not known), by whom."""

    wat: str
    wanneer: str
    wie: str


@dataclass(frozen=True, slots=True)
class Aanvraag:
    """An application: of what, its number, how it stands and since when; an amount in euro."""

    wat: str
    nummer: str
    stand: str
    sinds: str
    bedrag: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that was said: by whom, along which way, and when (UTC)."""

    wanneer: str
    weg: str
    titel: str
    tekst: str


def list_own(world: World, insz: str) -> list[dict[str, Any]]:
    """Return the dossiers of a resident, by their number."""
    profielen = world.state.query(
        "SELECT id FROM crm_rij WHERE tabel = 'profiel' AND gewist = 0"
        " AND replace(replace(replace(CAST(inhoud AS TEXT) ->> '$.rh_insz', '.', ''), '-', ''),"
        " ' ', '') = ?",
        (insz,),
    )
    found = [
        dossier
        for (profiel_id,) in profielen
        for dossier in world.rijen.list_of("dossier", "profiel", profiel_id)
        if dossier["rh_dossiernummer"]
    ]
    return sorted(found, key=lambda dossier: str(dossier["rh_dossiernummer"]))


def find_own(rijen: Rijen, insz: str, dossiernummer: str) -> dict[str, Any] | None:
    """Return a dossier of this resident; None for everyone else's and for one that is not there."""
    rij = rijen.find_by_key(_DOSSIER, dossiernummer)
    profiel_id = rij.velden["_rh_profiel_value"] if rij else None
    profiel = rijen.find(_PROFIEL, profiel_id) if profiel_id else None
    if rij is None or profiel is None:
        return None
    known = "".join(sign for sign in profiel.velden["rh_insz"] or "" if sign.isdigit())
    return rij.velden if known and known == insz else None


def collect(world: World, insz: str, dossier: dict[str, Any]) -> dict[str, Any]:
    """Return everything that the page shows of a resident's own dossier."""
    rijen, dossier_id = world.rijen, dossier["rh_dossierid"]
    vraag_id = dossier["_rh_vraag_value"]
    vraag = rijen.find(PER_NAAM["vraag"], vraag_id) if vraag_id else None
    gebeurd, gepland = _split_steps(rijen.list_of("stap", "dossier", dossier_id))
    aanvragen = [_tell_aanvraag(row) for row in rijen.list_of("aanvraag", "dossier", dossier_id)]
    nummers = [dossier["rh_dossiernummer"], *(one.nummer for one in aanvragen if one.nummer)]
    return {
        "dossier": dossier,
        "stand": describe_status(dossier),
        "aanvragen": aanvragen,
        "aanmeldingen": rijen.list_of("aanmelding", "dossier", dossier_id),
        "gebeurd": gebeurd,
        "gepland": gepland,
        "contacten": _list_contacts(world, insz, nummers, vraag.velden if vraag else None),
        "documenten": list_documents(rijen, dossier_id),
    }


def describe_status(dossier: dict[str, Any]) -> str:
    """Return in one sentence how far a dossier is."""
    if dossier["rh_status"] == "afgesloten":
        return STATUSSEN["afgesloten"]
    if not dossier["rh_startakkoord"]:
        return STATUSSEN["geen_akkoord"]
    voortgang = dossier["rh_voortgang"]
    return VOORTGANG.get(voortgang, STATUSSEN["open"]) if voortgang else STATUSSEN["open"]


def list_documents(rijen: Rijen, dossier_id: str) -> list[dict[str, Any]]:
    """Return the documents that are meant for the resident and can be opened, newest first."""
    rows = rijen.list_of("document", "dossier", dossier_id)[::-1]
    return [
        row | {"naam": row["rh_titel"] or DOCUMENTEN[row["rh_soort"]]}
        for row in rows
        if row["rh_soort"] in DOCUMENTEN and row["rh_inhoud"]
    ]


def _split_steps(rows: list[dict[str, Any]]) -> tuple[list[Stap], list[Stap]]:
    """Return what happened, newest first, and what is planned or asked, the first day first."""
    now = format_moment(datetime.now(UTC))
    gebeurd, gepland = [], []
    for row in rows:
        done, moment = row["rh_status"] == "gedaan", row["rh_gebeurdop"] or ""
        wat = _name_step(row, done=done)
        if wat is None:
            continue
        wie = row["rh_uitvoerder"] or ""
        if done and moment <= now:
            gebeurd.append(Stap(wat, moment, wie))
        else:
            gepland.append(Stap(wat, moment if done else row["rh_vervaldatum"] or "", wie))
    # The CRM tells whole seconds: of two in one, what was written down last stands above.
    gebeurd.reverse()
    gebeurd.sort(key=lambda stap: stap.wanneer, reverse=True)
    gepland.sort(key=lambda stap: stap.wanneer or "9999")
    return gebeurd, gepland


def _name_step(row: dict[str, Any], *, done: bool) -> str | None:
    """Return what a step says to the resident; None for a task of the consultant."""
    if row["rh_soort"] == "voortgang":
        # What happened is the first sentence; what follows it is for the consultant.
        first, _, _ = (row["rh_omschrijving"] or "").partition(". ")
        return f"{first.rstrip('.')}." if first else None
    # What a consultant typed with a step may be a note of theirs: it is not shown.
    open_words, done_words = STAPPEN.get(row["rh_soort"], ("", ""))
    return (done_words if done else open_words) or None


def _tell_aanvraag(row: dict[str, Any]) -> Aanvraag:
    """Return what an application says to the resident; the day is that of how it stands."""
    status = row["rh_status"] or ""
    day = {"aangevraagd": "aangevraagdop", "betaald": "betaaldop"}.get(status, "beslistop")
    bedrag = row["rh_bedrag"]
    return Aanvraag(
        row["rh_regeling"] or AANVRAGEN.get(row["rh_soort"], ""),
        row["rh_nummer"] or "",
        AANVRAAG_STANDEN.get(status, ""),
        row[f"rh_{day}"] or "",
        "" if bedrag is None else _write_euro(bedrag),
    )


def _write_euro(bedrag: float) -> str:
    """Write an amount as a reader in Flanders expects it: 1.250,50 euro."""
    return f"{bedrag:,.2f} euro".translate(str.maketrans(",.", ".,"))


def _list_contacts(
    world: World, insz: str, nummers: Sequence[str], vraag: dict[str, Any] | None
) -> list[Contact]:
    """Return what was said both ways of the dossier and its applications, newest first."""
    read = [one for nummer in nummers for one in Notificaties(world.state).list_read(nummer)]
    found = [
        Contact(
            bericht["bezorgd_op"],
            "Bericht in Mijn Burgerprofiel",
            bericht["waarden"].get(_TITEL, ""),
            bericht["waarden"].get(_TEKST, ""),
        )
        for bericht in read
        if bericht["insz"] == insz
    ]
    if vraag is not None:
        found.append(
            Contact(
                vraag["rh_ontvangenop"] or "",
                f"Uw vraag via {vraag['rh_kanaal'] or 'het Energieloket'}",
                vraag["rh_onderwerp"] or "",
                vraag["rh_tekst"] or "",
            )
        )
    return sorted(found, key=lambda contact: contact.wanneer, reverse=True)
