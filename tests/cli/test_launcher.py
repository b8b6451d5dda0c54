"""The shell launcher and the set-up before the first Python package is there."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import bootstrap

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "readlink")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh copy of what the launcher needs, without an environment."""
    root = tmp_path / "clone"
    (root / "cli").mkdir(parents=True)
    shutil.copy(ROOT / "renovatiehub", root)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "requirements", root / "requirements")
    shutil.copytree(ROOT / "cli", root / "cli", dirs_exist_ok=True)
    return root


@pytest.fixture
def path_folder(tmp_path: Path) -> Path:
    """A PATH with the few programs a POSIX system has, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def put_program(folder: Path, name: str, script: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def launch(clone: Path, path: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(clone / "renovatiehub"), *arguments],
        env={"PATH": str(path), "HOME": str(path), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def only_sentence(result: subprocess.CompletedProcess) -> str:
    lines = result.stderr.strip().splitlines()
    assert result.returncode != 0
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("renovatiehub: ")
    return lines[0]


def test_without_any_python_one_sentence_says_so(clone: Path, path_folder: Path) -> None:
    said = only_sentence(launch(clone, path_folder, "up"))
    assert "no Python was found; install Python 3.11, 3.12 or 3.13" in said


def test_a_too_old_python_is_named_with_its_version(clone: Path, path_folder: Path) -> None:
    put_program(path_folder, "python3", "echo 3.9")
    assert "only Python 3.9 was found" in only_sentence(launch(clone, path_folder, "up"))


def test_a_shim_that_exists_and_fails_is_passed_over(clone: Path, path_folder: Path) -> None:
    put_program(path_folder, "python3.13", "echo 'no such version' >&2; exit 127")
    put_program(path_folder, "python3.12", f'exec "{sys.executable}" "$@"')
    result = launch(clone, path_folder, "--help")
    assert result.returncode == 0, result.stderr
    assert "COMMAND" in result.stdout


def test_a_python_without_venv_says_what_to_install(clone: Path, path_folder: Path) -> None:
    put_program(path_folder, "python3.11", "echo '3.11 incomplete'")
    assert "python3-venv" in only_sentence(launch(clone, path_folder, "up"))


def test_a_wished_python_that_is_too_new_is_refused(clone: Path, path_folder: Path) -> None:
    program = put_program(path_folder, "nieuw", "echo 3.14")
    said = only_sentence(launch(clone, path_folder, "up", RENOVATIEHUB_PYTHON=str(program)))
    assert "RENOVATIEHUB_PYTHON is Python 3.14" in said


def test_a_wished_python_that_does_not_run_is_refused(clone: Path, path_folder: Path) -> None:
    said = only_sentence(launch(clone, path_folder, "up", RENOVATIEHUB_PYTHON="/nergens/python"))
    assert "does not run as Python" in said


def test_help_of_every_command_needs_no_environment(clone: Path, path_folder: Path) -> None:
    python = put_program(path_folder, "python3.11", f'exec "{sys.executable}" "$@"')
    for command in ("demo", "up", "down", "status", "test"):
        result = launch(clone, path_folder, command, "--help", RENOVATIEHUB_PYTHON=str(python))
        assert result.returncode == 0, result.stderr
        assert f"usage: renovatiehub {command}" in result.stdout
    assert not (clone / ".venv").exists()


def test_a_link_to_the_launcher_finds_the_clone(clone: Path, path_folder: Path) -> None:
    put_program(path_folder, "python3.11", f'exec "{sys.executable}" "$@"')
    link = path_folder / "hub"
    link.symlink_to(clone / "renovatiehub")
    result = subprocess.run(
        [str(link), "--help"], env={"PATH": str(path_folder)}, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_an_unreachable_registry_is_one_clear_sentence(clone: Path, path_folder: Path) -> None:
    put_program(path_folder, "python3.11", f'exec "{sys.executable}" "$@"')
    nobody = "http://127.0.0.1:9/simple"
    result = launch(
        clone,
        path_folder,
        "up",
        PIP_INDEX_URL=nobody,
        PIP_RETRIES="0",
        PIP_CONFIG_FILE=os.devnull,
        UV_INDEX_URL=nobody,
    )
    assert result.returncode != 0
    assert "the package registry cannot be reached" in result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        (str(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), "the disk is full"),
        ("error: Failed to fetch: `x`\n caused by: dns error", "cannot be reached"),
        ("Failed to fetch: invalid peer certificate: UnknownIssuer", "does not trust"),
        ("error: Hash mismatch for `requests==2`", "differs from its hash"),
        ("first\nerror: something else", "Installing failed: error: something else"),
    ],
)
def test_a_failed_step_is_explained(said: str, expected: str) -> None:
    assert expected in bootstrap.explain("Installing", said)


def test_a_disk_without_room_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(bootstrap.SetupError, match="free some space"):
        bootstrap.require_space(tmp_path, needed=10**18)


def test_the_test_environment_also_serves_the_other_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "stamp.json"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    assert not bootstrap.is_ready("hub")
    stamp.write_text(bootstrap.json.dumps(bootstrap.wanted_stamp("test")))
    assert bootstrap.is_ready("test")
    assert bootstrap.is_ready("hub")
    stamp.write_text(bootstrap.json.dumps(bootstrap.wanted_stamp("hub")))
    assert bootstrap.is_ready("hub")
    assert not bootstrap.is_ready("test")


def test_another_command_that_refreshes_the_environment_leaves_it_good_for_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "stamp.json"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    assert bootstrap.wanted_kind(["demo"]) == "hub"
    assert bootstrap.wanted_kind(["test", "tests/cli"]) == "test"
    stamp.write_text(bootstrap.json.dumps(bootstrap.wanted_stamp("test")))
    assert bootstrap.wanted_kind(["demo"]) == "test"


def test_a_changed_lock_makes_the_environment_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "stamp.json"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    stamp.write_text(bootstrap.json.dumps(bootstrap.wanted_stamp("hub") | {"hub": "other"}))
    assert not bootstrap.is_ready("hub")


def test_the_parser_needs_the_standard_library_only() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from cli.main import build_parser\n"
        "build_parser().format_help()"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
