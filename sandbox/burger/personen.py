"""Who may sign on here: fictitious persons only, known by their test numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from sandbox.magda.dosis import is_insz
from sandbox.stad.bewoner import build_bewoner
from sandbox.world import World

OFFERED = 200
_TEST_MONTHS = range(61, 73)


@dataclass(frozen=True, slots=True)
class Persoon:
    """A resident of the city, to choose from."""

    insz: str = field(repr=False)
    voornaam: str
    naam: str
    dossiernummer: str


def read_insz(text: str) -> str | None:
    """Return the digits of a test number, however it was written; None when it is none."""
    digits = "".join(sign for sign in text if sign not in " .-/")
    if not is_insz(digits) or int(digits[2:4]) not in _TEST_MONTHS:
        return None
    return digits


def list_persons(world: World) -> list[Persoon]:
    """Return the first residents of the city who can sign on."""
    places = (
        (seed, i)
        for seed, residents in world.state.query("SELECT seed, residents FROM stad ORDER BY seed")
        for i in range(residents)
    )
    people = (build_bewoner(*place) for place in places)
    able = (one for one in people if one.insz is not None and read_insz(one.insz) is not None)
    return [
        Persoon(str(one.insz), one.voornaam, one.naam, one.dossiernummer)
        for one in islice(able, OFFERED)
    ]


def find_name(world: World, insz: str) -> dict[str, str]:
    """Return what is told of a person beside the number: the name, where it is known."""
    for one in list_persons(world):
        if one.insz == insz:
            return {"given_name": one.voornaam, "family_name": one.naam}
    return {}
