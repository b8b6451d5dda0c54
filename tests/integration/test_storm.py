"""A short storm over real processes: nothing lost, nothing twice, whatever dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.storm.judge import COUNTS

ROOT = Path(__file__).resolve().parents[2]
DOSSIERS, KILLS = 30, 12

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    home = tmp_path_factory.mktemp("storm") / "home"
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW_CONN_", "RENOVATIEHUB_"))
    }
    command = [
        sys.executable, "-P", "-m", "cli", "storm", "--json", "--seed=1",
        f"--dossiers={DOSSIERS}", f"--kills={KILLS}",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env | {"RENOVATIEHUB_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    return home, done


@pytest.fixture(scope="module")
def answer(storm: tuple[Path, subprocess.CompletedProcess]) -> dict[str, Any]:
    _, done = storm
    assert done.stdout.strip(), done.stderr
    document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return document


def test_a_short_storm_ends_with_five_zeros(
    storm: tuple[Path, subprocess.CompletedProcess], answer: dict[str, Any]
) -> None:
    _, done = storm
    assert {name: answer[name] for name in COUNTS} == dict.fromkeys(COUNTS, 0), done.stderr
    assert done.returncode == 0, done.stderr


def test_processes_of_every_kind_died_and_faults_hit(answer: dict[str, Any]) -> None:
    assert answer["kills"] == KILLS == sum(answer["per_target"].values())
    assert {"scheduler", "database"} <= set(answer["per_target"])
    assert any(target.startswith("point:") for target in answer["per_target"])
    assert answer["faults"] > 20
    assert answer["acts"]["typen"] > 0
    assert answer["acts"]["intrekken"] > 0


def test_what_the_partners_told_came_home(answer: dict[str, Any]) -> None:
    assert answer["voortgang"] > DOSSIERS
    assert answer["documenten"] > 0


def test_a_consultant_typed_steps_and_every_status_was_compared(answer: dict[str, Any]) -> None:
    assert {"stap_open", "stap_gedaan"} <= set(answer["acts"])
    assert 0 < answer["door_stap"] < answer["statussen"] <= DOSSIERS


def test_a_clean_storm_leaves_nothing_behind(
    storm: tuple[Path, subprocess.CompletedProcess], answer: dict[str, Any]
) -> None:
    home, _ = storm
    left = {path.name for path in (home / "storm").rglob("*") if path.is_file()}
    assert left <= {"lock"}
