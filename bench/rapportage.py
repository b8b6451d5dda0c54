"""A day's changes reach the warehouse in time that grows with them, not with what is there.

Of many dossiers with eight steps each a few change. Ours: the load of that increment, every fact
of the changed dossiers anew. Floor: one statement that reads and writes the same dossiers' steps.
The first load is told beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from bench.common.answer import Answer, BrokenGuaranteeError, middle
from bench.common.place import Place, make_keyring, peak_mb
from hub.database import execute, fetch_one, make_engine
from hub.keys import Keyring
from hub.rapportage.load import load_rapportage

PEERS: tuple[str, ...] = ()
STEPS = 8
_PATH = "bench/rapportage"
_BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class Size:
    """How many dossiers there are, of how many one changes, and how often that is measured."""

    dossiers: int = 1_000_000
    one_in: int = 200
    rounds: int = 3

    @property
    def changed(self) -> int:
        """How many dossiers change in a round."""
        return (self.dossiers - 1) // self.one_in + 1


def run(
    place: Place,
    *,
    peers: Sequence[str] = PEERS,
    say: Callable[[str], None],
    size: Size | None = None,
) -> Answer:
    """Land the dossiers, load them, then change some and load again, a few rounds.

    Raises:
        BrokenGuaranteeError: the warehouse does not say what landed.
    """
    assert not peers, "the caller checked the name"
    size, keyring = size or Size(), make_keyring()
    figures: dict[str, list[float]] = {"ours": [], "floor": []}
    with place.fresh_database() as database:
        owner = make_engine(database.url("hub_eigenaar"), pool_size=1)
        loader = make_engine(database.url("hub_rapportage"), pool_size=1)
        try:
            begun = time.monotonic()
            _land(owner, size)
            say(f"rapportage: {size.dossiers} dossiers landed in {time.monotonic() - begun:.0f} s")
            first = _load(loader, keyring)
            _tidy(owner)
            say(f"rapportage: first load in {first:.0f} s, {peak_mb():.0f} MB")
            for number in range(size.rounds):
                figures["floor"].append(_floor(owner, size))
                with owner.begin() as connection:
                    execute(connection, _PATH, "change", aantal=size.dossiers, een_op=size.one_in)
                figures["ours"].append(_load(loader, keyring))
                _check(owner, size)
                say(
                    f"rapportage {number + 1}/{size.rounds}: {size.changed} of {size.dossiers} "
                    f"dossiers in {figures['ours'][-1]:.1f} s, floor {figures['floor'][-1]:.2f} s"
                )
        finally:
            owner.dispose()
            loader.dispose()
    return Answer(
        "rapportage",
        middle(figures["ours"]),
        middle(figures["floor"]),
        "s",
        peak_mb(),
        more={
            "dossiers": size.dossiers,
            "steps": size.dossiers * STEPS,
            "changed": size.changed,
            "first_load_seconds": round(first, 1),
        },
    )


def _land(owner: Engine, size: Size) -> None:
    for van in range(1, size.dossiers + 1, _BLOCK):
        tot = min(van + _BLOCK - 1, size.dossiers)
        with owner.begin() as connection:
            for name in ("add_dossiers", "add_steps"):
                execute(connection, _PATH, name, van=van, tot=tot)
    _tidy(owner)


def _tidy(owner: Engine) -> None:
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        execute(connection, _PATH, "tidy")


def _load(loader: Engine, keyring: Keyring) -> float:
    begun = time.monotonic()
    load_rapportage(loader, keyring)
    return time.monotonic() - begun


def _floor(owner: Engine, size: Size) -> float:
    begun = time.monotonic()
    with owner.begin() as connection:
        execute(connection, _PATH, "floor", aantal=size.dossiers, een_op=size.one_in)
    return time.monotonic() - begun


def _check(owner: Engine, size: Size) -> None:
    with owner.begin() as connection:
        row = fetch_one(
            connection, _PATH, "count_changed", aantal=size.dossiers, een_op=size.one_in
        )
    told = 0 if row is None else int(row["aantal"])
    if told != size.changed:
        raise BrokenGuaranteeError(
            f"The benchmark of the warehouse has no figure: of {size.changed} dossiers that "
            f"changed it tells {told} as they landed."
        )
