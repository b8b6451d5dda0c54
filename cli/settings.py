"""Settings of the command, read from the environment when a command runs, never at import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.errors import CliError

ROOT = Path(__file__).resolve().parent.parent

# Shown by --help, so that the command tells all of it.
DESCRIBED = {
    "RENOVATIEHUB_HOME": "folder of all state (default: .renovatiehub beside the command)",
    "RENOVATIEHUB_PYTHON": "the Python 3.11, 3.12 or 3.13 to use (default: the first that runs)",
    "RENOVATIEHUB_PORT": "fixed port of the web interface (default: a free one, kept)",
    "RENOVATIEHUB_HOST": "address the web interface listens on (default: 127.0.0.1)",
    "RENOVATIEHUB_URL": "address under which a browser reaches the web interface",
    "RENOVATIEHUB_DATABASE": "an administrator's URL of your own PostgreSQL 18+ "
    "(default: the embedded server)",
    "RENOVATIEHUB_POSTGRES_USER": "system user of the embedded server when started by root "
    "(default: postgres, else nobody)",
    "RENOVATIEHUB_API_URL": "address under which the hub itself reaches Airflow's API, "
    "when that runs elsewhere",
    "RENOVATIEHUB_EXECUTION_URL": "address under which tasks reach Airflow, when it runs elsewhere",
    "RENOVATIEHUB_SANDBOX_URL": "address of the sandbox, when it runs elsewhere",
    "RENOVATIEHUB_DATA_DOCS": "folder of the quality reports (default: data_docs in the state)",
    "RENOVATIEHUB_SLEUTELS": "the hub's keys: a 0600 file or JSON (default: made at set-up)",
    "RENOVATIEHUB_PARTNERS": "a table of partners of your own instead of hub/config/partners.yml",
    "RENOVATIEHUB_TST": "1 accepts the national numbers of fictitious persons "
    "(default: only with the sandbox's CRM)",
    "RENOVATIEHUB_MELDING_METEEN": "1 tells residents at once, at night too, and does not wait "
    "for more (default: only with the sandbox's CRM)",
    "RENOVATIEHUB_BEWONERSPAGINA": "address of the CRM's page for a resident, with "
    "{dossiernummer} in it: where every status and message leads (default: the sandbox's, only "
    "with its CRM; https elsewhere)",
    "AIRFLOW_CONN_*": "a connection of your own instead of the sandbox's: CRM, BASISREGISTERS, "
    "MAGDA_EPC, MAGDA_DOSIS, NOTIFICATIES, DIALOOG, IGO, ERFGOED, VERGUNNINGEN, BODEM, "
    "OVERSTROMING",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks of the command."""

    home: Path
    host: str = "127.0.0.1"
    port: int | None = None
    url: str | None = None
    database: str | None = field(default=None, repr=False)
    postgres_user: str | None = None
    sleutels: str | None = field(default=None, repr=False)
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)
    execution_url: str | None = None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read every setting.

    Raises:
        CliError: a setting has a value that cannot be used.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("RENOVATIEHUB_HOME") or ROOT / ".renovatiehub").expanduser().absolute()
    return Settings(
        home=home,
        host=env.get("RENOVATIEHUB_HOST") or "127.0.0.1",
        port=_port(env.get("RENOVATIEHUB_PORT")),
        url=env.get("RENOVATIEHUB_URL") or None,
        database=env.get("RENOVATIEHUB_DATABASE") or None,
        postgres_user=env.get("RENOVATIEHUB_POSTGRES_USER") or None,
        sleutels=env.get("RENOVATIEHUB_SLEUTELS") or None,
        connections={k: v for k, v in env.items() if k.startswith("AIRFLOW_CONN_")},
        execution_url=env.get("RENOVATIEHUB_EXECUTION_URL") or None,
    )


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CliError(f"RENOVATIEHUB_PORT is {text!r}; give a number between 1 and 65535.")
    return int(text)
