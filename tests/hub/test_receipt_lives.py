"""Random lives at a receiver that accepts first, processes later and keeps no upload id."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt, collect_receipts
from tests.hub.ledger_case import Ledger, make_bericht
from tests.hub.test_ledger_lives import DOSSIERS, MOODS, Outside

pytestmark = pytest.mark.postgres


class Slow(Outside):
    """Keeps every upload in a queue; once processed it stands in the history, with a moment."""

    def __init__(self, dossier_of: dict[str, UUID]) -> None:
        super().__init__()
        self.dossier_of = dossier_of
        self.history: dict[UUID, list[tuple[str, str]]] = {}
        self.clock = 0

    def send(self, bericht: Bericht) -> Ontvangst:
        super().send(bericht)
        return Ontvangst(later=True)

    def process(self) -> None:
        done = {key for lines in self.history.values() for key, _ in lines}
        for key in self.got:
            if key not in done:
                self.clock += 1
                self.history.setdefault(self.dossier_of[key], []).append((key, str(self.clock)))

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        lines = self.history.get(self.dossier_of[bericht.sleutel], [])
        if bericht.sleutel not in [key for key, _ in lines]:
            return None
        return Ontvangst(lines[-1][1])

    def receipt(self, bericht: Bericht) -> Receipt | None:
        lines = self.history.get(self.dossier_of[bericht.sleutel])
        return Receipt(lines[-1][1], True) if lines else None


class ReceiptLives(RuleBasedStateMachine):
    """Statuses of three dossiers; one place in the budget, so that a life can be replayed."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.dossier_of: dict[str, UUID] = {}
        self.outside = Slow(self.dossier_of)
        ledger.change(
            "TRUNCATE hub.bericht, hub.poging, hub.voorinvulling, hub.woningfiche, hub.budget"
        )
        ledger.change("UPDATE hub.kanaal SET max_gelijktijdig = 1, gestopt_op = NULL")

    @rule(dossiers=st.lists(st.sampled_from(DOSSIERS), min_size=1, max_size=4))
    def write_down(self, dossiers: list[UUID]) -> None:
        first = len(self.dossier_of)
        keys = {str(first + number): dossier for number, dossier in enumerate(dossiers)}
        self.dossier_of |= keys
        self.outside.dossier_of = self.dossier_of
        self.ledger.add(
            *(make_bericht(key, dossier=d, bestemming="dosis") for key, d in keys.items())
        )

    @rule(moods=st.lists(st.sampled_from(sorted(MOODS)), min_size=1, max_size=6))
    def deliver(self, moods: list[str]) -> None:
        self.outside.moods = list(moods)
        with suppress(KeyboardInterrupt):
            self.ledger.deliver(self.outside, "dosis")

    @rule()
    def process(self) -> None:
        self.outside.process()

    @rule()
    def collect(self) -> None:
        collect_receipts(
            self.ledger.push, self.outside, self.ledger.keyring, bestemming="dosis", pauses=()
        )

    @rule()
    def let_a_moment_pass(self) -> None:
        """Pauses and leases end, somebody opens the channel; the receiver may still be at work."""
        self.ledger.make_due()
        self.ledger.end_leases()
        self.ledger.change("UPDATE hub.bericht SET beeindigd_op = beeindigd_op - interval '3 s'")
        self.ledger.change("UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL")

    @rule()
    def let_the_longest_processing_time_pass(self) -> None:
        self.outside.process()
        self.let_a_moment_pass()
        self.ledger.change("UPDATE hub.poging SET begonnen_op = begonnen_op - interval '1 hour'")

    @invariant()
    def nothing_arrives_twice(self) -> None:
        assert not [key for key, times in Counter(self.outside.got).items() if times > 1]

    @invariant()
    def order_is_kept_per_dossier(self) -> None:
        for dossier in DOSSIERS:
            arrived = [int(k) for k in self.outside.got if self.dossier_of[k] == dossier]
            assert arrived == sorted(arrived)

    @invariant()
    def only_what_was_processed_is_confirmed(self) -> None:
        processed = {key for lines in self.outside.history.values() for key, _ in lines}
        for key, state in self.ledger.states().items():
            assert state != "bevestigd" or key in processed

    def teardown(self) -> None:
        """In the end every status is confirmed or was refused."""
        self.outside.moods = []
        for _ in range(3 * len(self.dossier_of) + 3):
            self.let_the_longest_processing_time_pass()
            self.collect()
            self.ledger.deliver(self.outside, "dosis")
        assert set(self.ledger.states().values()) <= {"bevestigd", "opgegeven"}
        self.nothing_arrives_twice()
        self.order_is_kept_per_dossier()


def test_in_every_life_each_status_arrives_once_and_is_confirmed_by_its_own_receipt(
    ledger: Ledger,
) -> None:
    run_state_machine_as_test(
        lambda: ReceiptLives(ledger),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
