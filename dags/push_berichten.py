"""### push_berichten
Deliver what waits in the ledger: to the CRM, to Dialoog, and the dossier's status to Mijn
Burgerprofiel (DOSIS), whose receipts are collected.

- **Source**: the ledger (`hub.bericht`); consent is read when a message is claimed.
- **Runbook**: `docs/runbooks/push_berichten.md`
- **Safe to re-run**: yes. A message has one effect at its receiver, however often this runs.
"""

from airflow.sdk import dag, task
from airflow.timetables.assets import AssetOrTimeSchedule
from airflow.timetables.trigger import CronTriggerTimetable
from hub_assets import BERICHTEN, DAG_DEFAULTS, FEITEN, TIMEZONE


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
        from hub.gevolgen import decide_gevolgen
        from hub.keys import load_keyring
        from hub.ledger.deliver import count_waiting
        from hub_hooks import hub_engine

        engine = hub_engine("HUB_PUSH")
        decide_gevolgen(engine, load_keyring())
        return count_waiting(engine) > 0

    @task(map_index_template="{{ task.op_kwargs['bestemming'] }}")
    def deliver(bestemming: str) -> dict[str, int]:
        from hub.keys import load_keyring
        from hub.ledger.deliver import deliver as deliver_all
        from hub_hooks import hub_engine, kanaal

        return deliver_all(
            hub_engine("HUB_PUSH"), kanaal(bestemming), load_keyring(), bestemming=bestemming
        )

    @task(trigger_rule="all_done")
    def follow_up() -> dict[str, int]:
        from hub.gevolgen import decide_gevolgen
        from hub.keys import load_keyring
        from hub_hooks import hub_engine

        return decide_gevolgen(hub_engine("HUB_PUSH"), load_keyring())

    @task(outlets=[FEITEN])
    def collect() -> dict[str, int]:
        from hub.keys import load_keyring
        from hub.ledger.receipts import collect_receipts
        from hub_hooks import hub_engine, kanaal

        return collect_receipts(
            hub_engine("HUB_PUSH"), kanaal("dosis"), load_keyring(), bestemming="dosis"
        )

    first = deliver.expand(bestemming=["crm", "dialoog"])
    then = deliver.override(task_id="deliver_after").expand(bestemming=["crm", "dosis"])
    has_work() >> first >> follow_up() >> then >> collect()


push_berichten()
