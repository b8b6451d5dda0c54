"""Heritage as the map and the inventory tell it; unknown fields are ignored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Rechtsgevolg(StrEnum):
    """What the law attaches to a designation, as the name of its type tells."""

    BESCHERMD = "beschermd"
    VASTGESTELD = "vastgesteld"
    ANDER = "ander"


@dataclass(frozen=True, slots=True)
class Aanduiding:
    """One designated or inventoried object, the same from the map and from the inventory.

    `uri` identifies it in both. `tot` is the last day of a designation that ended.
    """

    object_id: str
    uri: str
    naam: str
    type: str
    rechtsgevolg: Rechtsgevolg
    van: date | None
    tot: date | None
    locatie: str | None

    def is_beeindigd(self, dag: date) -> bool:
        """Tell whether the designation was over on a day."""
        return self.tot is not None and self.tot < dag


@dataclass(frozen=True, slots=True)
class Aanduidingsobject:
    """The inventory's page of one designated object."""

    aanduiding: Aanduiding
    url: str
    actief: bool
    korte_beschrijving: str | None
