"""### check_aansluiting
Compare the ledger with the CRM's own rows, with what every partner holds and with what residents
see in Mijn Burgerprofiel (DOSIS, and Notificaties where that can be asked), look at the ledger
itself, and at the certificates that end soon.
Every difference is an incident with a proposed repair; one that is gone is closed.

- **Source**: the ledger (`hub.bericht`), and each receiver's own list.
- **Runbook**: `docs/runbooks/check_aansluiting.md`
- **Safe to re-run**: yes. It only looks, and reports the same difference once.
"""

from airflow.sdk import dag, task
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import DUTY_DEFAULTS, PARTNERS, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("30 3 * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["check", "ledger"],
    **DUTY_DEFAULTS,
)
def check_aansluiting() -> None:
    @task(map_index_template="{{ task.op_kwargs['ontvanger'] }}")
    def compare(ontvanger: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.compare(ontvanger)

    compare.expand(
        ontvanger=["berichten", "certificaten", "crm", "dosis", "notificaties", *PARTNERS]
    )


check_aansluiting()
