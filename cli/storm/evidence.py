"""Read what both sides say: the journals and the CRM's rows, the ledger. No value is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cli import outside
from cli.database import locate
from cli.services import Services
from cli.state import State
from cli.statussen_lezen import read_boek, read_regels
from cli.storm.facts import (
    Aanmelding,
    Bericht,
    Dossier,
    Effect,
    Evidence,
    Getypt,
    Poging,
    Stilstand,
    Toestemming,
)
from cli.storm.plan import VELDEN
from cli.voortgang import PARTNERS
from cli.voortgang_lezen import read_both
from connectors.crm.client import CrmClient, open_client
from connectors.crm.models import CrmRecord
from hub.database import fetch_all, make_engine

RECEIVERS = ("crm", "dialoog", "igo", "dosis", "notificaties")
PAGE = 1000
_WRONG = "crm_fout_"


def gather(
    services: Services,
    residents: Sequence[str],
    getypt: Sequence[Getypt],
    *,
    delay: float,
    onderweg: Mapping[str, float],
) -> Evidence:
    """Return the evidence; `delay` is the longest pause that was ordered at a partner.

    `onderweg`: see Evidence.
    """
    state = services.state
    effects = [effect for systeem in RECEIVERS for effect in read_effects(state, systeem)]
    crm = _crm(state)
    profielen = {
        str(record.object_id): record.velden.get("insz") for record in _rows(crm, "profiel")
    }
    told = {
        str(record.velden["dossier_id"])
        for tabel in ("gegeven", "stap")
        for record in _rows(crm, tabel)
        if tabel == "gegeven" or record.velden["soort"] == "woning_kiezen"
    }
    truths = {number: outside.control(state, "GET", f"stad/{number}") for number in residents}
    dossiers = [
        _dossier(record, truths[str(record.velden["dossiernummer"])], profielen, told)
        for record in _rows(crm, "dossier")
        if record.velden["dossiernummer"] in truths
    ]
    where = locate(services.settings, state)
    engine = make_engine(where.url("hub_lezer"), pool_size=1)
    try:
        with engine.begin() as connection:
            ledger = {
                name: fetch_all(connection, "ops/storm", name)
                for name in ("berichten", "pogingen", "standen", "inbox", "toestemmingen")
            }
        both = read_both(state)
        boek = replace(read_boek(state, engine, both), regels=read_regels(state))
    finally:
        engine.dispose()
    return Evidence(
        moment=datetime.now(UTC),
        residents=residents,
        effects=effects,
        berichten=[Bericht(**row) for row in ledger["berichten"]],
        pogingen=[Poging(**row) for row in ledger["pogingen"]],
        dossiers=dossiers,
        aanmeldingen=[
            _aanmelding(record)
            for record in _rows(crm, "aanmelding")
            if record.velden["partner"] in PARTNERS
        ],
        toestemmingen=[
            _toestemming(record)
            for record in _rows(crm, "toestemming")
            if record.velden["ontvanger"] in PARTNERS
        ],
        opgehaald=[Toestemming(**row) for row in ledger["toestemmingen"]],
        getypt=[*getypt, *_typed_before(truths, getypt)],
        standen={row["dossiernummer"]: row["stand"] for row in ledger["standen"]},
        inbox=[row["inbox_id"] for row in ledger["inbox"]],
        stilstanden=[
            Stilstand(datetime.fromisoformat(one["tijdstip"]), one["seconden"])
            for one in outside.control(state, "GET", "stilstand")["stilstanden"]
        ],
        delay=delay,
        onderweg=onderweg,
        voortgang=both,
        statussen=boek,
    )


def read_effects(state: State, systeem: str) -> Iterator[Effect]:
    """Read the lines of a receiver's journal that changed it."""
    for line in outside.list_effects(state, systeem):
        yield Effect(
            systeem=systeem,
            nummer=line["id"],
            moment=datetime.fromisoformat(line["tijdstip"]),
            operatie=line["operatie"],
            sleutel=line["sleutel"],
            dossiernummer=line["dossiernummer"],
            bericht_id=line["correlatie_id"],
        )


def _crm(state: State) -> CrmClient:
    connection = outside.connections(state)["CRM"]
    return open_client(
        base_url=connection["host"],
        client_id=connection["login"],
        client_secret=connection["password"],
        scope=connection["extra"]["scope"],
        token_url=connection["extra"]["token_url"],
    )


def _rows(crm: CrmClient, tabel: str) -> Iterator[CrmRecord]:
    link: str | None = None
    while True:
        page = crm.get_changes(tabel=tabel, link=link, page_size=PAGE)
        yield from page.records
        if page.next_link is None:
            return
        link = page.next_link


def _typed_before(
    truths: Mapping[str, Mapping[str, Any]], since: Sequence[Getypt]
) -> Iterator[Getypt]:
    """Return the years that consultants had typed before the resident moved in."""
    again = {(typed.dossiernummer, typed.veld) for typed in since}
    for number, truth in truths.items():
        if truth["getypt_bouwjaar"] is not None and (number, "bouwjaar") not in again:
            yield Getypt(number, "bouwjaar", truth["getypt_bouwjaar"])


def _dossier(
    record: CrmRecord, truth: Mapping[str, Any], profielen: Mapping[str, Any], told: set[str]
) -> Dossier:
    velden = record.velden
    number = str(velden["dossiernummer"])
    profiel = velden["profiel_id"]
    return Dossier(
        dossiernummer=number,
        dossier_id=str(record.object_id),
        profiel_id=str(profiel) if profiel else None,
        in_te_vullen=truth["start_akkoord"] and not truth["geval"].startswith(_WRONG),
        bereikbaar=bool(profielen.get(str(profiel))),
        ingevuld=str(record.object_id) in told,
        velden={veld: velden.get(veld) for veld in VELDEN},
    )


def _aanmelding(record: CrmRecord) -> Aanmelding:
    velden = record.velden
    return Aanmelding(
        str(record.object_id), str(velden["dossier_id"]), int(str(velden["volgnummer"])),
        str(velden["status"]), str(velden["soort"]), str(velden["partner"]),
    )  # fmt: skip


def _toestemming(record: CrmRecord) -> Toestemming:
    van, tot = record.velden["van"], record.velden["tot"]
    assert isinstance(van, datetime), "the CRM always dates a consent"
    assert tot is None or isinstance(tot, datetime), "the mapping types it"
    return Toestemming(
        str(record.velden["profiel_id"]),
        van,
        tot,
        doel=str(record.velden["doel"]),
        ontvanger=str(record.velden["ontvanger"]),
    )
