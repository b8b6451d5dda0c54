"""### pull_basisregisters
Read what changed in the registers of addresses, buildings, units and parcels, and have the open
dossiers of the dwellings it touches looked at again.

- **Source**: the change feeds of Basisregisters Vlaanderen (version 3), four of them.
- **Runbook**: `docs/runbooks/pull_basisregisters.md`
- **Safe to re-run**: yes. Every page is one transaction with its cursor; reading a page again adds
  nothing.
"""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DAG_DEFAULTS, INBOX, TIMEZONE

FEEDS = ["adressen", "gebouwen", "gebouweenheden", "percelen"]


@dag(
    schedule=CronTriggerTimetable("25 * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["basisregisters", "pull"],
    **DAG_DEFAULTS,
)
def pull_basisregisters() -> None:
    @task
    def pull(feed: str) -> dict[str, int]:
        from hub_flows import pull_register

        return pull_register(feed)

    @task(outlets=[INBOX])
    def ring(changes: list[dict[str, int]]) -> None:
        if not any(change["rung"] for change in changes):
            raise AirflowSkipException("Nothing changed for a dwelling the hub knows.")

    ring(pull.expand(feed=FEEDS))


pull_basisregisters()
