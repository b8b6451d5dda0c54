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
        import hub_flows

        naam = f"enrich {get_current_context()['run_id']}"
        return naam if hub_flows.form(naam) else None

    @task
    def check(naam: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.check(naam)

    @task
    def find(naam: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.find(naam)

    @task
    def fetch(naam: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.fetch(naam)

    @task(outlets=[BERICHTEN])
    def decide(naam: str) -> dict[str, int]:
        import hub_flows

        added = hub_flows.decide(naam)
        if not any(added.values()):
            raise AirflowSkipException("Nothing new to write to the outside.")
        return added

    @task(outlets=[FEITEN], trigger_rule="none_failed")
    def finish(naam: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.finish(naam)

    naam = form()
    check(naam) >> find(naam) >> fetch(naam) >> decide(naam) >> finish(naam)


enrich_dossiers()
