"""What a person must look at: one open incident per kind and subject."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from hub.database import execute


def report(connection: Connection, soort: str, onderwerp: str, tekst: str) -> None:
    """Open an incident, or note that it is still there; the text holds identifiers only."""
    execute(connection, "ops/incident", "report", soort=soort, onderwerp=onderwerp, tekst=tekst)


def create_differences(connection: Connection) -> None:
    """Make the tables ``verschil`` and ``niet_vergeleken`` of this transaction."""
    execute(connection, "ops/incident", "create_differences")
    execute(connection, "ops/incident", "create_not_compared")


def pass_over_accepted(
    connection: Connection, soorten: Sequence[str], ontvangers: Sequence[str]
) -> int:
    """Take out the differences that a person accepted as they are seen; returns how many.

    An acceptance of these kinds about these receivers ends when its difference is gone or changed.
    """
    execute(
        connection,
        "ops/aansluiting_aanvaard",
        "forget",
        soorten=list(soorten),
        ontvangers=list(ontvangers),
    )
    return execute(connection, "ops/aansluiting_aanvaard", "pass_over")


def settle_differences(
    connection: Connection, soorten: Sequence[str], ontvangers: Sequence[str]
) -> int:
    """Open an incident per difference, or note that it is still there; close what is gone.

    Closed are incidents of these kinds about these receivers (the first word of their subject)
    without a difference, unless their subject stands in ``niet_vergeleken``. Returns how many.
    """
    execute(connection, "ops/incident", "report_differences")
    return execute(
        connection,
        "ops/incident",
        "solve_differences",
        soorten=list(soorten),
        ontvangers=list(ontvangers),
    )


def close(connection: Connection, soort: str, onderwerp: str) -> None:
    """Close an incident; one that is not open stays as it is."""
    execute(connection, "ops/incident", "close", soort=soort, onderwerp=onderwerp)


def refresh_ledger_incidents(connection: Connection) -> None:
    """Tell how many messages wait for a person, per destination and state; none closes it.

    Call it in the transaction that settles or acts, after the messages moved.
    """
    execute(connection, "ops/incident", "refresh_ledger")
    execute(connection, "ops/incident", "close_ledger")
