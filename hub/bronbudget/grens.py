"""What is known of a source's limits, from ``hub/config/bronnen.yml``."""

from __future__ import annotations

from dataclasses import dataclass

from hub.config import load_config


@dataclass(frozen=True, slots=True)
class Grens:
    """How much one host takes, all tasks and workers together.

    ``gelijktijdig`` requests under way at once; None when the limit is not known: then it is
    learned, and never more than ``hoogstens``. ``per_minuut`` requests in any 60 seconds; None when
    there is no such limit or it is not known.
    """

    host: str
    hoogstens: int
    gelijktijdig: int | None = None
    per_minuut: int | None = None

    @property
    def ceiling(self) -> int:
        """Return how many requests may never be exceeded."""
        return self.hoogstens if self.gelijktijdig is None else self.gelijktijdig


def read_grens(bron: str) -> Grens:
    """Return the limits of the host behind a source, or behind a partner by its code.

    Those that name the same ``host`` share its budget; without one, each stands alone.
    """
    config = load_config("bronnen")
    host = str(config.get(bron, {}).get("host", bron))
    settings = config["hosts"].get(host, {})
    return Grens(
        host,
        hoogstens=int(settings.get("hoogstens", config["hoogstens"])),
        gelijktijdig=settings.get("gelijktijdig"),
        per_minuut=settings.get("per_minuut"),
    )
