"""How many residents of each seed live in the city; kept over a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.crm.vulling import insert_residents
from sandbox.stad.woning import MAX_WONINGEN

if TYPE_CHECKING:
    from sandbox.world import World

_DDL = "CREATE TABLE IF NOT EXISTS stad (seed INTEGER PRIMARY KEY, residents INTEGER NOT NULL)"


class CityError(ValueError):
    """The wish cannot be granted."""


def restore_city(world: World) -> None:
    """Let the dwellings exist that the state remembers."""
    world.state.create(_DDL)
    row = world.state.first("SELECT max(residents) FROM stad")
    world.city.grow((row and row[0]) or 0)
    world.register.grow()


def grow_city(world: World, seed: int, residents: int) -> int:
    """Bring the residents of a seed to at least this number; return how many there are.

    Raises:
        CityError: seed or number is out of bounds.
    """
    if not 0 <= seed <= 9999:
        raise CityError("seed must lie between 0 and 9999")
    if not 0 <= residents <= MAX_WONINGEN:
        raise CityError(f"residents must lie between 0 and {MAX_WONINGEN}")
    present = count_residents(world, seed)
    if residents > present:
        world.city.grow(residents)
        with world.rijen.write():
            insert_residents(world, seed, range(present, residents))
            world.register.grow()
            world.state.execute("INSERT OR REPLACE INTO stad VALUES (?, ?)", (seed, residents))
    return max(present, residents)


def count_residents(world: World, seed: int) -> int:
    """Return the number of residents of a seed."""
    row = world.state.first("SELECT residents FROM stad WHERE seed = ?", (seed,))
    return int(row[0]) if row else 0
