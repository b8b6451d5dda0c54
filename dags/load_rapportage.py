"""### load_rapportage
Bring the reporting warehouse up to date. No name, number, street or free text enters it; a dossier
is known there by a keyed pseudonym only.

- **Source**: `bron` and `hub`, by the columns its role may read.
- **Runbook**: `docs/runbooks/load_rapportage.md`
- **Safe to re-run**: yes. Only what changed is written. A run takes what waits in the queue,
  whatever its interval; a backfill looks also at what landed in its interval, and a run with
  `alles` at everything.
"""

from airflow.sdk import Param, dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DAG_DEFAULTS, FEITEN, HOUR, RAPPORTAGE, TIMEZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("20 * * * *", timezone=TIMEZONE, interval=HOUR),
        assets=[FEITEN],
    ),
    params={"alles": Param(False, type="boolean", description="Kijk naar alles wat geland is.")},
    doc_md=__doc__,
    tags=["load", "rapportage"],
    **DAG_DEFAULTS,
)
def load_rapportage() -> None:
    @task(outlets=[RAPPORTAGE])
    def load(dag_run=None, params=None) -> dict[str, int]:
        import hub_flows

        landed = hub_flows.get_backfilled(dag_run)
        return hub_flows.load_warehouse(everything=params["alles"], landed=landed)

    load()


load_rapportage()
