"""What soil research said of a parcel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Uitspraak:
    """One statement in the source's own words; `object_id` is the feature's id there."""

    uitspraak: str
    capakey: str
    object_id: str
