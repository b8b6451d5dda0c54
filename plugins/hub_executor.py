"""Airflow's local executor, able to forget a task whose worker died before it began.

Airflow 3.3.2 gives up a task that stays queued too long only where the executor can revoke it. The
local one cannot: such a task waits for ever, holds one of the executor's few places, and with it
its flow (seen 2026-11-24, a worker killed between taking a task and starting it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.executors.local_executor import LocalExecutor

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance


class HubExecutor(LocalExecutor):
    """The local executor; a lost task is queued again after `[scheduler] task_queued_timeout`."""

    def revoke_task(self, *, ti: TaskInstance) -> None:
        """Forget a task. If it was not lost after all, Airflow lets only one of the two start."""
        self.running.discard(ti.key)
        self.queued_tasks.pop(ti.key, None)
