"""Workers share one sealed token on PostgreSQL, and one of them renews it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from connectors.transport.acm import AcmSignOn, open_acm
from connectors.transport.tokens import Token
from hub.tokens import PostgresTokenStore
from tests.hub.ledger_case import Ledger
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase
from tests.sandbox_process import acm_client, running_sandbox

pytestmark = pytest.mark.postgres


def test_a_token_is_kept_sealed_and_shared_until_it_ends(ledger: Ledger) -> None:
    store = PostgresTokenStore(ledger.push, ledger.keyring)
    other = PostgresTokenStore(ledger.push, ledger.keyring)
    assert store.read("acm hub") is None
    assert store.claim("acm hub")
    assert not other.claim("acm hub")
    store.keep("acm hub", Token("zeergeheim", 3600, 3540))
    found = other.read("acm hub")
    assert found is not None and found.value == "zeergeheim"
    assert 3590 < found.seconds <= 3600 and 3530 < found.fresh <= 3540
    assert other.claim("acm hub"), "a new token ends the claim"
    other.release("acm hub")
    ((sealed,),) = ledger.rows("SELECT waarde FROM hub.token")
    assert b"zeergeheim" not in bytes(sealed)
    ledger.change("UPDATE hub.token SET geldig_tot = now()")
    assert store.read("acm hub") is None


def test_the_claim_of_a_dead_worker_ends_by_itself(ledger: Ledger) -> None:
    store = PostgresTokenStore(ledger.push, ledger.keyring)
    assert store.claim("acm hub")
    ledger.change("UPDATE hub.token SET vernieuwing_tot = now()")
    assert store.claim("acm hub")


def test_a_token_that_does_not_open_is_none(ledger: Ledger) -> None:
    store = PostgresTokenStore(ledger.push, ledger.keyring)
    store.keep("acm hub", Token("zeergeheim", 3600, 3540))
    ledger.change("UPDATE hub.token SET sleutel_id = 'weg'")
    assert store.read("acm hub") is None
    store.keep("acm hub", Token("nieuw", 3600, 3540))
    ledger.change("UPDATE hub.token SET naam = 'acm ander'")
    assert store.read("acm ander") is None, "it is bound to its name"


def test_workers_that_start_together_sign_on_once(database: HubDatabase, tmp_path: Path) -> None:
    keyring = make_keyring()
    with running_sandbox(tmp_path) as sandbox:
        client = acm_client(sandbox, "dosis")

        def make_worker(role: str) -> AcmSignOn:
            return open_acm(client, PostgresTokenStore(database.engine(role), keyring))

        workers = [make_worker(role) for role in ("hub_push", "hub_aansluiting") * 3]
        with ThreadPoolExecutor(6) as pool:
            given = set(pool.map(lambda worker: worker(False)["Authorization"], workers))
            assert len(given) == len(sandbox.journal("acm")) == 1
            all_hold_it = Barrier(6)

            def be_refused(worker: AcmSignOn) -> str:
                worker(False)
                all_hold_it.wait(10)
                return worker(True)["Authorization"]

            renewed = set(pool.map(be_refused, workers))
        assert len(sandbox.journal("acm")) == 2
        assert len(renewed) == 1
        assert not renewed & given
