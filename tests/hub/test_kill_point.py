"""Kill points: armed they kill once, unarmed they do nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub.kill_point import POINTS, VARIABLE, kill_point

ROOT = Path(__file__).resolve().parents[2]
CODE = "from hub.kill_point import kill_point; kill_point('before_send'); print('alive')"


def _run(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_an_order_kills_one_process_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "before_send.7").touch()
    env = {VARIABLE: str(tmp_path)}
    assert _run(env).returncode == -9
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["before_send.7"]
    assert _run(env).stdout == "alive\n"


def test_without_the_variable_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    kill_point("before_send")


def test_an_unknown_point_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match="no kill point 'nowhere'"):
        kill_point("nowhere")


def test_every_point_is_passed_somewhere_and_no_other() -> None:
    calls = {
        name
        for path in (ROOT / "hub").rglob("*.py")
        for name in re.findall(r'kill_point\("(\w+)"\)', path.read_text(encoding="utf-8"))
    }
    assert calls == set(POINTS)
