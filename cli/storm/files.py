"""A storm in which a partner takes files over SFTP: its table of partners, and its time."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from hub.channels.bestanden import GATHER_SECONDS
from hub.partners import TABLE

VARIABLE = "RENOVATIEHUB_PARTNERS"
# So long a batch lies at the sandbox's partner before its desk looks at it.
FILE_SECONDS = 0.5
# The desk looks again every twentieth of a second, and takes a few lines at a time.
DESK_SECONDS = 0.5
# The batch, its checksum and the rename; what was ordered at a partner delays one of them.
ACTS = 3


def choose_channel(home: Path, partner: str, kanaal: str) -> None:
    """Let this process and its services reach the partner by this channel: ``rest`` or ``sftp``.

    The table is the one in use but for that row.
    """
    document = yaml.safe_load(Path(os.environ.get(VARIABLE) or TABLE).read_text(encoding="utf-8"))
    row = document["partners"][partner]
    row["kanaal"] = kanaal
    row["verbinding"] = partner.upper() + ("_SFTP" if kanaal == "sftp" else "")
    table = home / "partners.yml"
    table.write_text(
        yaml.safe_dump({"partners": document["partners"]}, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
    )
    os.environ[VARIABLE] = str(table)


def time_under_way(delay: float) -> float:
    """Return how many seconds more than a request a line takes until the partner has handled it.

    It waits for the others of its batch, is handed in by three acts that may each be delayed, and
    lies there until the partner's desk comes by.
    """
    return GATHER_SECONDS + (ACTS - 1) * delay + FILE_SECONDS + DESK_SECONDS
