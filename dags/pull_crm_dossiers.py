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

# Rows before the rows they point at: when a run rings, every profile a dossier needs has landed.
TABELLEN = ["aanmelding", "toestemming", "dossier", "vraag", "profiel"]


@dag(
    schedule=CronTriggerTimetable("* * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["crm", "pull"],
    **DAG_DEFAULTS,
)
def pull_crm_dossiers() -> None:
    @task
    def pull() -> dict[str, int]:
        from hub.keys import load_keyring
        from hub.landing import pull_crm_table
        from hub_hooks import crm_client, hub_engine

        engine, crm, keyring = hub_engine("HUB_PULL"), crm_client(), load_keyring()
        landed = [pull_crm_table(engine, crm, keyring, tabel=tabel) for tabel in TABELLEN]
        return {result.tabel: result.changed + result.deleted for result in landed}

    @task(outlets=[INBOX])
    def ring(changes: dict[str, int]) -> None:
        if not any(changes.values()):
            raise AirflowSkipException("Nothing changed in the CRM.")

    ring(pull())


pull_crm_dossiers()
