"""Whatever the order in which versions of applications arrive, the portal ends the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.crm.models import CrmDeleted, CrmRecord
from hub.dossierstatus import AANVRAAG, list_regelingen, load_lezingen
from tests.hub.ledger_case import Ledger
from tests.hub.replay_case import BASE, DOSSIER, NUMMER, Replay, make_id
from tests.journey import make_keyring
from tests.postgres_cluster import Cluster

pytestmark = pytest.mark.postgres
UNKNOWN = "bestaat niet"


def version(number: int, place: int, drawn: tuple[str, str, str]) -> CrmRecord:
    """Return a version of an application, each typed a minute after the one before."""
    soort, regeling, status = drawn
    velden = {
        "nummer": f"RA-{number}", "dossier_id": DOSSIER, "soort": soort, "regeling": regeling,
        "status": status,
    }  # fmt: skip
    moment = BASE + timedelta(minutes=place)
    return CrmRecord(AANVRAAG, make_id(AANVRAAG, number), f"{place}", moment, velden)


def expect(last: Sequence[CrmRecord]) -> dict[str, tuple[str, str, str]]:
    """Return by number phase, code and name of what must be shown, by the test's own reckoning."""
    of = {(one.soort, one.stand): one for one in load_lezingen().values() if one.tabel == AANVRAAG}
    found = {}
    for record in last:
        soort, regeling = str(record.velden["soort"]), str(record.velden["regeling"])
        lezing = of.get((soort, str(record.velden["status"])))
        if lezing is not None and regeling in list_regelingen(soort):
            found[str(record.velden["nummer"])] = lezing.fase, lezing.code, regeling
    return found


def shown(replay: Replay) -> dict[str, tuple[str, str, str]]:
    return {
        number: (one["fase"], one["code"], one["naam"])
        for number, one in replay.dosis.shown.items()
        if number != NUMMER
    }


SOORTEN = ("premie", "lening")
VERSIONS = st.tuples(
    st.sampled_from([*SOORTEN, UNKNOWN]),
    st.sampled_from([naam for soort in SOORTEN for naam in list_regelingen(soort)] + [UNKNOWN]),
    st.sampled_from(["aangevraagd", "beslist_goed", "betaald", UNKNOWN]),
)
ROWS = st.lists(
    st.tuples(st.lists(VERSIONS, min_size=1, max_size=4), st.booleans()), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[tuple[Ledger, Any]]:
    with cluster.fresh_database() as database:
        puller = database.engine("hub_pull")
        yield Ledger(database, make_keyring()), lambda role: puller


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Each example is a history in a real database: a failure is shown as it was found.
    phases=[Phase.explicit, Phase.generate],
)
@given(drawn=ROWS, seed=st.integers(0, 2**16))
def test_any_order_with_repeats_ends_in_the_same_statuses(
    shared: tuple[Ledger, Any],
    drawn: list[tuple[list[tuple[str, str, str]], bool]],
    seed: int,
) -> None:
    rows = [
        [version(number, place, one) for place, one in enumerate(versions)]
        for number, (versions, _) in enumerate(drawn)
    ]
    removed = [
        CrmDeleted(AANVRAAG, make_id(AANVRAAG, number))
        for number, (_, gone) in enumerate(drawn)
        if gone
    ]
    history = [one for row in rows for one in row]
    in_order = Replay(*shared)
    in_order.begin()
    for change in [*history, *removed]:
        in_order.land([change])
    in_order.tell()
    left = [row[-1] for row, (_, gone) in zip(rows, drawn, strict=True) if not gone]
    assert shown(in_order) == expect(left)
    assert len(in_order.dosis.got) == 1 + len(expect(left)), "what does not hold is never told"

    dice = random.Random(seed)
    shuffled = [*history, *history]
    dice.shuffle(shuffled)
    # The CRM's last word about a row that it removed is that it is gone: of that no moment is told.
    late = [*shuffled, *removed]
    other = Replay(*shared)
    other.begin()
    while late:
        size = dice.randint(1, len(late))
        other.land(late[:size])
        late = late[size:]
        other.tell()
    # DOSIS can show nothing less: what was told stays until its row can be used or is long gone.
    must = expect(left)
    assert {number: one for number, one in shown(other).items() if number in must} == must
    told_before = len(other.dosis.got)
    other.land([*history, *removed])
    other.tell()
    assert len(other.dosis.got) == told_before, "hearing it all again tells nothing"
