"""The states of a message: every legal move, every illegal one, and random lives."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from connectors.transport.errors import (
    AlreadyDoneError,
    ConnectorError,
    ContractError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from hub.ledger.bericht import Bericht, Ontvangst
from tests.hub.ledger_case import Ledger, Receiver, make_bericht

pytestmark = pytest.mark.postgres

STATES = (
    "klaar", "onderweg", "aangenomen", "bevestigd", "opgegeven", "in_twijfel", "ingetrokken",
    "overgeslagen",
)  # fmt: skip
# What a person may do beside what the diagram shows the hub doing.
BY_A_PERSON = {
    ("aangenomen", "overgeslagen"),
    ("in_twijfel", "klaar"),
    ("in_twijfel", "bevestigd"),
    ("in_twijfel", "overgeslagen"),
    ("opgegeven", "klaar"),
    ("opgegeven", "overgeslagen"),
}
GUARANTEES = Path(__file__).resolve().parents[2] / "docs" / "delivery_guarantees.md"
ENDED = ("bevestigd", "opgegeven", "ingetrokken", "overgeslagen")


def _documented_moves() -> set[tuple[str, str]]:
    moves = re.findall(
        r"^    (\w+) --> (\w+)", GUARANTEES.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {(old, new) for old, new in moves if old in STATES and new in STATES}


def _move(ledger: Ledger, key: str, new: str) -> None:
    lease = "now() + interval '1 minute'" if new == "onderweg" else "NULL"
    ended = "now()" if new in ENDED else "NULL"
    ledger.change(
        f"UPDATE hub.bericht SET stand = '{new}', lease_tot = {lease}, beeindigd_op = {ended} "
        "WHERE sleutel = :key",
        key=key,
    )


def _bring_to(ledger: Ledger, key: str, state: str) -> None:
    roads = {
        "klaar": (),
        "ingetrokken": ("ingetrokken",),
        "overgeslagen": ("overgeslagen",),
        "onderweg": ("onderweg",),
    }
    ledger.add(make_bericht(key))
    for step in roads.get(state, ("onderweg", state)):
        _move(ledger, key, step)


def test_only_the_documented_moves_are_possible(ledger: Ledger) -> None:
    legal = _documented_moves() | BY_A_PERSON
    assert len(legal) > 15
    for old, new in itertools.permutations(STATES, 2):
        key = f"{old}-{new}"
        _bring_to(ledger, key, old)
        if (old, new) in legal:
            _move(ledger, key, new)
            assert ledger.states()[key] == new
        else:
            with pytest.raises(IntegrityError, match=f"kan niet van {old} naar {new}"):
                _move(ledger, key, new)
            assert ledger.states()[key] == old


OUTCOMES: dict[str, type[ConnectorError] | None] = {
    "aanvaard": None,
    "had het al": AlreadyDoneError,
    "druk": ThrottledError,
    "later": RetryableError,
    "geweigerd": ContractError,
    "verloren na ontvangst": UnknownOutcomeError,
    "verloren voor ontvangst": UnknownOutcomeError,
}


class Moody(Receiver):
    """A receiver whose answers follow a script; it knows what truly arrived."""

    def __init__(self, script: list[str]) -> None:
        super().__init__()
        self.script = script
        self.effects = 0

    def send(self, bericht: Bericht) -> Ontvangst:
        mood = self.script.pop(0) if self.script else "aanvaard"
        error = OUTCOMES[mood]
        if mood in ("aanvaard", "verloren na ontvangst"):
            self.effects += 1
        if mood == "had het al":
            self.effects = max(self.effects, 1)
        if error is not None:
            raise error("dialoog", "put", bericht.sleutel, mood)
        return Ontvangst("ref")

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        return Ontvangst("held") if self.effects else None


@given(script=st.lists(st.sampled_from(sorted(OUTCOMES)), max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_receiver_answers_a_message_has_one_effect_or_waits_for_a_person(
    ledger: Ledger, script: list[str]
) -> None:
    key = str(uuid4())
    receiver = Moody(list(script))
    ledger.add(make_bericht(key))
    for _ in range(len(script) + 2):
        ledger.make_due()
        ledger.deliver(receiver)
    state = ledger.states()[key]
    assert state in ("bevestigd", "opgegeven")
    assert receiver.effects == (1 if state == "bevestigd" else 0)
    attempts = ledger.rows(
        "SELECT count(*), max(nummer), bool_and(poging.beeindigd_op IS NOT NULL) FROM hub.poging "
        "JOIN hub.bericht USING (bericht_id) WHERE sleutel = :key",
        key=key,
    )
    assert attempts[0][0] == attempts[0][1]
    assert attempts[0][2] is True
