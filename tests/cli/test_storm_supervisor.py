"""The storm's supervisor: what died is started again, what lives in silence too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cli import airflow
from cli.services import Services
from cli.storm import rehearse
from cli.storm.rehearse import LOOK_SECONDS, SILENT_SECONDS, Supervisor


class Stage:
    """Services of which some died and some give no sign of life."""

    def __init__(self) -> None:
        self.state = None
        self.dead: list[str] = []
        self.finished: list[str] = []
        self.processes = SimpleNamespace(
            running=lambda name: None, finish=lambda name: self.finished.append(name)
        )

    def revive(self, owner: str) -> list[str]:
        revived, self.dead = self.dead, []
        return revived


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    made = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(rehearse, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def test_what_died_is_started_again_and_counted(clock: SimpleNamespace) -> None:
    stage = Stage()
    supervisor = Supervisor(stage)  # type: ignore[arg-type]
    stage.dead = ["scheduler", "postgres"]
    supervisor.step()
    supervisor.step()
    assert supervisor.revived == {"scheduler": 1, "postgres": 1}


def test_without_an_answer_of_the_api_only_the_api_is_started_anew(
    clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(airflow, "health", lambda state: {})
    stage = Stage()
    supervisor = Supervisor(stage)  # type: ignore[arg-type]
    clock.now += LOOK_SECONDS + 1
    supervisor.step()
    assert stage.finished == []
    clock.now += SILENT_SECONDS
    supervisor.step()
    assert stage.finished == [airflow.API]


def test_a_service_of_an_earlier_command_is_not_started_by_revive(tmp_path) -> None:
    services = Services.__new__(Services)
    services.postgres = None
    services._launches = []
    assert services.revive("storm") == []
