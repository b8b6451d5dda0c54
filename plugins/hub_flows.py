"""The hub's use cases with what they need from Airflow's connections: what a task calls.

Each function is one step of a flow; the DAG says only in which order. Names of batches and counts
pass between tasks, never rows.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.transport.redaction import protect_logging
from hub.aanmelding import decide_aanmeldingen
from hub.aansluiting.berichten import compare_berichten
from hub.aansluiting.certificaten import report_certificaten
from hub.aansluiting.crm import compare_crm
from hub.aansluiting.dosis import compare_dosis
from hub.aansluiting.dosis_uploads import compare_uploads
from hub.aansluiting.notificaties import compare_notificaties
from hub.aansluiting.partner import compare_partner
from hub.batch import finish_batch, form_batch
from hub.bewaring import clean_bewaartermijn
from hub.codelijst import refresh_codelijst
from hub.gevolgen import decide_gevolgen
from hub.keys import load_keyring
from hub.landing import pull_crm_table
from hub.ledger.deliver import count_waiting, deliver
from hub.ledger.receipts import collect_receipts
from hub.melding.deliver import deliver_meldingen
from hub.partners import get_partner
from hub.prefill.decide import decide_prefill
from hub.quality.split import check_dossiers
from hub.quality.verdict import (
    blocked_models,
    judge_models,
    staging_paths,
    warehouse_paths,
)
from hub.rapportage.load import load_rapportage
from hub.status import compose_statuses
from hub.toegangslog import PostgresRaadplegingLog
from hub.verversing import ring_stale
from hub.voortgang.decide import decide_voortgang
from hub.voortgang.documenten import fetch_documenten
from hub.voortgang.pull import pull_voortgang
from hub.voortgang.stilte import report_stilte
from hub.wissing.run import run_open_wissingen
from hub.woning.bevragen import Bron, bevraag_bronnen
from hub.woning.epc import epc_bron
from hub.woning.find import find_woningen
from hub.woning.ligging import ligging_bron
from hub.woning.omgeving import bodem_bron, erfgoed_bron, overstroming_bron, vergunningen_bron
from hub.woning.wijzigingen import pull_wijzigingen
from hub.woningfiche.attach import decide_woningfiches
from hub_access import hub_engine
from hub_clients import (
    crm_client,
    crm_page_size,
    dosis_bron,
    dosis_dienst,
    dosis_lezer,
    expiring_certificates,
    kanaal,
    keuring,
    notificaties_client,
    ontvangsten,
    partner_source,
)
from hub_sources import (
    basisregisters_client,
    bodem_client,
    epc_client,
    erfgoed_client,
    grb_client,
    overstroming_client,
    vergunningen_client,
    wijzigingen_client,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

# The texts of the hub hold identifiers only; the mask is for what a library might still say.
protect_logging()

# Rows before the rows they point at: when a pull ends, every profile a dossier needs has landed.
_TABELLEN = (
    "gegeven", "stap", "aanvraag", "aanmelding", "toestemming", "dossier", "vraag", "profiel",
)  # fmt: skip


def pull_crm() -> dict[str, int]:
    """Land what changed in the CRM; return the number of changes per table."""
    engine, crm, keyring = hub_engine("HUB_PULL"), crm_client(), load_keyring()
    size = crm_page_size()
    landed = [
        pull_crm_table(engine, crm, keyring, tabel=tabel, page_size=size) for tabel in _TABELLEN
    ]
    return {result.tabel: result.changed + result.deleted for result in landed}


def pull_register(feed: str) -> dict[str, int]:
    """Land what changed in one register; return the events, the dwellings and the dossiers rung."""
    landed = pull_wijzigingen(hub_engine("HUB_PULL"), wijzigingen_client(), feed=feed)
    return {"events": landed.events, "woningen": landed.woningen, "rung": landed.rung}


def pull_progress(partner: str) -> dict[str, int]:
    """Land what one partner tells; return the events read, the new ones and those set apart."""
    source = partner_source(get_partner(partner))
    landed = pull_voortgang(hub_engine("HUB_PULL"), source, load_keyring(), partner=partner)
    return {"received": landed.received, "added": landed.added, "rejected": landed.rejected}


def decide_progress() -> dict[str, int]:
    """Decide what the CRM and the resident learn of progress; return the new messages per kind."""
    engine, keyring = hub_engine("HUB_PUSH"), load_keyring()
    return decide_voortgang(engine, keyring) | decide_gevolgen(engine, keyring)


def fetch_documents(partner: str) -> dict[str, int]:
    """Fetch the documents that wait at one partner; return the number per outcome."""
    return fetch_documenten(
        hub_engine("HUB_PUSH"),
        partner_source(get_partner(partner)),
        load_keyring(),
        partner=partner,
        keuring=keuring(),
    )


def report_silence() -> dict[str, int]:
    """Report the aanmeldingen of which nothing is heard; return how many, and how many closed."""
    return report_stilte(hub_engine("HUB_PUSH"))


def form(naam: str) -> int:
    """Form the batch of all that waits or is past its date; return the number of dossiers in it."""
    engine = hub_engine("HUB_ENRICH")
    ring_stale(engine)
    return form_batch(engine, naam=naam).dossiers


def check(naam: str) -> dict[str, int]:
    """Split the batch by the rules; return what was set apart."""
    return check_dossiers(hub_engine("HUB_ENRICH"), load_keyring(), naam=naam)


def find(naam: str) -> dict[str, int]:
    """Find the dwellings of the batch; return the number per outcome."""
    engine = hub_engine("HUB_ENRICH")
    log = PostgresRaadplegingLog(engine)
    return find_woningen(engine, basisregisters_client(), log, load_keyring(), naam=naam)


def fetch(naam: str) -> dict[str, dict[str, int]]:
    """Ask every source about the dwellings of the batch; return the number per outcome.

    Where a dwelling lies comes first: the others are asked about that place.
    """
    engine = hub_engine("HUB_ENRICH")
    log = PostgresRaadplegingLog(engine)
    place = ligging_bron(basisregisters_client, grb_client)
    bronnen: list[Bron[Any]] = [
        epc_bron(epc_client, load_keyring()),
        erfgoed_bron(erfgoed_client),
        vergunningen_bron(vergunningen_client),
        bodem_bron(bodem_client),
        overstroming_bron(overstroming_client),
    ]
    return bevraag_bronnen(engine, [place], log, naam=naam) | bevraag_bronnen(
        engine, bronnen, log, naam=naam
    )


def decide(naam: str) -> dict[str, int]:
    """Decide what the CRM gets and which aanmeldingen leave; return the new messages per kind."""
    engine, keyring = hub_engine("HUB_ENRICH"), load_keyring()
    return (
        decide_prefill(engine, keyring, naam=naam)
        | decide_aanmeldingen(engine, keyring, naam=naam)
        | decide_woningfiches(engine, keyring, naam=naam)
    )


def finish(naam: str) -> dict[str, int]:
    """Close the batch; return what it held."""
    return asdict(finish_batch(hub_engine("HUB_ENRICH"), naam=naam))


def follow_up() -> dict[str, int]:
    """Decide what follows from deliveries; return the new messages per kind."""
    return decide_gevolgen(hub_engine("HUB_PUSH"), load_keyring())


def waiting() -> int:
    """Return how many messages wait to be sent or confirmed."""
    return count_waiting(hub_engine("HUB_PUSH"))


def push(bestemming: str) -> dict[str, int]:
    """Deliver what waits for one destination; return the number per state."""
    engine = hub_engine("HUB_PUSH")
    if bestemming == "notificaties":
        return deliver_meldingen(engine, kanaal(bestemming), load_keyring())
    compose = compose_statuses if bestemming == "dosis" else None
    if bestemming == "dosis" and (lezer := dosis_lezer()) is not None:
        refresh_codelijst(engine, lezer)
    return deliver(
        engine, kanaal(bestemming), load_keyring(), bestemming=bestemming, compose=compose
    )


def collect(bestemming: str) -> dict[str, int]:
    """Collect the receipts of a destination that confirms later, and decide what follows.

    Returns the number of messages per state.
    """
    engine, keyring = hub_engine("HUB_PUSH"), load_keyring()
    counts = collect_receipts(engine, ontvangsten(bestemming), keyring, bestemming=bestemming)
    decide_gevolgen(engine, keyring)
    return counts


def load_warehouse(
    *, everything: bool = False, landed: tuple[datetime, datetime] | None = None
) -> dict[str, int]:
    """Bring the warehouse up to date and judge it; return rows written and tables blocked.

    ``everything`` and ``landed`` (from, until) look at more than what waits: see the load.
    """
    engine = hub_engine("HUB_RAPPORTAGE")
    loaded = load_rapportage(engine, load_keyring(), everything=everything, landed=landed)
    with engine.begin() as connection:
        judge_models(connection, warehouse_paths(), run="load_rapportage")
        return loaded | {"geblokkeerd": len(blocked_models(connection))}


def publish_marts() -> dict[str, int]:
    """Publish the newest closed month; return cells, how many are hidden, and marts kept back."""
    # The programs that protect and attack take a second to import: only here.
    from hub.publicatie.publiceren import last_closed_day, publish

    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    done = publish(hub_engine("HUB_RAPPORTAGE"), peildatum=last_closed_day(today))
    if done is None:
        return {}
    return {
        "cellen": done.cellen,
        "afgeschermd": done.afgeschermd,
        "behouden": len(done.behouden),
        "ruim": int(done.ruim),
    }


def get_backfilled(dag_run: Any) -> tuple[datetime, datetime] | None:
    """Return the interval of a run that a backfill made; any other has none to read."""
    if dag_run is None or dag_run.run_type != "backfill":
        return None
    begin, end = dag_run.data_interval_start, dag_run.data_interval_end
    return None if begin is None or end is None else (begin, end)


def judge() -> dict[str, dict[str, int]]:
    """Judge the models by their rules; return the broken rows per rule."""
    # Great Expectations takes seconds to import: only here.
    from hub.quality.suite import docs_folder, judge_by_library

    engine = hub_engine("HUB_KWALITEIT")
    with engine.begin() as connection:
        judge_models(connection, staging_paths(), run="check_kwaliteit")
    return judge_by_library(engine, docs_folder())


def compare(ontvanger: str) -> dict[str, int]:
    """Compare the ledger with one receiver, or look at itself; return what was found.

    Raises:
        PartnersError: no such receiver.
    """
    engine = hub_engine("HUB_AANSLUITING")
    match ontvanger:
        case "crm":
            found = compare_crm(engine, crm_client())
        case "dosis":
            return _compare_dosis(engine)
        case "notificaties":
            found = compare_notificaties(engine, notificaties_client(engine))
        case "berichten":
            found = compare_berichten(engine)
        case "certificaten":
            found = report_certificaten(engine, expiring_certificates())
        case _:
            source = partner_source(get_partner(ontvanger))
            found = compare_partner(engine, source, partner=ontvanger)
    return found.as_counts()


def _compare_dosis(engine: Engine) -> dict[str, int]:
    """Compare with what residents see, where DOSIS tells it, and with the uploads that failed."""
    lezer, bron = dosis_lezer(), dosis_bron()
    if lezer is None:
        return compare_uploads(engine, dosis_dienst(engine), bron=bron, alone=True).as_counts()
    shown = compare_dosis(engine, lezer, load_keyring(), bron=bron)
    failed = compare_uploads(engine, dosis_dienst(engine), bron=bron)
    return shown.as_counts() | dict(failed.verschillen)


def clean(naam: str) -> dict[str, int]:
    """Empty and remove what its retention term is over; return the number per kind."""
    return clean_bewaartermijn(hub_engine("HUB_OPRUIMING"), naam=naam)


def erase() -> dict[str, int]:
    """Go on with every erasure that is not done; return how many are done and how many wait."""
    return run_open_wissingen(hub_engine("HUB_WISSING"), load_keyring())
