"""Who plays the partner's side of the contract: Dialoog, or another that implements it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Partij:
    """A partner: its name, what it offers, and from which status on it must keep what it holds."""

    naam: str
    token: str = field(repr=False)
    soorten: tuple[str, ...]
    bewaren_vanaf: tuple[str, ...]


def dialoog(world: World) -> Partij:
    """Dialoog must keep what it invoiced."""
    return Partij(
        "dialoog",
        world.secrets.dialoog_token,
        ("duurzaam_bouwadvies",),
        ("plaatsbezoek", "advies_opgemaakt", "afgerond"),
    )


def igo(world: World) -> Partij:
    """IGO must keep what became a loan or an invoiced visit."""
    return Partij(
        "igo",
        world.secrets.igo_token,
        ("renovatiebegeleiding", "energielening"),
        ("plaatsbezoek", "advies_opgemaakt", "afgerond"),
    )
