"""Builds of Dialoog by name: the good one, broken ones, and odd ones that the contract allows.

The setting ``gebrek`` of ``dialoog`` chooses one at the control endpoint; the good one is ``""``.
"""

from __future__ import annotations

from sandbox.dialoog import gebreken_documenten, gebreken_lezen, gebreken_schrijven
from sandbox.dialoog.partner import Partner

GEBREKEN: dict[str, type[Partner]] = (
    gebreken_schrijven.BUILDS | gebreken_lezen.BUILDS | gebreken_documenten.BUILDS
)
EIGENAARDIG: dict[str, type[Partner]] = gebreken_lezen.ODD | gebreken_documenten.ODD
BUILDS: dict[str, type[Partner]] = {"": Partner} | GEBREKEN | EIGENAARDIG
