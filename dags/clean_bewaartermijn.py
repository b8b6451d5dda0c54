"""### clean_bewaartermijn
Empty and remove what its retention term is over: content of ended messages, documents sooner,
changes that were processed, what the CRM removed, dwellings without a dossier, months of the
access log after their ten years. Nothing that is open is touched. A month of that log that is over
is closed first. Beside it, go on with the erasures of residents that wait for a receiver.

- **Source**: the terms in `hub/config/bewaring.yml`; what was removed is told in `hub.opruiming`,
  an erasure in its certificate.
- **Runbook**: `docs/runbooks/clean_bewaartermijn.md`
- **Safe to re-run**: yes. A second run finds nothing more.
"""

from airflow.sdk import dag, get_current_context, task
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DUTY_DEFAULTS, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("15 3 * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["clean", "bewaring"],
    **DUTY_DEFAULTS,
)
def clean_bewaartermijn() -> None:
    @task
    def clean() -> dict[str, int]:
        import hub_flows

        return hub_flows.clean(f"clean {get_current_context()['run_id']}")

    @task
    def erase() -> dict[str, int]:
        import hub_flows

        return hub_flows.erase()

    clean()
    erase()


clean_bewaartermijn()
