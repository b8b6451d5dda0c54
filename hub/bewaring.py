"""Retention: empty and remove what its term is over, a small set at a time, and tell how much."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from hub.config import load_config
from hub.database import execute, fetch_one
from hub.toegangslog import close_past_segment

BATCH = 1000
# What ends by a term; the others are kept, or go with something else.
MET_TERMIJN = ("inhoud_wissen", "rij_wissen")
WIJZEN = (*MET_TERMIJN, "volgt", "bewaren")
_PATH = "ops/bewaring"
_logger = logging.getLogger("hub.bewaring")


@dataclass(frozen=True, slots=True)
class Bewaarregel:
    """How long one kind of data is kept (days), and what happens then."""

    soort: str
    wijze: str
    dagen: int


def load_bewaarregels() -> list[Bewaarregel]:
    """Return the rules of ``hub/config/bewaring.yml`` that have a term, in their order.

    Raises:
        ValueError: a term is no whole number of days of at least 1, or an effect is unknown.
    """
    found = [read_bewaarregel(soort, given) for soort, given in load_config("bewaring").items()]
    return [regel for regel in found if regel is not None]


def read_bewaarregel(soort: str, given: dict[str, Any]) -> Bewaarregel | None:
    """Return one rule as it stands in the configuration; None when it has no term.

    Raises:
        ValueError: a term is no whole number of days of at least 1, or an effect is unknown.
    """
    dagen, wijze = given.get("dagen"), given.get("wijze")
    without = wijze in WIJZEN and wijze not in MET_TERMIJN
    if without and dagen is None:
        return None
    if without or type(dagen) is not int or dagen < 1 or wijze not in WIJZEN:
        raise ValueError(
            f"bewaring {soort}: dagen is {dagen!r} and wijze is {wijze!r}. Nothing was removed. "
            f"Give a whole number of days from 1 with one of {', '.join(MET_TERMIJN)}, and no "
            "days with another."
        )
    return Bewaarregel(soort, str(wijze), dagen)


def clean_bewaartermijn(
    engine: Engine,
    *,
    naam: str,
    regels: Sequence[Bewaarregel] | None = None,
    batch: int = BATCH,
) -> dict[str, int]:
    """Empty and remove everything whose term is over; returns the number per kind.

    Each set is one transaction with its line in ``hub.opruiming``, under the run's name: a run that
    was killed goes on where it stopped, and running again removes nothing more. That line also
    tells, once the kind is done, the oldest that is left and how much stays although its term is
    over. Before it, a month of the access log that is over is closed.

    Raises:
        ValueError: the configuration is not usable; nothing was removed.
    """
    chosen = load_bewaarregels() if regels is None else regels
    close_past_segment(engine)
    counts: dict[str, int] = {}
    for regel in chosen:
        counts[regel.soort] = 0
        while True:
            done = _clean_set(engine, regel, naam, batch)
            counts[regel.soort] += done
            if done < batch:
                break
            _logger.info("%s %s: %d", regel.soort, regel.wijze, counts[regel.soort])
        _tell_left(engine, regel, naam)
    _logger.info("cleaned: %s", counts)
    return counts


def _clean_set(engine: Engine, regel: Bewaarregel, naam: str, batch: int) -> int:
    with engine.begin() as connection:
        done = execute(connection, _PATH, regel.soort, dagen=regel.dagen, aantal=batch)
        execute(
            connection,
            _PATH,
            "note",
            naam=naam,
            soort=regel.soort,
            wijze=regel.wijze,
            dagen=regel.dagen,
            aantal=done,
        )
    return done


def _tell_left(engine: Engine, regel: Bewaarregel, naam: str) -> None:
    """Write down the oldest that is left of a kind, and how many stay although they are over."""
    with engine.begin() as connection:
        left = fetch_one(connection, _PATH, "left", soort=regel.soort, dagen=regel.dagen)
        assert left is not None, "an aggregate gives one row"
        execute(connection, _PATH, "note_left", naam=naam, soort=regel.soort, **left)
    if left["over_termijn"]:
        _logger.info("%s: %d stay past their term", regel.soort, left["over_termijn"])
