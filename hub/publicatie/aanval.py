"""An attack on what would be published: how narrowly can a hidden count be bounded?

The attacker holds every published table, kept those of the publication before, has read every
declaration, knows that counts are whole and never negative, that zeros are never hidden and that a
combination without a row counts zero. Of a count that was hidden and is shown now the attacker may
know that it did not change, and where counts only grow, that it did not shrink. Linear programming
over all tables together gives the narrowest interval of each hidden cell, also of the former
publication, and of each protected difference. This reads the tables as any reader does and shares
no code with the suppressor.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from hub.publicatie.declaratie import Mart
from hub.publicatie.kennis import VORIGE, Sleutel, Tabellen, read_cells

# A reader knows that a count is below this; any cap above it makes no difference.
_MOST = 1_000_000.0
_EPS = 1e-5
_SECONDS = 10.0
_GUESSES = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Vondst:
    """A hidden count, or a difference (``min`` says with which cell), bounded too narrowly."""

    mart: str
    cel: tuple[tuple[str, str], ...]
    laag: int
    hoog: int
    min: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Uitslag:
    """What the attack looked at and what it found."""

    cellen: int
    verschillen: int
    vondsten: tuple[Vondst, ...]
    # Not judged when the time was over: doubt, and no better than a find.
    onbeslist: int


def attack(
    marts: Mapping[str, Mart],
    gepubliceerd: Mapping[str, pd.DataFrame],
    *,
    k: int,
    waar: Mapping[str, pd.DataFrame],
    vorige: Mapping[str, pd.DataFrame] | None = None,
    vorige_waar: Mapping[str, pd.DataFrame] | None = None,
    seconden: float = 300.0,
) -> Uitslag:
    """Attack the tables: ``aantal`` is null where hidden; ``vorige`` is what was shown before them.

    The true counts only say which differences are small enough to be protected (0 < difference < k)
    and what an attacker believes rightly about the former tables; no bound is derived from them.
    """
    former = {f"{naam}{VORIGE}": frame for naam, frame in (vorige or {}).items()}
    former_true = {f"{naam}{VORIGE}": frame for naam, frame in (vorige_waar or {}).items()}
    known = dict(marts) | {
        f"{naam}{VORIGE}": marts[naam].model_copy(
            update={
                "verbanden": tuple(
                    verband.model_copy(update={"mart": f"{verband.mart}{VORIGE}"})
                    for verband in marts[naam].verbanden
                )
            }
        )
        for naam in vorige or {}
    }
    secret = read_cells(known, dict(waar) | former_true)
    tables = Tabellen(known, dict(gepubliceerd) | former, secret)
    return _Aanval(tables, secret, k, seconden).run()


class _Aanval:
    def __init__(
        self,
        tables: Tabellen,
        secret: Mapping[Sleutel, int | None],
        k: int,
        seconden: float,
    ) -> None:
        self.k = k
        self.end = time.monotonic() + seconden
        self.tables = tables
        self.hidden = [cell for cell, aantal in tables.cells.items() if aantal is None]
        self.number = {cell: i for i, cell in enumerate(self.hidden)}
        n = len(self.hidden)
        equations = [_terms(cell, parts) for cell, parts in self._totals()]
        equations += [_terms(a, [b]) for a, b in tables.equal]
        self.eq, self.eq_b = self._rows(equations)
        pairs = list(dict.fromkeys(tables.orders))
        self.le, self.le_b = self._rows([{klein: 1, groot: -1} for klein, groot, _ in pairs])
        # What is looked for: each hidden cell, each small difference between two cells.
        self.guarded = [
            (klein, groot)
            for klein, groot, beschermd in pairs
            if beschermd and 0 < (secret[groot] or 0) - (secret[klein] or 0) < k
        ]
        goals: list[dict[Sleutel, int]] = [{cell: 1} for cell in self.hidden]
        goals += [{groot: 1, klein: -1} for klein, groot in self.guarded]
        self.goals, shift = self._rows(goals, keep=True)
        self.offset = -shift
        whole = abs(self.eq).T @ abs(self.eq) + abs(self.le).T @ abs(self.le)
        # Which part of the system each hidden cell belongs to: parts know nothing of each other.
        self.part: NDArray[np.int32] = np.empty(0, np.int32)
        if n:
            _, self.part = connected_components(whole, directed=False)
        self.low = np.full(len(goals), np.inf)
        self.high = np.full(len(goals), -np.inf)

    def _totals(self) -> Iterator[tuple[Sleutel, list[Sleutel]]]:
        for total, ways in self.tables.sums.items():
            for parts in ways.values():
                yield total, parts

    def _rows(
        self, terms: list[dict[Sleutel, int]], *, keep: bool = False
    ) -> tuple[csr_matrix, Floats]:
        """Split each row into what is hidden and, on the right, what is published."""
        data: list[tuple[int, int, int]] = []
        right: list[float] = []
        for term in terms:
            constant, own = 0, []
            for cell, factor in term.items():
                aantal = self.tables.cells[cell]
                if aantal is None:
                    own.append((self.number[cell], factor))
                else:
                    constant += factor * aantal
            if own or keep:
                data += [(len(right), column, factor) for column, factor in own]
                right.append(-constant)
        rows, columns, values = zip(*data, strict=True) if data else ((), (), ())
        shape = (len(right), len(self.hidden))
        return csr_matrix((np.array(values, float), (rows, columns)), shape=shape), np.array(right)

    def run(self) -> Uitslag:
        if self.hidden:
            self._guess()
        found, undecided = [], 0
        for goal in np.flatnonzero(~self._wide()):
            if time.monotonic() > self.end:
                undecided += 1
                continue
            laag, hoog = self._bound(int(goal))
            if hoog - laag < self.k:
                found.append(self._name(int(goal), laag, hoog))
        return Uitslag(len(self.hidden), len(self.guarded), tuple(found), undecided)

    def _wide(self) -> NDArray[np.bool_]:
        wide: NDArray[np.bool_] = self.high - self.low >= self.k
        return wide

    def _guess(self) -> None:
        """Make tables that could be the true one; what varies enough between them is safe."""
        rng = np.random.default_rng(7)
        for turn in range(_GUESSES):
            wanted = np.where(self._wide(), 0.0, 1.0)
            if not wanted.any() or time.monotonic() > self.end:
                return
            signs = rng.choice([-1.0, 1.0], len(wanted)) if turn >= 2 else 1.0 - 2 * turn
            self._note(self._solve(self.goals.T @ (wanted * signs)))

    def _note(self, x: Floats | None) -> None:
        if x is None:
            return
        whole = np.abs(x - np.rint(x)) < _EPS
        broken = set(self.part[~whole])
        value = self.goals @ np.rint(x) + self.offset
        touched = abs(self.goals).astype(bool)
        sound = np.ones(len(value), bool)
        if broken:
            bad = np.isin(self.part, list(broken)).astype(int)
            sound = touched.astype(int) @ bad == 0
        self.low = np.where(sound, np.minimum(self.low, value), self.low)
        self.high = np.where(sound, np.maximum(self.high, value), self.high)

    def _solve(self, cost: Floats) -> Floats | None:
        """Return a table that fits what is published, of least cost; None when none was found."""
        answer = linprog(
            cost,
            A_ub=self.le if self.le.shape[0] else None,
            b_ub=self.le_b if self.le.shape[0] else None,
            A_eq=self.eq if self.eq.shape[0] else None,
            b_eq=self.eq_b if self.eq.shape[0] else None,
            bounds=(1.0, _MOST),
            method="highs",
            options={"time_limit": max(self.end - time.monotonic(), 0.1)},
        )
        return np.asarray(answer.x) if answer.status == 0 else None

    def _bound(self, goal: int) -> tuple[int, int]:
        """Return the narrowest whole interval of one goal, by its own part of the system."""
        row = self.goals[goal]
        if not row.nnz:
            value = round(float(self.offset[goal]))
            return value, value
        columns = np.flatnonzero(np.isin(self.part, self.part[row.indices]))
        ends = []
        for sign in (1.0, -1.0):
            ends.append(self._end(np.asarray(row[:, columns].todense()).ravel(), sign, columns))
        offset = float(self.offset[goal])
        return math.ceil(ends[0] + offset - _EPS), math.floor(ends[1] + offset + _EPS)

    def _end(self, cost: Floats, sign: float, columns: NDArray[np.int64]) -> float:
        eq, le = self.eq[:, columns], self.le[:, columns]
        eq_rows, le_rows = (np.flatnonzero(np.diff(m.indptr)) for m in (eq, le))
        constraints = []
        if len(eq_rows):
            b = self.eq_b[eq_rows]
            constraints.append(LinearConstraint(eq[eq_rows], b, b))
        if len(le_rows):
            constraints.append(LinearConstraint(le[le_rows], -np.inf, self.le_b[le_rows]))
        answer = milp(
            sign * cost,
            constraints=constraints,
            bounds=(1.0, _MOST),
            integrality=np.ones(len(columns)),
            options={"time_limit": _SECONDS},
        )
        # Not finished in time: the best table so far, so that doubt counts as found.
        if answer.x is None:
            return 0.0
        return float(cost @ np.rint(answer.x))

    def _name(self, goal: int, laag: int, hoog: int) -> Vondst:
        if goal < len(self.hidden):
            mart, _, keys = self.hidden[goal]
            return Vondst(mart, tuple(sorted(keys)), laag, hoog)
        klein, groot = self.guarded[goal - len(self.hidden)]
        return Vondst(groot[0], tuple(sorted(groot[2])), laag, hoog, tuple(sorted(klein[2])))


def _terms(total: Sleutel, parts: list[Sleutel]) -> dict[Sleutel, int]:
    terms: dict[Sleutel, int] = defaultdict(int)
    terms[total] -= 1
    for part in parts:
        terms[part] += 1
    return terms
