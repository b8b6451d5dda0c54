"""### pull_partner_voortgang
Hear what every partner tells of the aanmeldingen it holds, write down what the CRM and the resident
learn of it, fetch the documents that partners made, and report where nothing is heard.

- **Source**: the progress and documents of the partners of `hub/config/partners.yml`.
- **Runbook**: `docs/runbooks/pull_partner_voortgang.md`
- **Safe to re-run**: yes. An event is known by the partner's id, a message and a document by its
  key: hearing, deciding and fetching again add nothing.
"""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException
from airflow.timetables.trigger import CronTriggerTimetable

from hub_assets import BERICHTEN, DAG_DEFAULTS, FEITEN, PARTNERS, TIMEZONE


@dag(
    schedule=CronTriggerTimetable("*/15 * * * *", timezone=TIMEZONE),
    doc_md=__doc__,
    tags=["partner", "pull"],
    **DAG_DEFAULTS,
)
def pull_partner_voortgang() -> None:
    @task(map_index_template="{{ task.op_kwargs['partner'] }}")
    def pull(partner: str) -> dict[str, int]:
        import hub_flows

        return hub_flows.pull_progress(partner)

    @task(outlets=[BERICHTEN, FEITEN], trigger_rule="all_done")
    def decide() -> dict[str, int]:
        import hub_flows

        added = hub_flows.decide_progress()
        if not any(added.values()):
            raise AirflowSkipException("Nothing was heard that is new.")
        return added

    @task(
        outlets=[BERICHTEN],
        trigger_rule="all_done",
        map_index_template="{{ task.op_kwargs['partner'] }}",
    )
    def fetch(partner: str) -> dict[str, int]:
        import hub_flows

        counts = hub_flows.fetch_documents(partner)
        if not counts["gehaald"]:
            raise AirflowSkipException(f"Nothing was fetched: {counts}")
        return counts

    @task(trigger_rule="none_failed")
    def report() -> dict[str, int]:
        import hub_flows

        return hub_flows.report_silence()

    heard, decided, last = pull.expand(partner=PARTNERS), decide(), report()
    heard >> decided >> fetch.expand(partner=PARTNERS) >> last
    # A partner that could not be heard is not called silent, and the run does not call itself well.
    [heard, decided] >> last


pull_partner_voortgang()
