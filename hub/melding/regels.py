"""The city's rules for messages, and the hours in which none is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.config import load_config

BRUSSELS = ZoneInfo("Europe/Brussels")
# For a city of fictitious residents (demonstration, rehearsals, tests): nothing waits.
AT_ONCE = "RENOVATIEHUB_MELDING_METEEN"


@dataclass(frozen=True, slots=True)
class Regels:
    """When a change is news and when it may be sent; the still hours are in Belgian time."""

    verouderd: timedelta
    terugkijken: timedelta
    venster: timedelta
    stil_van: time
    stil_tot: time
    titel_lengte: int
    tekst_lengte: int

    def is_still(self, moment: datetime) -> bool:
        """Tell whether nothing is sent at this moment (with an offset)."""
        clock = moment.astimezone(BRUSSELS).time()
        if self.stil_van <= self.stil_tot:
            return self.stil_van <= clock < self.stil_tot
        return clock >= self.stil_van or clock < self.stil_tot

    def earliest(self, gewijzigd_op: datetime, nu: datetime) -> datetime:
        """Return when a change may be told: after its window, out of the still hours."""
        moment = max(gewijzigd_op + self.venster, nu)
        if not self.is_still(moment):
            return moment
        local = moment.astimezone(BRUSSELS)
        day = local.date() + timedelta(days=0 if local.time() < self.stil_tot else 1)
        # Combined from date and clock, so that it is right where the clock changes that night.
        return datetime.combine(day, self.stil_tot, BRUSSELS)


def load_regels() -> Regels:
    """Return the rules of ``hub/config/melding.yml``; the environment may lift the waiting."""
    config = load_config("melding")
    at_once = os.environ.get(AT_ONCE) == "1"
    return make_regels(config | {"venster_minuten": 0, "stil_tot": config["stil_van"]}
                       if at_once else config)  # fmt: skip


def make_regels(config: Mapping[str, Any]) -> Regels:
    """Return the rules that a configuration holds."""
    return Regels(
        verouderd=timedelta(days=config["verouderd_dagen"]),
        terugkijken=timedelta(days=config["terugkijken_dagen"]),
        venster=timedelta(minutes=config["venster_minuten"]),
        stil_van=time.fromisoformat(config["stil_van"]),
        stil_tot=time.fromisoformat(config["stil_tot"]),
        titel_lengte=config["titel_lengte"],
        tekst_lengte=config["tekst_lengte"],
    )
