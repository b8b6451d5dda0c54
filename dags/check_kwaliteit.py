"""### check_kwaliteit
Judge every model by its rules with Great Expectations and write the Data Docs. The flows do not
wait for it: they split good rows from bad with the same rules, in SQL.

- **Source**: `bron.stg_dossier` and `rapportage.fct_dossier`; no value is written in the docs.
- **Runbook**: `docs/runbooks/check_kwaliteit.md`
- **Safe to re-run**: yes. It only reads.
"""

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable
from hub_assets import DAG_DEFAULTS, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("40 * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["check", "kwaliteit"],
    **DAG_DEFAULTS,
)
def check_kwaliteit() -> None:
    @task
    def judge() -> dict[str, dict[str, int]]:
        from hub.quality.suite import docs_folder, judge_models
        from hub_hooks import hub_engine

        return judge_models(hub_engine("HUB_KWALITEIT"), docs_folder())

    judge()


check_kwaliteit()
