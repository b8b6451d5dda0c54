"""Services as processes of their own session, recorded so that a later command can find them.

Each service starts in a working folder of its own inside the state folder. That folder and the
session tell its processes from all others, also after a `kill -9` of the launcher or the service.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from cli.errors import CliError
from cli.state import disk_errors, write_private


@dataclass(frozen=True, slots=True)
class Record:
    """A process that some command started; `owner` is the command that must stop it."""

    name: str
    pid: int
    created: float
    owner: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Launch:
    """How a service starts."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path

    @property
    def fingerprint(self) -> str:
        """Changes when the service would start differently: then it is not taken over."""
        ours = [
            item
            for item in sorted(self.env.items())
            if item[0].startswith(("AIRFLOW", "RENOVATIE"))
        ]
        text = json.dumps([list(self.command), ours])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Processes:
    """The recorded processes of one state folder."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder

    def start(self, launch: Launch, owner: str) -> Record:
        """Start a service that outlives this command; its output goes to its log."""
        workdir = self.workdir(launch.name)
        with disk_errors(self._folder):
            workdir.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as log:
            process = subprocess.Popen(
                list(launch.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(launch.env),
                cwd=workdir,
                start_new_session=True,
            )
        # It outlives this command: nothing here waits for it.
        process.returncode = 0
        record = Record(launch.name, process.pid, _created(process.pid), owner, launch.fingerprint)
        with disk_errors(self._folder):
            write_private(self._path(launch.name), asdict(record))
        return record

    def run(self, launch: Launch) -> int:
        """Run something that ends by itself and return its exit code.

        What an earlier, killed run left of it is ended first.
        """
        self.stop([launch.name])
        record = self.start(launch, "run")
        try:
            _, status = os.waitpid(record.pid, 0)
        finally:
            self.stop([launch.name], timeout=3.0)
        return os.waitstatus_to_exitcode(status)

    def record(self, name: str) -> Record | None:
        """Return what was recorded of a service, whether it still runs or not."""
        try:
            return Record(**json.loads(self._path(name).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def running(self, name: str) -> Record | None:
        """Return the record of a service whose main process is alive."""
        record = self.record(name)
        return record if record is not None and is_alive(record) else None

    def adopt(self, name: str, owner: str) -> None:
        """Make a running service this command's to stop."""
        record = self.record(name)
        if record is not None and record.owner != owner:
            write_private(self._path(name), asdict(record) | {"owner": owner})

    def members(self, name: str) -> list[psutil.Process]:
        """Return every process of a service, also when its main process is gone."""
        record = self.record(name)
        if record is None:
            return []
        found = []
        leader_alive = is_alive(record)
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            with contextlib.suppress(OSError, psutil.Error):
                if os.getsid(process.pid) != record.pid or is_zombie(process):
                    continue
                # A session id can come back once all its processes are gone: the working
                # folder then tells ours from strangers.
                if leader_alive or Path(process.cwd()) == self.workdir(name):
                    found.append(process)
        return found

    def rss_mb(self, name: str) -> float:
        """Return the resident memory of a service's processes, in MB."""
        return resident_mb(self.members(name))

    def stop(self, names: Sequence[str], *, timeout: float = 20.0) -> None:
        """Stop services together: ask, wait, then insist, until no process is left."""
        for name in names:
            record = self.running(name)
            if record is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + timeout
        waiting = list(names)
        while waiting and time.monotonic() < deadline:
            waiting = [name for name in waiting if self.running(name) is not None]
            if waiting:
                time.sleep(0.05)
        for name in names:
            stop_processes(self.members(name))
            self._path(name).unlink(missing_ok=True)

    def finish(self, name: str) -> None:
        """Kill what is left of a service, at once and without asking."""
        left = self.members(name)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=3.0)

    def workdir(self, name: str) -> Path:
        """Return the folder a service works in."""
        return (self._folder / name).resolve()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def resident_mb(processes: list[psutil.Process]) -> float:
    """Return the resident memory of processes in MB, shared pages counted once where known."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            memory = process.memory_full_info()
            total += getattr(memory, "pss", memory.rss)
    return round(total / 1e6, 1)


def stop_processes(processes: list[psutil.Process], *, grace: float = 3.0) -> None:
    """End processes: SIGTERM, a moment, SIGKILL."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=grace)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    _, left = psutil.wait_procs(stubborn, timeout=grace)
    left = [process for process in left if not is_zombie(process)]
    if left:
        raise CliError(f"Process {left[0].pid} does not end, not even by kill -9; look at it.")


def is_alive(record: Record) -> bool:
    """Tell whether the recorded process itself runs, and not another one under its number."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(record.pid, os.WNOHANG)
    try:
        process = psutil.Process(record.pid)
        return abs(process.create_time() - record.created) < 5.0 and not is_zombie(process)
    except psutil.Error:
        return False


def is_zombie(process: psutil.Process) -> bool:
    """Tell whether a process has ended and only waits for its parent to notice."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def _created(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return time.time()
