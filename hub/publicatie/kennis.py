"""What a reader of the published tables knows: their cells, and how they hang together.

The reading of the attack; the suppressor has its own (``hub.publicatie.stelsel``), so that a
mistake in one shows in the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from hub.publicatie.declaratie import Mart, Niveau

# How the tables of the former publication are told apart.
VORIGE = "@vorige"

# mart, length of the period, the keys that are filled with their values
Sleutel = tuple[str, str, frozenset[tuple[str, str]]]


def read_cells(
    marts: Mapping[str, Mart], frames: Mapping[str, pd.DataFrame]
) -> dict[Sleutel, int | None]:
    """Return every cell of the tables; None where it is hidden."""
    cells: dict[Sleutel, int | None] = {}
    for naam, frame in frames.items():
        mart = marts[naam]
        for row in frame.to_dict("records"):
            niveau = mart.niveaus[str(row["niveau"])]
            keys = frozenset((s, str(row[s])) for s in niveau.sleutels)
            aantal = row["aantal"]
            cells[(naam, niveau.periode or "", keys)] = None if pd.isna(aantal) else int(aantal)
    return cells


class Tabellen:
    """The published cells and what a reader knows to hold between them."""

    def __init__(
        self,
        marts: Mapping[str, Mart],
        frames: Mapping[str, pd.DataFrame],
        secret: Mapping[Sleutel, int | None],
    ) -> None:
        self.marts = marts
        self.cells = read_cells(marts, frames)
        self.sums: dict[Sleutel, dict[tuple[str, ...], list[Sleutel]]] = defaultdict(dict)
        self.orders: list[tuple[Sleutel, Sleutel, bool]] = []
        self.equal: list[tuple[Sleutel, Sleutel]] = []
        for cell in self.cells:
            self._add_up(cell)
            self._follow(cell)
            self._compare(cell)
            self._remember(cell, secret)
        self._keep_true(secret)

    def _remember(self, cell: Sleutel, secret: Mapping[Sleutel, int | None]) -> None:
        """Tie a cell to the same cell of the former publication."""
        naam, lengte, keys = cell
        before = (f"{naam}{VORIGE}", lengte, keys)
        if before not in self.cells:
            return
        revealed = self.cells[before] is None and self.cells[cell] is not None
        if revealed and secret[before] == secret[cell]:
            self.equal.append((before, cell))
        elif self.marts[naam].groeit:
            self.orders.append((before, cell, False))

    def _keep_true(self, secret: Mapping[Sleutel, int | None]) -> None:
        """Leave out what does not hold: counts corrected since, or declarations that changed."""

        def count(cell: Sleutel) -> int:
            return secret[cell] or 0

        for total, ways in self.sums.items():
            self.sums[total] = {
                way: parts
                for way, parts in ways.items()
                if not total[0].endswith(VORIGE) or count(total) == sum(map(count, parts))
            }
        self.orders = [
            pair
            for pair in self.orders
            if not pair[0][0].endswith(VORIGE) or count(pair[0]) <= count(pair[1])
        ]
        self.equal = [
            pair
            for pair in self.equal
            if not pair[0][0].endswith(VORIGE) or count(pair[0]) == count(pair[1])
        ]

    def _add_up(self, cell: Sleutel) -> None:
        """Add the cell to every published total it is a part of, per way of dividing it."""
        naam, lengte, keys = cell
        mart, filled = self.marts[naam], dict(keys)
        own = next(n for n in mart.niveaus.values() if _is(n, lengte, filled))
        for other in mart.niveaus.values():
            if other is own or not set(other.per) <= set(own.per):
                continue
            if any(own.alleen.get(s) for s in set(own.per) - set(other.per)):
                continue
            start = _start(filled.get("periode"), lengte, other.periode or "")
            if start is None:
                continue
            total = {s: filled[s] for s in other.per} | ({"periode": start} if start else {})
            parent = (naam, other.periode or "", frozenset(total.items()))
            if parent in self.cells:
                way = (lengte, *sorted(own.per))
                self.sums[parent].setdefault(way, []).append(cell)

    def _follow(self, cell: Sleutel) -> None:
        naam, lengte, keys = cell
        filled = dict(keys)
        for volgorde in self.marts[naam].volgordes:
            value = filled.get(volgorde.langs)
            if value not in volgorde.waarden:
                continue
            later = volgorde.waarden[volgorde.waarden.index(value) + 1 :]
            for following in later:
                other = (naam, lengte, frozenset((filled | {volgorde.langs: following}).items()))
                if other in self.cells:
                    self.orders.append((other, cell, volgorde.verschil_beschermd))
                    break

    def _compare(self, cell: Sleutel) -> None:
        naam, lengte, keys = cell
        filled = dict(keys)
        for verband in self.marts[naam].verbanden:
            if any(filled.get(s) != waarde for s, waarde in verband.waar.items()):
                continue
            there = {s: v for s, v in filled.items() if s not in verband.waar}
            there |= {s: v for s, v in verband.in_waar.items() if v is not None}
            other = (verband.mart, lengte, frozenset(there.items()))
            if other == cell or other not in self.cells:
                continue
            if verband.soort == "gelijk":
                self.equal.append((cell, other))
            else:
                self.orders.append((cell, other, verband.verschil_beschermd))


def _is(niveau: Niveau, lengte: str, filled: Mapping[str, str]) -> bool:
    return (niveau.periode or "") == lengte and niveau.sleutels == set(filled)


def _start(periode: str | None, lengte: str, naar: str) -> str | None:
    """Return the first day of the longer period, "" for all time, None when it is no longer one."""
    if naar == "":
        return ""
    if periode is None:
        return None
    year, month = periode[:4], int(periode[5:7])
    if naar == lengte:
        return periode
    if naar == "jaar" and lengte in ("maand", "kwartaal"):
        return f"{year}-01-01"
    if naar == "kwartaal" and lengte == "maand":
        return f"{year}-{(month - 1) // 3 * 3 + 1:02d}-01"
    return None
