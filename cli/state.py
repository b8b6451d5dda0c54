"""The one folder that holds everything the command makes: data, logs, secrets, process records."""

from __future__ import annotations

import base64
import errno
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.errors import CliError

ROLES = (
    "hub_eigenaar",
    "hub_pull",
    "hub_enrich",
    "hub_push",
    "hub_rapportage",
    "hub_kwaliteit",
    "hub_aansluiting",
    "hub_operator",
    "hub_opruiming",
    "hub_wissing",
    "hub_sleutel",
    "hub_inzage",
    "hub_lezer",
    "hub_dashboard",
    "airflow",
)
USERS = ("beheerder", "operator", "functionaris", "lezer")
# Below the range from which systems draw the ports of outgoing connections.
PORT_RANGE = range(20000, 30000)


class State:
    """The state folder. Making the object makes the folders, open to their owner only."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with disk_errors(home):
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.run, self.secrets_folder, self.airflow_home):
                folder.mkdir(mode=0o700, exist_ok=True)
            document = self._read()
            if "id" not in document:
                self.remember(id=secrets.token_hex(6))

    @property
    def logs(self) -> Path:
        """Log files of every service, and of every task under `taken/`."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Process records, locks, and the working folder of each service."""
        return self.home / "run"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder."""
        return self.home / "airflow"

    @property
    def secrets_folder(self) -> Path:
        """Generated passwords and keys, one 0600 file each."""
        return self.home / "secrets"

    @property
    def sleutels(self) -> Path:
        """The hub's key file."""
        return self.secrets_folder / "sleutels.json"

    @property
    def sandbox_secrets(self) -> Path:
        """What the sandbox expects its callers to know."""
        return self.secrets_folder / "sandbox.json"

    @property
    def sandbox_tls(self) -> Path:
        """The sandbox's certificates and keys."""
        return self.secrets_folder / "sandbox_tls"

    def get(self, name: str) -> Any:
        """Return a remembered value, or None."""
        return self._read().get(name)

    def remember(self, **values: Any) -> None:
        """Keep values for the next start."""
        write_private(self.home / "state.json", self._read() | values)

    def secrets(self) -> dict[str, Any]:
        """Return the generated secrets; make them, and the key files, at the first call."""
        path = self.secrets_folder / "secrets.json"
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            document = {}
        except ValueError:
            raise CliError(f"{path} is damaged; restore it from a backup.") from None
        complete = _missing_secrets(document)
        with disk_errors(self.home):
            if complete != document:
                write_private(path, complete)
            if not self.sleutels.exists():
                write_private(
                    self.sleutels,
                    {"actief": "s1", "sleutels": {"s1": _key(32)}, "pseudoniem": _key(32)},
                )
            if complete != document or not self.sandbox_secrets.exists():
                write_private(self.sandbox_secrets, complete["sandbox"])
        return complete

    def port(self, name: str, *, fixed: int | None = None, in_use: bool = False) -> int:
        """Return the port of a service: the fixed one, else the one kept, else a free one.

        `in_use` says that our own service is listening there, so that it need not be free.

        Raises:
            CliError: the fixed port is taken by another process.
        """
        ports: dict[str, int] = self.get("ports") or {}
        kept = ports.get(name)
        if in_use and kept is not None and fixed in (None, kept):
            return kept
        if fixed is not None:
            if not is_free(fixed):
                raise CliError(
                    f"Port {fixed} is taken by another process; stop that process, "
                    "or choose another port in RENOVATIEHUB_PORT."
                )
            chosen = fixed
        elif kept is not None and is_free(kept):
            return kept
        else:
            chosen = _choose_port(set(ports.values()))
        self.remember(ports=ports | {name: chosen})
        return chosen

    def _read(self) -> dict[str, Any]:
        path = self.home / "state.json"
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except PermissionError:
            raise CliError(
                f"{path} cannot be read by this user; run as its owner or set RENOVATIEHUB_HOME."
            ) from None
        except ValueError:
            raise CliError(f"{path} is damaged; restore it, or remove the state folder.") from None
        return document


def is_free(port: int) -> bool:
    """Tell whether nobody listens on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, document: dict[str, Any]) -> None:
    """Replace a JSON file in one step, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(document, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn what a disk may refuse into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CliError(
                f"The disk of {folder} is full; free about 1 GB and try again."
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise CliError(
                f"{error.filename or folder} cannot be written by this user; "
                "set RENOVATIEHUB_HOME to a folder of your own."
            ) from None
        raise


def _choose_port(taken: set[int]) -> int:
    for _ in range(200):
        port = PORT_RANGE.start + secrets.randbelow(len(PORT_RANGE))
        if port not in taken and is_free(port):
            return port
    raise CliError("No free port was found between 20000 and 29999; stop some services first.")


def _key(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def _host_key() -> dict[str, str]:
    """Return the key pair of the sandbox's SFTP server, in OpenSSH's own form."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return {"hostsleutel": private.decode(), "hostsleutel_publiek": public.decode()}


def _missing_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with everything a later version also needs added to it."""
    made = {
        "postgres": secrets.token_urlsafe(24),
        "roles": {role: secrets.token_urlsafe(24) for role in ROLES},
        "users": {user: secrets.token_urlsafe(12) for user in USERS},
        "airflow": {
            "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt_secret": secrets.token_urlsafe(64),
            "secret_key": secrets.token_urlsafe(32),
        },
        "sandbox": {
            "control_token": secrets.token_urlsafe(24),
            "crm": {
                "client_id": f"hub-{secrets.token_hex(4)}",
                "client_secret": secrets.token_urlsafe(24),
            },
            "basisregisters": {"api_key": secrets.token_urlsafe(24)},
            "dialoog": {"token": secrets.token_urlsafe(24)},
            "igo": {
                "token": secrets.token_urlsafe(24),
                "sftp": {"login": "stad", "wachtwoord": secrets.token_urlsafe(24), **_host_key()},
            },
        },
    }
    return _merge(made, document)


def _merge(made: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    merged = made | kept
    for name, value in made.items():
        if isinstance(value, dict) and isinstance(kept.get(name), dict):
            merged[name] = _merge(value, kept[name])
    return merged
