"""### load_publicatie
Publish the marts: count, hide what is small and what would give it away, attack the result, and
replace all marts in one transaction. A month is published once, when it is closed.

- **Source**: `rapportage.fct_*` and `dim_*`, by the role of the load.
- **Runbook**: `docs/runbooks/load_publicatie.md`
- **Safe to re-run**: yes. A month that stands is left as it is.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DAG_DEFAULTS, RAPPORTAGE, TIMEZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("50 5 * * *", timezone=TIMEZONE), assets=[RAPPORTAGE]
    ),
    doc_md=__doc__,
    tags=["load", "rapportage"],
    **DAG_DEFAULTS,
)
def load_publicatie() -> None:
    @task
    def publish() -> dict[str, int]:
        import hub_flows

        return hub_flows.publish_marts()

    publish()


load_publicatie()
