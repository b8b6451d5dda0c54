"""The doorbells between DAGs, and what every DAG of the hub has in common.

An asset event says only that there may be something to do: each run drains all that waits, and a
schedule rings when a bell was lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset

from hub.partners import list_later, list_outside

INBOX = Asset(name="hub_inbox", uri="hub://inbox", group="hub")
BERICHTEN = Asset(name="hub_berichten", uri="hub://berichten", group="hub")
FEITEN = Asset(name="hub_feiten", uri="hub://feiten", group="hub")
RAPPORTAGE = Asset(name="hub_rapportage", uri="hub://rapportage", group="hub")

TIMEZONE = "Europe/Brussels"
HOUR = timedelta(hours=1)

# Those of the table of partners that get messages: each is a destination of the ledger.
PARTNERS = list_outside()
# The destinations that accept first and confirm later.
LATER = ["dosis", *list_later()]

# How long a task waits before it is tried again is Airflow's own setting:
# AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY.
DAG_DEFAULTS: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "dagrun_timeout": timedelta(hours=2),
    "default_args": {
        "owner": "energieloket",
        "retries": 2,
        "execution_timeout": HOUR,
    },
}
# What only looks or cleans up is a duty: it starts switched on, so that nobody has to remember it.
# What moves data in or out starts switched off, until a person has seen to its connections.
DUTY_DEFAULTS: dict[str, Any] = {**DAG_DEFAULTS, "is_paused_upon_creation": False}
