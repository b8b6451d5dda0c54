"""### push_berichten
Deliver what waits in the ledger: to the CRM, to every partner of `hub/config/partners.yml`, and the
dossier's status to Mijn Burgerprofiel (DOSIS). The receipts of DOSIS, and of partners that take
files, are collected; then the residents are told (Notificaties).

- **Source**: the ledger (`hub.bericht`); consent is read when a message is claimed.
- **Runbook**: `docs/runbooks/push_berichten.md`
- **Safe to re-run**: yes. A message has one effect at its receiver, however often this runs.
"""

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import BERICHTEN, DAG_DEFAULTS, FEITEN, LATER, PARTNERS, TIMEZONE


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("* * * * *", timezone=TIMEZONE), assets=[BERICHTEN]
    ),
    doc_md=__doc__,
    tags=["ledger", "push"],
    **DAG_DEFAULTS,
)
def push_berichten() -> None:
    @task.short_circuit(ignore_downstream_trigger_rules=True)
    def has_work() -> bool:
        import hub_flows

        hub_flows.follow_up()
        return hub_flows.waiting() > 0

    @task(map_index_template="{{ task.op_kwargs['bestemming'] }}")
    def deliver(bestemming: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.push(bestemming)

    @task(trigger_rule="all_done")
    def follow_up() -> dict[str, int]:
        import hub_flows

        return hub_flows.follow_up()

    @task(outlets=[FEITEN], map_index_template="{{ task.op_kwargs['bestemming'] }}")
    def collect(bestemming: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.collect(bestemming)

    first, follow = deliver.expand(bestemming=["crm", *PARTNERS]), follow_up()
    then = deliver.override(task_id="deliver_after").expand(bestemming=["crm", "dosis"])
    # Whatever became of the others: a resident may be told of what was confirmed earlier.
    tell = deliver.override(task_id="deliver_meldingen", trigger_rule="all_done").expand(
        bestemming=["notificaties"]
    )
    receipts = collect.expand(bestemming=LATER)
    has_work() >> first >> follow >> then >> receipts >> tell
    # The others go on when one of them fails; the run does not call itself well.
    [first, follow, then, receipts, tell] >> EmptyOperator(
        task_id="all_well", trigger_rule="none_failed"
    )


push_berichten()
