"""The key file: add a key, take a retired one out, renew that of the warehouse.

It is replaced in one step, mode 0600.
"""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.keys import KeyringError, load_keyring

_KEY_BYTES = 32
_MOMENT = "s%Y%m%d%H%M%S%f"
# A task reads the keys when it begins, and Airflow ends it after an hour (plugins/hub_assets.py).
LONGEST_TASK = timedelta(hours=1)


def add_key(path: Path) -> str:
    """Add a fresh key, make it the active one, and return its id; the older ones stay for opening.

    Raises:
        KeyringError: the file is not a good key file, or cannot be replaced.
    """
    document = _read(path)
    # The moment in the id tells its age, and an id never comes back for another key.
    key_id = datetime.now(UTC).strftime(_MOMENT)
    document["sleutels"][key_id] = base64.b64encode(os.urandom(_KEY_BYTES)).decode()
    document["actief"] = key_id
    _replace(path, document)
    return key_id


def renew_report_key(path: Path) -> str:
    """Replace the key of the warehouse's pseudonyms by a fresh one, and return its id.

    The next load gives every row of the warehouse its new pseudonym; the older key opens nothing,
    so that it is not kept.

    Raises:
        KeyringError: the file is not a good key file, or cannot be replaced.
    """
    document = _read(path)
    key_id = datetime.now(UTC).strftime(_MOMENT)
    document["rapportage"] = {
        "id": key_id,
        "sleutel": base64.b64encode(os.urandom(_KEY_BYTES)).decode(),
    }
    _replace(path, document)
    return key_id


def drop_key(path: Path, key_id: str, *, now: datetime | None = None) -> None:
    """Take a retired key out; what it sealed does not open any more.

    Raises:
        KeyringError: there is no such key, it is the active one, a task that began before the
            active one was added may still seal under it, or the file cannot be replaced.
    """
    document = _read(path)
    if key_id not in document["sleutels"]:
        raise KeyringError(
            f"Key {key_id!r} is not in the key file. Nothing changed. "
            "Look at the ids with 'sleutels toon'."
        )
    if key_id == document["actief"]:
        raise KeyringError(
            f"Key {key_id!r} is the active one. Nothing changed. "
            "Add another with 'sleutels nieuw' first."
        )
    settled = _added_at(document["actief"]) + LONGEST_TASK
    if (now or datetime.now(UTC)) < settled:
        raise KeyringError(
            f"A task that began before {document['actief']!r} was added may still seal under "
            f"{key_id!r}. Nothing changed. Seal anew and try again after {settled:%H:%M} UTC."
        )
    del document["sleutels"][key_id]
    _replace(path, document)


def _added_at(key_id: str) -> datetime:
    """Return when a key was added; the beginning of time for one that this file did not name."""
    try:
        return datetime.strptime(key_id, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _read(path: Path) -> dict[str, Any]:
    load_keyring(str(path))
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _replace(path: Path, document: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        owner = path.stat()
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            if os.geteuid() == 0:
                # The services that read it may run as another user.
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            json.dump(document, stream, indent=1)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError as error:
        raise KeyringError(
            f"The key file cannot be replaced ({error.strerror}). Nothing changed. "
            "Run as its owner, on a disk with room."
        ) from None
