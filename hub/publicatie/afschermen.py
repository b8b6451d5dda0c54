"""Hide counts so that no hidden one can be reckoned back: few cells, unimportant ones first.

Primary: 0 < n < k. Secondary: for every hidden cell the published figures must leave two whole
tables possible in which it differs by at least k. Each such table is found as a *shift* of the true
one: a whole-number change of cells that keeps every sum and every order true. What a shift touches
is hidden with it; hiding more never undoes an earlier proof. When the time is over, everything that
hangs together with what is not proved yet is hidden.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity, vstack
from scipy.sparse.csgraph import connected_components

from hub.publicatie.stelsel import Stelsel, Vector

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

_REWARD = 1e6
_ROUND = 1e-6
_MILP_SECONDS = 5.0
# Rounds of shifting a share of the open cells at once, before the rest is done one by one. A larger
# share is quicker and hides more: cells that rise together cannot cover for each other.
_ROUNDS = 40
_SHARE = 0.1


@dataclass
class _Bewijs:
    """What was seen possible so far for every cell and every protected difference."""

    laag: Vector
    hoog: Vector
    verschil_laag: Vector
    verschil_hoog: Vector


@dataclass(frozen=True)
class Afscherming:
    """Which cells to hide; ``ruim`` says that not all is proved, and all around that is hidden."""

    verborgen: Mask
    ruim: bool


def protect(stelsel: Stelsel, *, k: int, seconden: float = 300.0, seed: int = 0) -> Afscherming:
    """Return which cells to hide. The same counts give the same answer, unless time runs out.

    Zeros are never hidden, nor is what was shown before taken back. After ``seconden`` every cell
    that hangs together with an unproved one is hidden: of one publication by itself, any multiple
    of the true table then fits what is shown.
    """
    return _Zoeker(stelsel, k=k, seconden=seconden, seed=seed).run()


class _Zoeker:
    def __init__(self, stelsel: Stelsel, *, k: int, seconden: float, seed: int) -> None:
        self.k = k
        self.end = time.monotonic() + seconden
        self.rng = np.random.default_rng(seed)
        self.x = stelsel.waarden
        # What may be hidden: not a zero, and not what an earlier publication shows.
        self.may: Mask = (self.x > 0) & ~stelsel.vast
        self.hidden: Mask = self.may & ((self.x < k) | stelsel.verborgen)
        n = len(self.x)
        # The weight, with a trace of chance so that equals are told apart the same way each time.
        self.cost = stelsel.gewicht * (1 + 0.01 * self.rng.random(n))
        self.sums = _rows([(p, d) for p, d in stelsel.sommen], n)
        pairs = np.array([(a, b) for a, b, _ in stelsel.hoogstens], dtype=np.int64).reshape(-1, 2)
        self.klein, self.groot = pairs[:, 0], pairs[:, 1]
        self.slack = self.x[self.groot] - self.x[self.klein]
        guarded = np.array([b for _, _, b in stelsel.hoogstens], dtype=bool)
        self.guarded: Mask = guarded & (self.slack > 0) & (self.slack < k)
        m = len(pairs)
        self.given_up: Mask = np.zeros(n + m, dtype=bool)
        ones = np.ones(m)
        self.orders = csr_matrix(
            (
                np.concatenate([ones, -ones]),
                (np.tile(np.arange(m), 2), np.concatenate([self.groot, self.klein])),
            ),
            shape=(m, n),
        )
        self.links = vstack([self.sums, self.orders]).astype(bool).astype(np.int32).tocsr()
        self.bewijs = _Bewijs(self.x.copy(), self.x.copy(), self.slack.copy(), self.slack.copy())

    def run(self) -> Afscherming:
        turn = 0
        while True:
            self._move_hidden()
            cells, differences = np.flatnonzero(self._cells()), np.flatnonzero(self._differences())
            if not len(cells) and not len(differences):
                return Afscherming(self.hidden, ruim=bool(self.given_up.any()))
            around = np.concatenate([cells, self.klein[differences], self.groot[differences]])
            if self._left() <= 0:
                self._hide_all_around(around)
                return Afscherming(self.hidden, ruim=True)
            if turn < _ROUNDS:
                self._hide_for_many()
            else:
                self._hide_for_one(cells, differences)
            turn += 1

    def _left(self) -> float:
        return self.end - time.monotonic()

    def _cells(self) -> Mask:
        wanted = self.hidden & ~self.given_up[: len(self.x)]
        return wanted & (self.bewijs.hoog - self.bewijs.laag < self.k)

    def _differences(self) -> Mask:
        wanted = self.guarded & ~self.given_up[len(self.x) :]
        return wanted & (self.bewijs.verschil_hoog - self.bewijs.verschil_laag < self.k)

    # --- shifts ---------------------------------------------------------------------------------

    def _move_hidden(self) -> None:
        """Prove what can be proved with the cells hidden so far."""
        stale = 0
        while stale < 3 and self._left() > 0:
            cells, differences = self._cells(), self._differences()
            if not (cells.any() or differences.any()):
                return
            open_before = int(cells.sum() + differences.sum())
            for sign in (-1.0, 1.0):
                mix = self.rng.random() < 0.5
                draw = self.rng.choice([-1.0, 1.0], len(self.x)) if mix else np.ones(len(self.x))
                wish = np.where(cells, sign * draw, 0.0)
                slack_wish = np.where(differences, sign, 0.0)
                self._shift(wish, slack_wish, may_hide=False)
            now = int(self._cells().sum() + self._differences().sum())
            stale = stale + 1 if now == open_before else 0

    def _hide_for_many(self) -> None:
        """Raise a share of what is not proved yet to k, by the cheapest cells to hide."""
        cells, differences = self._cells(), self._differences()
        chosen = self.rng.random(len(self.x)) < _SHARE
        wish = np.where(cells & chosen, 1.0, 0.0)
        picked = self.rng.random(len(self.slack)) < _SHARE
        slack_wish = np.where(differences & picked, 1.0, 0.0)
        if not wish.any() and not slack_wish.any():
            wish, slack_wish = np.where(cells, 1.0, 0.0), np.where(differences, 1.0, 0.0)
        self._shift(wish, slack_wish, may_hide=True)

    def _hide_for_one(self, cells: Vector, differences: Vector) -> None:
        wish, slack_wish = np.zeros(len(self.x)), np.zeros(len(self.slack))
        before = int(self.hidden.sum())
        if len(cells):
            target = int(cells[0])
            wish[target] = 1.0
            around = np.array([target])
        else:
            target = int(differences[0])
            slack_wish[target] = 1.0
            around = np.array([self.klein[target], self.groot[target]])
        self._shift(wish, slack_wish, may_hide=True, whole=True)
        still = self._cells()[target] if len(cells) else self._differences()[target]
        if still and int(self.hidden.sum()) == before:
            self._hide_around(around)
            if int(self.hidden.sum()) == before:
                # All around it is hidden: the attack will tell whether that is enough.
                self.given_up[target if len(cells) else len(self.x) + target] = True

    def _hide_around(self, cells: Vector) -> None:
        """Hide every cell that shares a sum or an order with what is hidden around these."""
        touched = self._touch(cells)
        while True:
            grown = self._grow(touched)
            if (grown & ~self.hidden).any() or (grown == touched).all():
                break
            touched = grown
        self.hidden |= grown

    def _hide_all_around(self, cells: Vector) -> None:
        """Hide every cell that hangs together with these, however far."""
        touched = self._touch(cells)
        while not ((grown := self._grow(touched)) == touched).all():
            touched = grown
        self.hidden |= touched

    def _touch(self, cells: Vector) -> Mask:
        touched = np.zeros(len(self.x), dtype=bool)
        touched[cells] = True
        return touched & self.may

    def _grow(self, touched: Mask) -> Mask:
        grown: Mask = (self.links.T @ (self.links @ touched.astype(np.int32)) > 0) & self.may
        return grown | touched

    # --- one program ----------------------------------------------------------------------------

    def _shift(
        self, wish: Floats, slack_wish: Floats, *, may_hide: bool, whole: bool = False
    ) -> None:
        """Find a shift that moves cells and differences as wished, and take it as a proof."""
        free = np.flatnonzero(self.hidden)
        shown = np.flatnonzero(~self.hidden & self.may) if may_hide else np.empty(0, np.int64)
        active = np.concatenate([free, shown])
        lower, upper = 1.0 - self.x[free], np.full(len(free), np.inf)
        reach = (self.bewijs.laag + self.k - self.x)[free].astype(float)
        rising = wish[free] > 0
        upper[rising] = np.maximum(reach[rising], 0.0)
        # Without an end a cell that no total holds would run away.
        upper = np.minimum(upper, 64.0 * self.k)
        down = self.x[shown] - 1.0
        up = np.full(len(shown), 64.0 * self.k)
        wanted = np.flatnonzero(slack_wish)
        sums, orders = self.sums[:, active], self.orders[:, active]
        nf, ns, nw = len(free), len(shown), len(wanted)
        # Columns: hidden cells, shown cells up, shown cells down, wished differences.
        cost = np.concatenate(
            [
                -_REWARD * wish[free] if may_hide else -wish[free],
                self.cost[shown],
                self.cost[shown],
                -(_REWARD if may_hide else 1.0) * slack_wish[wanted],
            ]
        )
        end = (self.bewijs.verschil_laag + self.k - self.slack)[wanted].astype(float)
        t_low = np.where(slack_wish[wanted] > 0, 0.0, -self.slack[wanted].astype(float))
        t_high = np.where(slack_wish[wanted] > 0, np.maximum(end, 0.0), 0.0)
        low = np.concatenate([lower, np.zeros(2 * ns), t_low])
        high = np.concatenate([upper, up, down, t_high])
        eq = _keep(hstack([sums, -sums[:, nf:], csr_matrix((sums.shape[0], nw))], format="csr"))
        ge = hstack([orders, -orders[:, nf:], csr_matrix((orders.shape[0], nw))], format="csr")
        # A wished difference grows to t, or shrinks to t.
        pick = ge[wanted] if nw else csr_matrix((0, ge.shape[1]))
        sign = np.sign(slack_wish[wanted])
        pick = _scale(pick, -sign)
        if nw:
            mark = csr_matrix(
                (sign, (np.arange(nw), nf + 2 * ns + np.arange(nw))), shape=pick.shape
            )
            pick = (pick + mark).tocsr()
        used = np.flatnonzero(np.diff(ge.indptr))
        above = vstack([-ge[used], pick], format="csr")
        right = np.concatenate([self.slack[used].astype(float), np.zeros(nw)])
        seconds = max(self._left(), 0.1)
        y = _solve(cost, above, right, eq, low, high, whole=whole, seconds=seconds)
        if y is None:
            return
        shift = np.zeros(len(self.x))
        shift[free] = y[:nf]
        shift[shown] = y[nf : nf + ns] - y[nf + ns : nf + 2 * ns]
        self._take(shift)

    def _take(self, shift: Floats) -> None:
        self.hidden |= (np.abs(shift) > _ROUND) & self.may
        rounded = np.rint(shift).astype(np.int64)
        broken = np.abs(shift - rounded) > _ROUND
        if broken.any():
            rounded[self._belongs_to(broken, np.abs(shift) > _ROUND)] = 0
        seen = self.x + rounded
        bewijs = self.bewijs
        np.minimum(bewijs.laag, seen, out=bewijs.laag)
        np.maximum(bewijs.hoog, seen, out=bewijs.hoog)
        slack = seen[self.groot] - seen[self.klein]
        np.minimum(bewijs.verschil_laag, slack, out=bewijs.verschil_laag)
        np.maximum(bewijs.verschil_hoog, slack, out=bewijs.verschil_hoog)

    def _belongs_to(self, broken: Mask, moved: Mask) -> Mask:
        """Return the moved cells that hang together with one whose move is no whole number."""
        cells = np.flatnonzero(moved)
        rows = self.links[:, cells]
        _, part = connected_components(rows.T @ rows, directed=False)
        bad = set(part[broken[cells]])
        found = np.zeros(len(self.x), dtype=bool)
        found[cells] = np.isin(part, list(bad))
        return found


def _rows(sommen: list[tuple[int, Vector]], n: int) -> csr_matrix:
    """Return a row per sum: the parts minus the total."""
    row, column, value = [], [], []
    for i, (totaal, delen) in enumerate(sommen):
        row += [i] * (len(delen) + 1)
        column += [totaal, *delen.tolist()]
        value += [-1.0] + [1.0] * len(delen)
    return coo_matrix((value, (row, column)), shape=(len(sommen), n)).tocsr()


def _keep(matrix: csr_matrix) -> csr_matrix:
    """Drop the rows without a column that can move."""
    return matrix[np.flatnonzero(np.diff(matrix.indptr))]


def _scale(matrix: csr_matrix, factors: Floats) -> csr_matrix:
    return identity(len(factors), format="csr").multiply(factors[:, None]).tocsr() @ matrix


def _solve(
    cost: Floats,
    above: csr_matrix,
    right: Floats,
    eq: csr_matrix,
    low: Floats,
    high: Floats,
    *,
    whole: bool,
    seconds: float,
) -> Floats | None:
    if whole:
        constraints = [LinearConstraint(eq, 0.0, 0.0)] if eq.shape[0] else []
        if above.shape[0]:
            constraints.append(LinearConstraint(above, -np.inf, right))
        answer = milp(
            cost,
            constraints=constraints,
            bounds=Bounds(low, high),
            integrality=np.ones(len(cost)),
            options={"time_limit": min(_MILP_SECONDS, seconds), "mip_rel_gap": 0.05},
        )
        return None if answer.x is None else np.rint(answer.x)
    found = linprog(
        cost,
        A_ub=above if above.shape[0] else None,
        b_ub=right if above.shape[0] else None,
        A_eq=eq if eq.shape[0] else None,
        b_eq=np.zeros(eq.shape[0]) if eq.shape[0] else None,
        bounds=np.column_stack([low, high]),
        method="highs",
        options={"time_limit": seconds},
    )
    # Cut short it may hold a point that fits nothing: only what is solved is a proof.
    return np.asarray(found.x) if found.status == 0 else None
