"""What a container runs: one service, and never one that a rehearsal may kill."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import service
from hub.kill_point import VARIABLE


@pytest.mark.parametrize("name", service.NAMES)
def test_an_installation_refuses_to_start_with_kill_points(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RENOVATIEHUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert service.main([name]) == 1
    assert VARIABLE in capsys.readouterr().err
    assert not (tmp_path / "home").exists()
