"""Random lives of the ledger: whatever happens in whatever order, one effect per message."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from hub.ledger.acts import set_aside
from hub.ledger.bericht import Bericht, Ontvangst, Toestemming
from hub.ledger.channel import read_channel
from tests.hub.ledger_case import Ledger, Receiver, make_bericht
from tests.hub.test_ledger import grant

pytestmark = pytest.mark.postgres

DOSSIERS = [uuid4() for _ in range(3)]
LATER = st.sampled_from([True, True, False])
DOEL = "duurzaam_bouwadvies"
# What happens at one send: whether the receiver keeps the message, and what the worker sees of it.
MOODS: dict[str, tuple[bool, type[BaseException] | None]] = {
    "accepted": (True, None),
    "busy": (False, ThrottledError),
    "away": (False, RetryableError),
    "refused": (False, ContractError),
    "no sign-on": (False, AuthenticationError),
    "lost after it arrived": (True, UnknownOutcomeError),
    "lost before it arrived": (False, UnknownOutcomeError),
    "the worker dies after it arrived": (True, KeyboardInterrupt),
    "the worker dies before it arrived": (False, KeyboardInterrupt),
}


class Outside(Receiver):
    """Keeps what arrives, recognises nothing by itself, and can be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.moods: list[str] = []

    def send(self, bericht: Bericht) -> Ontvangst:
        keeps, error = MOODS[self.moods.pop(0) if self.moods else "accepted"]
        if keeps:
            self.got.append(bericht.sleutel)
        if error is None:
            return Ontvangst("ref")
        if issubclass(error, ConnectorError):
            raise error("dialoog", "put", bericht.sleutel, "answered badly")
        raise error


class Lives(RuleBasedStateMachine):
    """One destination, one place in its budget (so that a life can be replayed), three dossiers."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.outside = Outside()
        self.written: list[tuple[str, UUID]] = []
        self.profiel = uuid4()
        self.has_consent = True
        ledger.change(
            "TRUNCATE hub.bericht, hub.poging, hub.voorinvulling, hub.woningfiche, hub.budget"
        )
        ledger.change("UPDATE hub.kanaal SET max_gelijktijdig = 1, gestopt_op = NULL")
        grant(ledger, self.profiel, None)

    @rule(
        wanted=st.lists(st.tuples(st.sampled_from(DOSSIERS), st.booleans()), min_size=1, max_size=4)
    )
    def write_down(self, wanted: list[tuple[UUID, bool]]) -> None:
        messages = [
            make_bericht(
                str(len(self.written) + number),
                dossier=dossier,
                toestemming=Toestemming(self.profiel, DOEL) if needs_consent else None,
            )
            for number, (dossier, needs_consent) in enumerate(wanted)
        ]
        assert self.ledger.add(*messages) == len(messages)
        assert self.ledger.add(*messages) == 0
        self.written += [(message.sleutel, message.dossier_id) for message in messages]

    @rule(moods=st.lists(st.sampled_from(sorted(MOODS)), min_size=1, max_size=6), later=LATER)
    def deliver(self, moods: list[str], later: bool) -> None:
        if later:
            self.let_time_pass()
        self.outside.moods = list(moods)
        with suppress(KeyboardInterrupt):
            self.ledger.deliver(self.outside)

    def let_time_pass(self) -> None:
        """Pauses and leases end, and somebody opens the channel again."""
        self.ledger.make_due()
        self.ledger.end_leases()
        self.ledger.change("UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL")

    @precondition(lambda self: self.has_consent)
    @rule()
    def withdraw_consent(self) -> None:
        self.ledger.change(
            "UPDATE bron.crm_toestemming SET tot = now() WHERE profiel_id = :profiel",
            profiel=self.profiel,
        )
        self.has_consent = False

    @rule()
    def send_again_what_was_given_up(self) -> None:
        # Only the last of its dossier: sent again, it would else come after its successors.
        self.ledger.change(
            """
            UPDATE hub.bericht SET stand = 'klaar', beeindigd_op = NULL, klaar_vanaf = now()
            WHERE stand = 'opgegeven' AND volgorde IN (
                SELECT max(volgorde) FROM hub.bericht GROUP BY dossier_id
            )
            """
        )

    @rule(number=st.integers(min_value=0, max_value=5))
    def put_aside_what_waits(self, number: int) -> None:
        waiting = self.ledger.rows(
            """
            SELECT bericht_id FROM hub.bericht
            WHERE stand IN ('klaar', 'opgegeven') AND NOT te_bevragen
            ORDER BY volgorde
            """
        )
        if waiting:
            (bericht_id,) = waiting[number % len(waiting)]
            with self.ledger.owner.begin() as connection:
                set_aside(connection, [bericht_id], reden="niet meer nodig", wie="an")

    @invariant()
    def nothing_is_left_behind(self) -> None:
        """What stands behind has an older one of its dossier before it that does not."""
        assert not self.ledger.rows(
            """
            SELECT sleutel FROM hub.bericht
            WHERE stand = 'klaar' AND achter AND NOT EXISTS (
                SELECT 1 FROM hub.bericht AS ouder
                WHERE
                    ouder.bestemming = bericht.bestemming
                    AND ouder.dossier_id = bericht.dossier_id
                    AND ouder.volgorde < bericht.volgorde
                    AND ouder.stand IN ('klaar', 'onderweg', 'aangenomen', 'in_twijfel')
                    AND NOT ouder.achter
            )
            """
        )

    @invariant()
    def nothing_arrives_twice(self) -> None:
        assert not [key for key, times in Counter(self.outside.got).items() if times > 1]

    @invariant()
    def order_is_kept_per_dossier(self) -> None:
        for dossier in DOSSIERS:
            mine = [key for key, of in self.written if of == dossier]
            arrived = [key for key in self.outside.got if key in mine]
            assert arrived == sorted(arrived, key=mine.index)

    @invariant()
    def the_ledger_tells_the_truth(self) -> None:
        rows = self.ledger.rows("SELECT sleutel, stand, te_bevragen FROM hub.bericht")
        assert {row[0] for row in rows} == {key for key, _ in self.written}
        arrived = set(self.outside.got)
        for key, state, doubt in rows:
            if state == "bevestigd":
                assert key in arrived
            elif state in ("ingetrokken", "overgeslagen") or (
                state in ("klaar", "opgegeven") and not doubt
            ):
                assert key not in arrived

    def teardown(self) -> None:
        """In the end each message arrived, was refused, put aside, or had lost its consent."""
        self.outside.moods = []
        for _ in range(2):
            self.let_time_pass()
            self.ledger.deliver(self.outside)
        states = self.ledger.states()
        assert set(states.values()) <= {"bevestigd", "opgegeven", "ingetrokken", "overgeslagen"}
        self.the_ledger_tells_the_truth()
        self.nothing_arrives_twice()
        self.order_is_kept_per_dossier()


def test_in_every_life_of_the_ledger_each_message_has_one_effect(ledger: Ledger) -> None:
    assert read_channel(ledger.push, "dialoog").kan_bevraagd_worden
    run_state_machine_as_test(
        lambda: Lives(ledger),
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
