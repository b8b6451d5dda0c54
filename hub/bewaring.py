"""Retention: empty and remove what its term is over, a small set at a time, and tell how much."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from hub.config import load_config
from hub.database import execute
from hub.toegangslog import close_past_segment

BATCH = 1000
_WIJZEN = ("inhoud_wissen", "rij_wissen")
_logger = logging.getLogger("hub.bewaring")


@dataclass(frozen=True, slots=True)
class Bewaarregel:
    """How long one kind of data is kept (days), and what happens then."""

    soort: str
    wijze: str
    dagen: int


def load_bewaarregels() -> list[Bewaarregel]:
    """Return the rules of ``hub/config/bewaring.yml`` in their order.

    Raises:
        ValueError: a term is no whole number of days of at least 1, or its effect is unknown.
    """
    return [read_bewaarregel(soort, given) for soort, given in load_config("bewaring").items()]


def read_bewaarregel(soort: str, given: dict[str, object]) -> Bewaarregel:
    """Return one rule as it stands in the configuration.

    Raises:
        ValueError: a term is no whole number of days of at least 1, or its effect is unknown.
    """
    dagen, wijze = given.get("dagen"), given.get("wijze")
    if type(dagen) is not int or dagen < 1 or wijze not in _WIJZEN:
        raise ValueError(
            f"bewaring {soort}: dagen is {dagen!r} and wijze is {wijze!r}. Nothing was removed. "
            f"Give a whole number of days from 1, and one of {', '.join(_WIJZEN)}."
        )
    return Bewaarregel(soort, str(wijze), dagen)


def clean_hub(
    engine: Engine,
    *,
    naam: str,
    regels: Sequence[Bewaarregel] | None = None,
    batch: int = BATCH,
) -> dict[str, int]:
    """Empty and remove everything whose term is over; returns the number per kind.

    Each set is one transaction with its line in ``hub.opruiming``, under the run's name: a run that
    was killed goes on where it stopped, and running again removes nothing more. Before it, a month
    of the access log that is over is closed.

    Raises:
        ValueError: the configuration is not usable; nothing was removed.
    """
    chosen = load_bewaarregels() if regels is None else regels
    close_past_segment(engine)
    counts: dict[str, int] = {}
    for regel in chosen:
        counts[regel.soort] = 0
        while True:
            with engine.begin() as connection:
                done = execute(
                    connection, "ops/bewaring", regel.soort, dagen=regel.dagen, aantal=batch
                )
                execute(
                    connection,
                    "ops/bewaring",
                    "note",
                    naam=naam,
                    soort=regel.soort,
                    wijze=regel.wijze,
                    dagen=regel.dagen,
                    aantal=done,
                )
            counts[regel.soort] += done
            if done < batch:
                break
            _logger.info("%s %s: %d", regel.soort, regel.wijze, counts[regel.soort])
    _logger.info("cleaned: %s", counts)
    return counts
