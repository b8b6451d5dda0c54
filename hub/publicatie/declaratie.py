"""What may be published: one YAML per mart, read into records that counting and attack share.

The declarations are public knowledge: they say which combinations are published and how figures
hang together, and an attacker is assumed to have read them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FOLDER = Path(__file__).resolve().parent / "marts"
# From fine to coarse; null: of all time.
PERIODES = ("maand", "kwartaal", "jaar")
Periode = Literal["maand", "kwartaal", "jaar"]


class _Vast(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kolom(_Vast):
    """A column of a mart, as it is described to whoever downloads it."""

    beschrijving: str
    # Additive: the cells over this column, at the same other keys, add up to the cell without it.
    optelbaar: bool = True
    # Columns that count nothing by themselves: quantiles.
    maat: bool = False


class Niveau(_Vast):
    """One combination of keys that may be published, with its totals stored."""

    beschrijving: str
    periode: Periode | None = None
    per: tuple[str, ...] = ()
    # Only these values of a key are published at this level.
    alleen: dict[str, tuple[str, ...]] = {}
    # What hiding one cell costs: the higher, the rather another cell is hidden.
    gewicht: float = Field(default=1.0, gt=0)

    @property
    def sleutels(self) -> frozenset[str]:
        """The keys that are filled, the period included."""
        return frozenset(self.per) | ({"periode"} if self.periode else set())


class Volgorde(_Vast):
    """Along a key, each value counts no more than the value before it (a funnel)."""

    langs: str
    waarden: tuple[str, ...]
    # Who reached the one and not the next is a small group too: protected like a cell.
    verschil_beschermd: bool = True


class Verband(_Vast):
    """A cell of this mart equals, or is at most, a cell of another (or the same) mart.

    ``waar`` picks cells of this mart, ``in_waar`` the one they are held against; every other key
    must be the same on both sides. A value None means: a cell without that key.
    """

    soort: Literal["gelijk", "hoogstens"]
    waar: dict[str, str | None] = {}
    mart: str
    in_waar: dict[str, str | None] = {}
    verschil_beschermd: bool = True


class Mart(_Vast):
    """A published mart."""

    model: str
    titel: str
    beschrijving: str
    telt: str
    feit: str
    personen: bool = True
    # Counts of a closed period grow or stay from one publication to the next, corrections aside.
    groeit: bool = False
    # Why nothing is hidden, where no persons are counted.
    waarom: str = ""
    kolommen: dict[str, Kolom]
    niveaus: dict[str, Niveau] = {}
    volgordes: tuple[Volgorde, ...] = ()
    verbanden: tuple[Verband, ...] = ()

    @property
    def sleutels(self) -> tuple[str, ...]:
        """The key columns behind ``niveau``, in the order of the declaration."""
        fixed = {"niveau", "aantal", "afgeschermd"}
        return tuple(
            naam for naam, kolom in self.kolommen.items() if naam not in fixed and not kolom.maat
        )

    @property
    def maten(self) -> tuple[str, ...]:
        """The columns that hold quantiles."""
        return tuple(naam for naam, kolom in self.kolommen.items() if kolom.maat)

    @model_validator(mode="after")
    def _hangs_together(self) -> Mart:
        if not self.personen:
            if not self.waarom:
                raise ValueError(f"{self.model}: say in `waarom` why nothing is hidden")
            return self
        missing = {"niveau", "aantal", "afgeschermd"} - set(self.kolommen)
        if missing:
            raise ValueError(f"{self.model}: lacks the columns {sorted(missing)}")
        if not self.niveaus:
            raise ValueError(f"{self.model}: declares no level")
        keys = set(self.sleutels)
        for naam, niveau in self.niveaus.items():
            used = niveau.sleutels | set(niveau.alleen)
            if used - keys:
                raise ValueError(f"{self.model}.{naam}: unknown keys {sorted(used - keys)}")
            fixed = {k for k in keys - {"periode"} if not self.kolommen[k].optelbaar}
            if fixed - niveau.sleutels:
                raise ValueError(
                    f"{self.model}.{naam}: leaves out {sorted(fixed - niveau.sleutels)}, "
                    "whose values do not add up"
                )
        return self


@cache
def load_marts(folder: Path = FOLDER) -> dict[str, Mart]:
    """Read every declaration, by the name of its mart.

    Raises:
        pydantic.ValidationError: a file breaks the shape above.
        ValueError: a relation names a mart that is not declared.
    """
    marts = {}
    for path in sorted(folder.glob("*.yml")):
        mart = Mart.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        if mart.model != path.stem:
            raise ValueError(f"{path.name} declares {mart.model}; give both one name")
        marts[mart.model] = mart
    for mart in marts.values():
        unknown = {verband.mart for verband in mart.verbanden} - set(marts)
        if unknown:
            raise ValueError(f"{mart.model}: relations with unknown marts {sorted(unknown)}")
    return marts


def persons(marts: dict[str, Mart]) -> dict[str, Mart]:
    """Return the marts that count persons, and are therefore protected."""
    return {naam: mart for naam, mart in marts.items() if mart.personen}
