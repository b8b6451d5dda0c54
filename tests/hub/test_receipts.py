"""Destinations that accept first and confirm later."""

from __future__ import annotations

from uuid import uuid4

import pytest

from connectors.transport.errors import UnknownOutcomeError
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt, collect_receipts
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht

pytestmark = pytest.mark.postgres


class Dosis(Receiver):
    """Accepts first; its receipts are set by the test."""

    receipts: dict[str, Receipt]

    def __init__(self) -> None:
        super().__init__(lambda bericht: Ontvangst(later=True))
        self.receipts = {}

    def receipt(self, bericht: Bericht) -> Receipt | None:
        return self.receipts.get(bericht.sleutel)


def _collect(ledger: Ledger, dosis: Dosis) -> dict[str, int]:
    return collect_receipts(ledger.push, dosis, ledger.keyring, bestemming="dosis", pauses=())


def test_an_accepted_message_is_confirmed_by_its_receipt(ledger: Ledger) -> None:
    ledger.add(*(make_bericht(key, bestemming="dosis") for key in "abc"))
    dosis = Dosis()
    assert ledger.deliver(dosis, "dosis") == {"aangenomen": 3}
    dosis.receipts = {"a": Receipt("1", True), "b": Receipt("2", False, ("product onbekend",))}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "opgegeven": 1, "wacht": 1}
    assert ledger.states() == {"a": "bevestigd", "b": "opgegeven", "c": "aangenomen"}


def _let_time_pass(ledger: Ledger) -> None:
    ledger.change("UPDATE hub.bericht SET beeindigd_op = beeindigd_op - interval '3 seconds'")


def test_a_status_leaves_two_seconds_after_the_receipt_of_the_one_before(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(
        *(make_bericht(key, dossier=dossier, bestemming="dosis") for key in "ab"),
        make_bericht("c", bestemming="dosis"),
    )
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    dosis.receipts = {key: Receipt("10:00", True) for key in "ac"}
    _collect(ledger, dosis)
    ledger.deliver(dosis, "dosis")
    assert sorted(dosis.got) == ["a", "c"]
    _let_time_pass(ledger)
    ledger.deliver(dosis, "dosis")
    assert sorted(dosis.got) == ["a", "b", "c"]


def test_one_status_per_dossier_is_under_way_until_its_receipt_comes(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(*(make_bericht(key, dossier=dossier, bestemming="dosis") for key in "ab"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    assert dosis.got == ["a"]
    dosis.receipts = {"a": Receipt("1", True)}
    _collect(ledger, dosis)
    _let_time_pass(ledger)
    ledger.deliver(dosis, "dosis")
    assert dosis.got == ["a", "b"]


def _lose_answer(ledger: Ledger) -> Dosis:
    ledger.add(make_bericht("a", bestemming="dosis"))
    dosis = Dosis()
    dosis.answer_with = failing(UnknownOutcomeError)
    ledger.deliver(dosis, "dosis")
    assert ledger.states() == {"a": "aangenomen"}
    assert _collect(ledger, dosis) == {"wacht": 1}
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '16 minutes'")
    dosis.answer_with = lambda bericht: Ontvangst(later=True)
    return dosis


def test_after_the_longest_processing_time_a_status_of_unknown_outcome_is_asked_about(
    ledger: Ledger,
) -> None:
    dosis = _lose_answer(ledger)
    assert _collect(ledger, dosis) == {"klaar": 1, "wacht": 0}
    assert ledger.deliver(dosis, "dosis") == {"bevestigd": 1}
    assert (dosis.asked, dosis.got) == (["a"], ["a"])


def test_a_status_that_never_arrived_is_sent_again(ledger: Ledger) -> None:
    dosis = _lose_answer(ledger)
    dosis.got.clear()
    assert _collect(ledger, dosis) == {"klaar": 1, "wacht": 0}
    assert ledger.deliver(dosis, "dosis") == {"aangenomen": 1}
    assert (dosis.asked, dosis.got) == (["a"], ["a"])


def test_where_nobody_can_be_asked_a_status_of_unknown_outcome_is_parked_for_a_person(
    ledger: Ledger,
) -> None:
    ledger.change("UPDATE hub.kanaal SET kan_bevraagd_worden = false WHERE bestemming = 'dosis'")
    dosis = _lose_answer(ledger)
    assert _collect(ledger, dosis) == {"in_twijfel": 1, "wacht": 0}
    assert ledger.deliver(dosis, "dosis") == {}
    assert dosis.got == ["a"]


def test_the_receipt_of_the_status_before_does_not_confirm_the_next(ledger: Ledger) -> None:
    dossier = uuid4()
    ledger.add(*(make_bericht(key, dossier=dossier, bestemming="dosis") for key in "ab"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    dosis.receipts = {"a": Receipt("10:00", True)}
    _collect(ledger, dosis)
    _let_time_pass(ledger)
    ledger.deliver(dosis, "dosis")
    dosis.receipts = {"b": Receipt("10:00", True)}
    assert _collect(ledger, dosis) == {"wacht": 1}
    dosis.receipts = {"b": Receipt("10:01", True)}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "wacht": 0}


def test_an_accepted_status_without_receipt_for_a_day_is_parked(ledger: Ledger) -> None:
    ledger.add(make_bericht("a", bestemming="dosis"))
    dosis = Dosis()
    ledger.deliver(dosis, "dosis")
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '23 hours'")
    assert _collect(ledger, dosis) == {"wacht": 1}
    ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '25 hours'")
    assert _collect(ledger, dosis) == {"in_twijfel": 1, "wacht": 0}


def test_a_status_whose_worker_died_is_not_sent_a_second_time(ledger: Ledger) -> None:
    ledger.add(make_bericht("a", bestemming="dosis"))
    dosis = Dosis()

    def die(bericht: Bericht) -> None:
        raise KeyboardInterrupt

    dosis.answer_with = die
    with pytest.raises(KeyboardInterrupt):
        ledger.deliver(dosis, "dosis")
    ledger.end_leases()
    assert ledger.deliver(dosis, "dosis") == {"aangenomen": 1}
    assert dosis.got == ["a"]
    dosis.receipts = {"a": Receipt("1", True)}
    assert _collect(ledger, dosis) == {"bevestigd": 1, "wacht": 0}
