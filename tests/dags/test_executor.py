"""The executor forgets a task that was lost between the scheduler and its worker."""

from __future__ import annotations

from types import SimpleNamespace


def test_a_revoked_task_leaves_its_place_free() -> None:
    from hub_executor import HubExecutor

    executor = HubExecutor(parallelism=1)
    task = SimpleNamespace(key=("flow", "task", "run", 1, -1))
    executor.running.add(task.key)
    executor.queued_tasks[task.key] = object()
    executor.revoke_task(ti=task)
    assert not executor.running
    assert not executor.queued_tasks


def test_revoking_a_task_that_nobody_knows_is_no_error() -> None:
    from hub_executor import HubExecutor

    HubExecutor(parallelism=1).revoke_task(ti=SimpleNamespace(key=("flow", "task", "run", 1, -1)))
