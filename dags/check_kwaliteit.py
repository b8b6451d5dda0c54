"""### check_kwaliteit
Judge every model by its rules with Great Expectations and write the Data Docs. The flows do not
wait for it: they split good rows from bad with the same rules, in SQL.

- **Source**: the staged tables and the warehouse; no value is written in the docs.
- **Runbook**: `docs/runbooks/check_kwaliteit.md`
- **Safe to re-run**: yes. It adds a measurement and keeps one incident per broken rule.
"""

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DUTY_DEFAULTS, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("40 * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["check", "kwaliteit"],
    **DUTY_DEFAULTS,
)
def check_kwaliteit() -> None:
    @task
    def judge() -> dict[str, dict[str, int]]:
        import hub_flows

        return hub_flows.judge()

    judge()


check_kwaliteit()
