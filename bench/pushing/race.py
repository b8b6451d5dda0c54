"""Several processes that start at one signal, and the time until the last of them is done."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from bench.common.answer import BrokenGuaranteeError
from bench.common.place import peak_mb
from bench.pushing.work import Job, Worker

_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Race:
    """How long it took, and the memory of the largest process."""

    seconds: float
    peak_mb: float


def race(worker: Worker, jobs: Sequence[Job]) -> Race:
    """Let every job run in a process of its own, from the common signal to the last one's end.

    Raises:
        BrokenGuaranteeError: a process did not get ready or ended before it was done.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(jobs) + 1)
    lines, processes = [], []
    for job in jobs:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_main, args=(worker, job, barrier, there), daemon=True)
        process.start()
        there.close()
        lines.append(here)
        processes.append(process)
    try:
        barrier.wait(_READY_SECONDS)
        begun = time.monotonic()
        done = [line.recv() for line in lines]
    except (EOFError, OSError, multiprocessing.context.ProcessError, RuntimeError):
        raise BrokenGuaranteeError(
            f"A sending process of {worker.__name__} ended before it was done; its error is above."
        ) from None
    finally:
        for process in processes:
            process.join(5)
            process.kill()
    return Race(max(ended for ended, _ in done) - begun, max(memory for _, memory in done))


def _main(worker: Worker, job: Job, barrier: Barrier, tell: Connection) -> None:
    try:
        work = worker(job)
    except BaseException:
        barrier.abort()
        raise
    barrier.wait(_READY_SECONDS)
    ended = work()
    tell.send((ended, peak_mb()))
