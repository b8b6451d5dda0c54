"""Services as recorded processes: found again, taken over, ended with all they started."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.processes import Launch, Processes, is_alive

# A service with a child of its own, as Airflow's processes have.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """A service that starts a child and waits."""
    return Launch("proef", [sys.executable, "-c", PARENT], dict(os.environ), tmp_path / "log")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """The processes of a state folder; none outlives its test."""
    folder = tmp_path / "run"
    folder.mkdir()
    made = Processes(folder)
    yield made
    made.stop(["proef"], timeout=2.0)


def wait_for(log: Path) -> None:
    deadline = time.monotonic() + 10
    while "started" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_stopping_ends_the_service_and_its_children(processes: Processes, launch: Launch) -> None:
    record = processes.start(launch, "up")
    wait_for(launch.log)
    assert len(processes.members("proef")) == 2
    assert processes.rss_mb("proef") > 1
    processes.stop(["proef"])
    assert not is_alive(record)
    assert processes.members("proef") == []
    assert processes.record("proef") is None


def test_what_a_killed_service_left_is_found_and_ended(
    processes: Processes, launch: Launch
) -> None:
    record = processes.start(launch, "up")
    wait_for(launch.log)
    os.kill(record.pid, signal.SIGKILL)
    os.waitpid(record.pid, 0)
    assert processes.running("proef") is None
    assert len(processes.members("proef")) == 1
    processes.stop(["proef"])
    assert processes.members("proef") == []


def test_another_process_under_the_same_number_is_not_taken_for_ours(
    processes: Processes, launch: Launch
) -> None:
    record = processes.start(launch, "up")
    stranger = dataclasses.replace(record, created=record.created - 3600)
    assert is_alive(record)
    assert not is_alive(stranger)


def test_a_later_command_finds_the_service_and_may_take_it_over(
    processes: Processes, launch: Launch, tmp_path: Path
) -> None:
    record = processes.start(launch, "demo")
    later = Processes(tmp_path / "run")
    assert later.running("proef") == record
    later.adopt("proef", "up")
    assert later.running("proef") == dataclasses.replace(record, owner="up")


def test_only_our_own_settings_make_a_service_start_anew(launch: Launch) -> None:
    same = dataclasses.replace(launch, env={**launch.env, "TERM": "other"})
    other = dataclasses.replace(launch, env={**launch.env, "AIRFLOW__CORE__PARALLELISM": "8"})
    assert same.fingerprint == launch.fingerprint
    assert other.fingerprint != launch.fingerprint


def test_something_that_ends_by_itself_gives_its_exit_code(
    processes: Processes, launch: Launch
) -> None:
    ending = dataclasses.replace(launch, command=[sys.executable, "-c", "raise SystemExit(7)"])
    assert processes.run(ending) == 7
    assert processes.record("proef") is None


def test_what_a_killed_service_left_is_killed_at_once_and_its_record_stays(
    processes: Processes, launch: Launch
) -> None:
    record = processes.start(launch, "up")
    wait_for(launch.log)
    os.kill(record.pid, signal.SIGKILL)
    processes.finish("proef")
    assert processes.members("proef") == []
    assert processes.record("proef") == record
