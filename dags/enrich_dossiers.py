"""### enrich_dossiers
Check what landed, find the dwelling of each dossier, fetch its energy certificate, and decide what
the CRM gets and which aanmeldingen leave. Nothing is sent here: every decision becomes a row in the
ledger.

- **Source**: the inbox; Basisregisters and GeefEpc are asked, each look logged first.
- **Runbook**: `docs/runbooks/enrich_dossiers.md`
- **Safe to re-run**: yes. A batch formed again is the same batch, a decision taken again adds no
  message.
"""

from airflow.sdk import dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable
from hub_assets import BERICHTEN, DAG_DEFAULTS, FEITEN, INBOX, TIMEZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/5 * * * *", timezone=TIMEZONE), assets=[INBOX]
    ),
    doc_md=__doc__,
    tags=["dossier", "enrich"],
    **DAG_DEFAULTS,
)
def enrich_dossiers() -> None:
    @task.short_circuit(ignore_downstream_trigger_rules=True)
    def form() -> str | None:
        from hub.batch import form_batch
        from hub_hooks import hub_engine

        naam = f"enrich {get_current_context()['run_id']}"
        summary = form_batch(hub_engine("HUB_ENRICH"), naam=naam)
        return naam if summary.dossiers else None

    @task
    def check(naam: str) -> dict[str, int]:
        from hub.quality.split import check_dossiers
        from hub_hooks import hub_engine

        return check_dossiers(hub_engine("HUB_ENRICH"), naam=naam)

    @task
    def find(naam: str) -> dict[str, int]:
        from hub.keys import load_keyring
        from hub.toegangslog import PostgresRaadplegingLog
        from hub.woning.find import find_woningen
        from hub_hooks import basisregisters_client, hub_engine

        engine, registers = hub_engine("HUB_ENRICH"), basisregisters_client()
        log = PostgresRaadplegingLog(engine)
        return find_woningen(engine, registers, log, load_keyring(), naam=naam)

    @task
    def fetch(naam: str) -> dict[str, int]:
        from hub.keys import load_keyring
        from hub.toegangslog import PostgresRaadplegingLog
        from hub.woning.epc import fetch_epcs
        from hub_hooks import epc_client, hub_engine

        engine, source = hub_engine("HUB_ENRICH"), epc_client()
        log = PostgresRaadplegingLog(engine)
        return fetch_epcs(engine, source, log, load_keyring(), naam=naam)

    @task(outlets=[BERICHTEN])
    def decide(naam: str) -> dict[str, int]:
        from hub.aanmelding import decide_aanmeldingen
        from hub.keys import load_keyring
        from hub.prefill.decide import decide_prefill
        from hub_hooks import hub_engine

        engine, keyring = hub_engine("HUB_ENRICH"), load_keyring()
        added = decide_prefill(engine, keyring, naam=naam)
        added |= decide_aanmeldingen(engine, keyring, naam=naam)
        if not any(added.values()):
            raise AirflowSkipException("Nothing new to write to the outside.")
        return added

    @task(outlets=[FEITEN], trigger_rule="none_failed")
    def finish(naam: str) -> dict[str, int]:
        from dataclasses import asdict

        from hub.batch import finish_batch
        from hub_hooks import hub_engine

        return asdict(finish_batch(hub_engine("HUB_ENRICH"), naam=naam))

    naam = form()
    check(naam) >> find(naam) >> fetch(naam) >> decide(naam) >> finish(naam)


enrich_dossiers()
