"""Many questions to one source at a time: threads that ask, within the budget of its host."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any

from sqlalchemy import Engine

from connectors.transport.admission import admitted_by
from connectors.transport.errors import AuthenticationError, ConnectorError, ThrottledError
from connectors.transport.raadpleging import GelogdeRaadpleging
from hub.bronbudget.gate import Gate, Turn
from hub.bronbudget.grens import Grens
from hub.bronbudget.lease import Lease
from hub.readers import Readers

# Questions that stand ready, written and signed, when a place comes free.
_READY = 2
_LARGEST_TRIES = 5
# Fewer answers than this are read sooner here than a process of its own is started.
_READERS_FROM = 64
# Answers that may wait to be read or stored; more would only fill the memory.
_LARGEST_STOCK = 256


@dataclass(slots=True)
class Job:
    """One question with its logged look; ``ask`` is what the caller knows it by."""

    ask: Any
    vraag: Any
    look: GelogdeRaadpleging
    tries: int = 0


class Asking:
    """One run of questions to one source."""

    def __init__(
        self,
        engine: Engine,
        grens: Grens,
        fetch: Callable[[Any, GelogdeRaadpleging], Any],
        read: Callable[[Any], Any] | None,
    ) -> None:
        self._engine = engine
        self._grens = grens
        self._fetch = fetch
        self._read = read
        self._gate = Gate()
        self._readers: Readers | None = None
        self._lock = Lock()
        self._jobs: deque[Job] = deque()
        self._more = Semaphore(0)
        self._room = Semaphore(_LARGEST_STOCK)
        self._results: SimpleQueue[tuple[Job | None, Any]] = SimpleQueue()
        self._stopped = False

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Any, Any]]:
        """Yield what each job's caller knows it by, with its answer or error, as they arrive.

        Raises:
            AuthenticationError: the source does not let the hub in.
            SQLAlchemyError: the budget could not be kept.
        """
        self._gate.outstanding = len(jobs)
        for job in jobs:
            self._put(job)
        with ExitStack() as stack:
            if self._read is not None and len(jobs) >= _READERS_FROM:
                self._readers = stack.enter_context(Readers(self._read))
            stack.enter_context(Lease(self._engine, self._grens, self._gate))
            stack.callback(self._stop, self._start(len(jobs)))
            for _ in jobs:
                done, result = self._results.get()
                self._room.release()
                if done is None or isinstance(result, AuthenticationError):
                    raise result
                yield done.ask, result

    def _start(self, jobs: int) -> list[Thread]:
        threads = [
            Thread(target=self._work, name=f"ask {self._grens.host} {number}", daemon=True)
            for number in range(min(self._grens.ceiling + _READY, jobs))
        ]
        for thread in threads:
            thread.start()
        return threads

    def _stop(self, threads: list[Thread]) -> None:
        """Let no question go any more, and wait for those under way."""
        self._stopped = True
        self._gate.break_off(_StoppedError())
        for _ in threads:
            self._more.release()
            self._room.release()
        for thread in threads:
            thread.join()

    def _put(self, job: Job) -> None:
        with self._lock:
            if job.tries:
                self._jobs.appendleft(job)
            else:
                self._jobs.append(job)
        self._more.release()

    def _work(self) -> None:
        while True:
            self._more.acquire()
            if self._stopped:
                return
            with self._lock:
                job = self._jobs.popleft()
            if not job.tries:
                self._room.acquire()
            try:
                self._ask(job)
            except _StoppedError:
                return
            except BaseException as error:  # noqa: BLE001
                # A fault of the hub itself ends the run, in the thread that runs it.
                self._results.put((None, error))
                return

    def _ask(self, job: Job) -> None:
        turn = self._gate.turn()
        try:
            with admitted_by(turn):
                reply = self._fetch(job.vraag, job.look)
        except ConnectorError as error:
            self._finish(job, turn, error)
            return
        if self._read is None:
            self._finish(job, turn, reply)
        elif self._readers is not None:
            self._readers.submit(reply, lambda result: self._finish(job, turn, result))
        else:
            try:
                answer = self._read(reply)
            except ConnectorError as error:
                self._finish(job, turn, error)
            else:
                self._finish(job, turn, answer)

    def _finish(self, job: Job, turn: Turn, result: Any) -> None:
        """Tell the gate how it ended; what was too many is asked again."""
        if isinstance(result, ThrottledError):
            if turn.sent_at is not None:
                turn.throttled(result.retry_after)
                job.tries += 1
                if job.tries < _LARGEST_TRIES:
                    self._put(job)
                    return
        elif isinstance(result, ConnectorError):
            turn.failed()
            if isinstance(result, AuthenticationError):
                # Asking on would only repeat it.
                self._gate.break_off(_StoppedError())
        elif isinstance(result, Exception):
            self._results.put((None, result))
            return
        else:
            turn.answered()
        self._gate.outstanding -= 1
        self._results.put((job, result))


class _StoppedError(Exception):
    """Nobody waits for the answer any more."""
