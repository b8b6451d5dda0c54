"""Account for every resident of a demonstration from the hub's own facts."""

from __future__ import annotations

from sqlalchemy import Engine

from hub.database import fetch_all, fetch_one


def reckon(engine: Engine, *, seed: int, residents: int) -> dict[str, int]:
    """Return the residents by the state they ended in, and ``open``: what is still under way.

    ``informed`` counts those whose status Mijn Burgerprofiel confirmed, ``notified`` who got a
    message there (``notifications`` in all), ``sent_<partner>`` those whom that partner confirmed,
    ``open`` messages and inbox rows. When all is well ``landed = quarantined + no_start +
    prefilled`` and ``prefilled = no_consent + delivered + confirmed + unaccounted``.
    """
    with engine.begin() as connection:
        row = fetch_one(connection, "ops/reckoning", "residents", **_range(seed, residents))
        informed = fetch_one(connection, "ops/reckoning", "informed", **_range(seed, residents))
        notified = fetch_one(connection, "ops/reckoning", "notified", **_range(seed, residents))
        sent = fetch_all(connection, "ops/reckoning", "sent", **_range(seed, residents))
        open_work = fetch_one(connection, "ops/reckoning", "under_way")
    assert row is not None, "an aggregate always gives a row"
    assert informed is not None, "an aggregate always gives a row"
    assert notified is not None, "an aggregate always gives a row"
    assert open_work is not None, "an aggregate always gives a row"
    counts = {name: int(value) for name, value in row.items()}
    counts["unaccounted"] = (
        counts["prefilled"] - counts["no_consent"] - counts["delivered"] - counts["confirmed"]
    )
    counts |= {f"sent_{row['bestemming']}": int(row["dossiers"]) for row in sent}
    counts["informed"] = int(informed["dossiers"])
    counts["notified"] = int(notified["dossiers"])
    counts["notifications"] = int(notified["berichten"])
    counts["open"] = int(open_work["berichten"] + open_work["inbox"])
    return counts


def quarantine_reasons(engine: Engine, *, seed: int, residents: int) -> dict[str, int]:
    """Return how many rows of the demonstration wait in quarantine, per reason."""
    with engine.begin() as connection:
        rows = fetch_all(
            connection, "ops/reckoning", "quarantine_reasons", **_range(seed, residents)
        )
    return {row["reden"]: int(row["aantal"]) for row in rows}


def _range(seed: int, residents: int) -> dict[str, str]:
    return {"eerste": f"RD-{seed:04d}-000001", "laatste": f"RD-{seed:04d}-{residents:06d}"}
