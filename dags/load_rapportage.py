"""### load_rapportage
Bring the reporting warehouse up to date. No name, number, street or free text enters it; a dossier
is known there by a keyed pseudonym only.

- **Source**: `bron` and `hub`, by the columns its role may read.
- **Runbook**: `docs/runbooks/load_rapportage.md`
- **Safe to re-run**: yes. Only what changed is written.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DAG_DEFAULTS, FEITEN, TIMEZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("20 * * * *", timezone=TIMEZONE), assets=[FEITEN]
    ),
    doc_md=__doc__,
    tags=["load", "rapportage"],
    **DAG_DEFAULTS,
)
def load_rapportage() -> None:
    @task
    def load() -> dict[str, int]:
        import hub_flows

        return hub_flows.load_warehouse()

    load()


load_rapportage()
