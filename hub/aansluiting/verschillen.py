"""What every comparison shares: its differences become incidents, and those that are gone close.

A comparison is one transaction: it begins before the receiver is asked, so that what the ledger
settled earlier must be in the receiver's list, and leaves nothing behind when it is cut off.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.database import copy_rows, execute, fetch_all
from hub.incident import create_differences, pass_over_accepted, settle_differences

# Not a difference: something could not be compared. Its subject is the receiver.
NIET_TE_VERGELIJKEN = "niet_te_vergelijken"
_logger = logging.getLogger("hub.aansluiting")


@dataclass(frozen=True, slots=True)
class Aansluiting:
    """What a comparison brought: how many objects, which differences per kind, how many closed.

    ``aanvaard`` counts the differences that a person accepted; they are in no kind.
    """

    ontvanger: str
    vergeleken: int
    niet_vergeleken: int
    verschillen: Mapping[str, int]
    opgelost: int
    aanvaard: int = 0

    def as_counts(self) -> dict[str, int]:
        """Return the counts under one roof, for a task to hand on."""
        return {
            "vergeleken": self.vergeleken,
            "niet_vergeleken": self.niet_vergeleken,
            **self.verschillen,
            "opgelost": self.opgelost,
            "aanvaard": self.aanvaard,
        }


def begin(connection: Connection) -> None:
    """Make room for the differences, before the receiver is asked."""
    create_differences(connection)


def note_incomplete(connection: Connection, ontvanger: str, tekst: str, voorstel: str) -> None:
    """Tell that part of a receiver could not be compared; identifiers and counts only."""
    row = (NIET_TE_VERGELIJKEN, ontvanger, tekst, voorstel)
    copy_rows(connection, "ops/incident", [row], "copy_differences")


def conclude(
    connection: Connection,
    ontvanger: str,
    soorten: Sequence[str],
    *,
    vergeleken: int,
    niet_vergeleken: int = 0,
    over: Sequence[str] | None = None,
) -> Aansluiting:
    """Turn the differences into incidents and close those that are gone; return the account.

    ``soorten`` are the kinds this comparison can find. ``over`` names the receivers it is about,
    when that is not ``ontvanger`` itself, whose list was not read then.
    """
    kinds = [*soorten, NIET_TE_VERGELIJKEN] if over is None else soorten
    about = [ontvanger] if over is None else over
    accepted = pass_over_accepted(connection, kinds, about)
    found = {
        row["soort"]: int(row["aantal"])
        for row in fetch_all(connection, "ops/incident", "count_differences")
    }
    solved = settle_differences(connection, kinds, about)
    _logger.info(
        "%s: %d compared, %d not, differences %s, %d accepted, %d closed",
        ontvanger, vergeleken, niet_vergeleken, found, accepted, solved,
    )  # fmt: skip
    return Aansluiting(ontvanger, vergeleken, niet_vergeleken, found, solved, accepted)


def run_statements(connection: Connection, path: str, *names: str) -> None:
    """Run named statements of one file in their order."""
    for name in names:
        execute(connection, path, name)
