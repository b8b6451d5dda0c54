"""What may be published: read from the YAML of each mart, for counting, hiding and attack alike.

The declarations are public knowledge: they say which combinations are published and how figures
hang together, and an attacker is assumed to have read them.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.quality.rules import Model, load_model, model_paths

# From fine to coarse; null: of all time.
PERIODES = ("maand", "kwartaal", "jaar")
Periode = Literal["maand", "kwartaal", "jaar"]


class _Vast(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    steunt_op: tuple[str, ...]
    personen: bool = True
    # Counts of a closed period grow or stay from one publication to the next, corrections aside.
    groeit: bool = False
    # Why nothing is hidden, where no persons are counted.
    waarom: str = ""
    # What each column says.
    kolommen: dict[str, str]
    # Keys over which the cells do not add up to the cell without them.
    niet_optelbaar: frozenset[str] = frozenset()
    # Columns that count nothing by themselves: quantiles, shares.
    maten: tuple[str, ...] = ()
    niveaus: dict[str, Niveau] = {}
    volgordes: tuple[Volgorde, ...] = ()
    verbanden: tuple[Verband, ...] = ()

    @classmethod
    def of_model(cls, model: Model) -> Self:
        """Read the declaration in the ``publicatie`` of a model."""
        return cls(
            model=model.model,
            beschrijving=model.beschrijving,
            steunt_op=model.steunt_op,
            kolommen={naam: kolom.beschrijving for naam, kolom in model.kolommen.items()},
            **model.publicatie,
        )

    @property
    def sleutels(self) -> tuple[str, ...]:
        """The key columns behind ``niveau``, in the order of the declaration."""
        fixed = {"niveau", "aantal", "afgeschermd", *self.maten}
        return tuple(naam for naam in self.kolommen if naam not in fixed)

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
            left_out = self.niet_optelbaar - niveau.sleutels
            if left_out:
                raise ValueError(
                    f"{self.model}.{naam}: leaves out {sorted(left_out)}, "
                    "whose values do not add up"
                )
        return self


@cache
def load_marts() -> dict[str, Mart]:
    """Read every declaration in ``sql/marts``, by the name of its mart.

    Raises:
        pydantic.ValidationError: a file breaks the shape above.
        ValueError: a relation names a mart that is not declared.
    """
    models = [load_model(path) for path in model_paths() if path.startswith("marts/mart_")]
    marts = {model.model: Mart.of_model(model) for model in models}
    for mart in marts.values():
        unknown = {verband.mart for verband in mart.verbanden} - set(marts)
        if unknown:
            raise ValueError(f"{mart.model}: relations with unknown marts {sorted(unknown)}")
    return marts
