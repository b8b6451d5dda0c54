"""After the storm: the nightly comparison runs once, and finds only what the judge explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from cli.storm.bells import Bells
from cli.storm.facts import Offender
from hub.database import fetch_all

FLOW = "check_aansluiting"


def compare(engine: Engine, bells: Bells, go_on: Callable[[], bool]) -> list[Offender]:
    """Run the comparison through Airflow; return every difference that is open after it."""
    ended = bells.run_through(FLOW, go_on)
    if ended != "success":
        return [Offender(FLOW, None, f"the comparison ended as {ended or 'not in time'}")]
    with engine.begin() as connection:
        rows = fetch_all(connection, "ops/storm", "verschillen")
    return [Offender(row["onderwerp"], None, f"{row['soort']}: {row['tekst']}") for row in rows]


def unexplained(differences: Iterable[Offender], offenders: Iterable[Offender]) -> list[Offender]:
    """Return the differences in whose subject or text no offender of the judge is named."""
    names = {name for o in offenders for name in (o.key, o.dossiernummer) if name}
    return [d for d in differences if not any(n in d.key or n in d.seen for n in names)]
