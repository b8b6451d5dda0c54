"""The state folder: rights, ports, secrets, and what the disk may refuse."""

from __future__ import annotations

import base64
import errno
import json
import socket
import stat
from pathlib import Path

import pytest

from cli.errors import CliError
from cli.settings import read_settings
from cli.state import ROLES, State, disk_errors
from hub.keys import load_keyring


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_secrets_are_open_to_their_owner_only(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.secrets()
    assert mode(state.home) == 0o700
    for folder in (state.logs, state.run, state.secrets_folder, state.airflow_home):
        assert mode(folder) == 0o700
    for name in ("secrets.json", "sleutels.json", "sandbox.json"):
        assert mode(state.secrets_folder / name) == 0o600


def test_secrets_stay_the_same_and_a_new_one_is_added(tmp_path: Path) -> None:
    first = State(tmp_path).secrets()
    path = tmp_path / "secrets" / "secrets.json"
    older = {**first, "roles": {k: v for k, v in first["roles"].items() if k != "hub_lezer"}}
    path.write_text(json.dumps(older))
    again = State(tmp_path).secrets()
    assert set(again["roles"]) == set(ROLES)
    assert again["roles"].pop("hub_lezer")
    assert again["roles"] == older["roles"]
    assert again["users"] == first["users"]


def test_the_generated_key_file_is_one_the_hub_accepts(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.secrets()
    keyring = load_keyring(str(state.sleutels))
    assert keyring.decrypt(*keyring.encrypt(b"x", context="c"), context="c") == b"x"


def test_the_jwt_secret_has_64_bytes_and_the_fernet_key_32(tmp_path: Path) -> None:
    airflow = State(tmp_path).secrets()["airflow"]
    assert len(airflow["jwt_secret"]) >= 64
    assert len(base64.urlsafe_b64decode(airflow["fernet_key"])) == 32


def test_a_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    port = State(tmp_path).port("proef")
    assert State(tmp_path).port("proef") == port
    with socket.create_server(("127.0.0.1", port)):
        assert State(tmp_path).port("proef", in_use=True) == port
        assert State(tmp_path).port("proef") != port


def test_a_taken_fixed_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        with pytest.raises(CliError, match=f"Port {taken} is taken by another process"):
            State(tmp_path).port("api-server", fixed=taken)


@pytest.mark.parametrize("text", ["acht", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CliError, match="RENOVATIEHUB_PORT"):
        read_settings({"RENOVATIEHUB_PORT": text})


def test_a_damaged_state_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(CliError, match="is damaged"):
        State(tmp_path)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, "is full"), (errno.EDQUOT, "is full"), (errno.EROFS, "cannot be written")],
)
def test_what_the_disk_refuses_is_one_clear_sentence(
    tmp_path: Path, number: int, expected: str
) -> None:
    with pytest.raises(CliError, match=expected), disk_errors(tmp_path):
        raise OSError(number, "refused", str(tmp_path))


def test_secrets_are_not_shown_with_the_settings() -> None:
    settings = read_settings(
        {"RENOVATIEHUB_DATABASE": "postgresql://a:geheim@x/y", "AIRFLOW_CONN_CRM": "geheim"}
    )
    assert "geheim" not in repr(settings)
