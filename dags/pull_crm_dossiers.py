"""### pull_crm_dossiers
Read what changed in the city CRM since the last run and land it, with one row per change in the
inbox.

- **Source**: the CRM's change tracking (OData delta links), five tables.
- **Runbook**: `docs/runbooks/pull_crm_dossiers.md`
- **Safe to re-run**: yes. Every page is one transaction with its cursor; reading a page again lands
  nothing twice.
"""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DAG_DEFAULTS, INBOX, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("* * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["crm", "pull"],
    **DAG_DEFAULTS,
)
def pull_crm_dossiers() -> None:
    @task
    def pull() -> dict[str, int]:
        from hub_flows import pull_crm

        return pull_crm()

    @task(outlets=[INBOX])
    def ring(changes: dict[str, int]) -> None:
        if not any(changes.values()):
            raise AirflowSkipException("Nothing changed in the CRM.")

    ring(pull())


pull_crm_dossiers()
