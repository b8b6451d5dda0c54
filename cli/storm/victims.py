"""Which process is which, and the blow itself."""

from __future__ import annotations

import contextlib
import os
import signal
from random import Random

import psutil

from cli.processes import Processes
from cli.services import Services
from cli.storm import plan

# How Airflow titles the processes that wait for work and carry it out.
TASK_TITLE = "airflow worker -- "
WORKER_TITLE, IDLE = f"{TASK_TITLE}LocalExecutor", "<idle>"
# How PostgreSQL titles a client's session, as opposed to its own processes.
SESSION = " 127.0.0.1("


class Victims:
    """Finds the processes of a storm's services and kills one with SIGKILL."""

    def __init__(self, services: Services, random: Random) -> None:
        self._services = services
        self._random = random

    def strike(self, target: str) -> bool:
        """Kill one process of this target; False when there is none to kill now."""
        return _kill(self._find(target))

    def _find(self, target: str) -> int | None:
        services = self._services
        if target == plan.DATABASE:
            return services.postgres.pid() if services.postgres else None
        if target == plan.BACKEND:
            return self._any(self._sessions())
        if target == plan.WORKER:
            return self._any(busy_workers(services.processes))
        if target == plan.TASK:
            return self._any(tasks(services.processes))
        record = services.processes.running(target)
        return record.pid if record else None

    def _sessions(self) -> list[psutil.Process]:
        postmaster = self._services.postgres.pid() if self._services.postgres else None
        if postmaster is None:
            return []
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(postmaster).children()
            return [child for child in children if SESSION in _title(child)]
        return []

    def _any(self, found: list[psutil.Process]) -> int | None:
        return self._random.choice(sorted(process.pid for process in found)) if found else None


def busy_workers(processes: Processes) -> list[psutil.Process]:
    """Return the executor's processes that carry out a task.

    One that waits may hold the lock of the executor's queue: no process could take work any more,
    and only a new scheduler would help.
    """
    titled = ((member, _title(member)) for member in processes.members(plan.SCHEDULER))
    return [member for member, title in titled if WORKER_TITLE in title and IDLE not in title]


def tasks(processes: Processes) -> list[psutil.Process]:
    """Return the processes in which tasks run, also those that lost their worker."""
    titled = ((member, _title(member)) for member in processes.members(plan.SCHEDULER))
    return [member for member, title in titled if TASK_TITLE in title and WORKER_TITLE not in title]


def _title(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _kill(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    # Children of this command are collected, so that they are seen to be gone.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    return True
