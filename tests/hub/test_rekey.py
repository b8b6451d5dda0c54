"""Keys are renewed while the flows run: nothing is lost, nothing stays under the old key."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from hub.key_file import LONGEST_TASK, add_key, drop_key
from hub.keys import Keyring, KeyringError, load_keyring
from hub.ledger.bericht import Bericht
from hub.persoon import open_persoonsgegevens, persoon_context
from hub.rekey import count_sealed, inbox_context, rekey
from tests.hub.journey_case import RESIDENTS
from tests.hub.ledger_case import Ledger, Receiver, make_bericht
from tests.journey import Journey
from tests.postgres_cluster import HubDatabase

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """A key file as the set-up makes it."""
    from cli.state import State

    state = State(tmp_path / "home")
    state.secrets()
    return state.sleutels


def _later() -> datetime:
    return datetime.now(UTC) + LONGEST_TASK


def _wait_for_more(added: list[str], failures: list[BaseException]) -> None:
    """Wait until the flow wrote something down, so that every renewal meets work under way."""
    seen, deadline = len(added), time.monotonic() + 60
    while len(added) == seen and not failures and time.monotonic() < deadline:
        time.sleep(0.01)


class Vault:
    """The ledger with a key file, and the role that seals anew."""

    def __init__(self, ledger: Ledger, database: HubDatabase, path: Path) -> None:
        self.ledger, self.path = ledger, path
        self.engine = database.engine("hub_sleutel")
        self.reload()

    def reload(self) -> Keyring:
        self.ledger.keyring = load_keyring(str(self.path))
        return self.ledger.keyring

    def counts(self) -> dict[str, dict[str, int]]:
        with self.engine.begin() as connection:
            return count_sealed(connection)

    def plant_others(self) -> dict[str, Any]:
        """One sealed row in each of the other tables."""
        ring, owner = self.ledger.keyring, self.ledger
        made: dict[str, Any] = {}
        for tabel in ("profiel", "vraag"):
            made[tabel] = uuid4()
            sealed, key_id = ring.encrypt(
                json.dumps({"naam": "Fien"}).encode(), context=persoon_context(tabel, made[tabel])
            )
            extra = ", insz_status" if tabel == "profiel" else ""
            value = ", 'geldig'" if tabel == "profiel" else ""
            owner.change(
                f"INSERT INTO bron.crm_{tabel} ({tabel}_id, persoonsgegevens, sleutel_id, etag, "
                f"inhoud_hash, gewijzigd_op{extra}) VALUES (:id, :sealed, :key, '1', '', now()"
                f"{value})",
                id=made[tabel], sealed=sealed, key=key_id,
            )  # fmt: skip
        row = {"bron": "intake", "soort": "vraag", "object_id": "1", "versie": "1"}
        sealed, key_id = ring.encrypt(b"een vraag", context=inbox_context(row))
        owner.change(
            "INSERT INTO hub.inbox (bron, soort, object_id, versie, inhoud, sleutel_id) "
            "VALUES (:bron, :soort, :object_id, :versie, :sealed, :key)",
            **row, sealed=sealed, key=key_id,
        )  # fmt: skip
        return made


@pytest.fixture
def vault(ledger: Ledger, database: HubDatabase, key_file: Path) -> Vault:
    return Vault(ledger, database, key_file)


def test_a_fresh_key_becomes_active_and_the_old_one_still_opens(key_file: Path) -> None:
    before = load_keyring(str(key_file))
    sealed, old = before.encrypt(b"x", context="c")
    added = add_key(key_file)
    after = load_keyring(str(key_file))
    assert after.active == added != old
    assert set(after.keys) == {old, added}
    assert len(after.keys[added]) == 32
    assert after.keys[added] not in before.keys.values()
    assert after.decrypt(sealed, old, context="c") == b"x"
    assert after.pseudonym_key == before.pseudonym_key, "pseudonyms must not change"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert list(key_file.parent.glob(".sleutels*")) == []


def test_the_active_key_and_an_unknown_one_stay_in_the_list(key_file: Path) -> None:
    before = key_file.read_text()
    with pytest.raises(KeyringError, match="is the active one. Nothing changed"):
        drop_key(key_file, load_keyring(str(key_file)).active)
    with pytest.raises(KeyringError, match="is not in the key file. Nothing changed"):
        drop_key(key_file, "s9")
    assert key_file.read_text() == before


def test_a_key_stays_in_the_list_while_a_task_may_still_seal_under_it(key_file: Path) -> None:
    old = load_keyring(str(key_file)).active
    add_key(key_file)
    with pytest.raises(KeyringError, match="may still seal under 's1'. Nothing changed"):
        drop_key(key_file, old)
    drop_key(key_file, old, now=_later())
    assert old not in load_keyring(str(key_file)).keys


def test_a_key_file_that_others_can_read_is_not_touched(key_file: Path) -> None:
    before = key_file.read_text()
    key_file.chmod(0o644)
    with pytest.raises(KeyringError, match="can be read by others"):
        add_key(key_file)
    assert key_file.read_text() == before


@pytest.mark.postgres
def test_everything_sealed_comes_under_the_new_key_and_opens_without_the_old_one(
    vault: Vault,
) -> None:
    vault.ledger.add(*(make_bericht(str(number)) for number in range(25)))
    made = vault.plant_others()
    old = vault.ledger.keyring.active
    new = add_key(vault.path)
    result = rekey(vault.engine, vault.reload(), batch=10)
    assert (result.renewed, result.left, result.unreadable) == (28, 0, 0)
    assert result.unused == (old,)
    assert vault.counts() == {
        new: {"hub.bericht": 25, "hub.inbox": 1, "bron.crm_profiel": 1, "bron.crm_vraag": 1}
    }
    drop_key(vault.path, old, now=_later())
    ring = vault.reload()
    assert set(ring.keys) == {new}
    seen: list[str] = []

    def look(bericht: Bericht) -> None:
        seen.append(bericht.inhoud["geheim"])

    assert vault.ledger.deliver(Receiver(look)) == {"bevestigd": 25}
    assert seen == ["Fien Voorbeeld"] * 25
    for tabel in ("profiel", "vraag"):
        sealed, key_id = vault.ledger.rows(
            f"SELECT persoonsgegevens, sleutel_id FROM bron.crm_{tabel}"
        )[0]
        assert open_persoonsgegevens(tabel, made[tabel], sealed, key_id, ring) == {"naam": "Fien"}
    assert rekey(vault.engine, ring).renewed == 0


@pytest.mark.postgres
def test_keys_are_renewed_under_load_and_every_message_arrives_once(vault: Vault) -> None:
    receiver, stop = Receiver(), threading.Event()
    added: list[str] = []
    vault.ledger.add(*(make_bericht(f"eerst {number}") for number in range(300)))
    failures: list[BaseException] = []

    def flow() -> None:
        # As a task does: the key file is read anew at each round.
        try:
            while not stop.is_set():
                ledger_keyring = load_keyring(str(vault.path))
                vault.ledger.keyring = ledger_keyring
                keys = [f"{len(added) + n}" for n in range(10)]
                vault.ledger.add(*(make_bericht(key) for key in keys))
                added.extend(keys)
                vault.ledger.deliver(receiver)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    worker = threading.Thread(target=flow)
    worker.start()
    retired = []
    try:
        for _ in range(3):
            _wait_for_more(added, failures)
            retired.append(load_keyring(str(vault.path)).active)
            add_key(vault.path)
            rekey(vault.engine, load_keyring(str(vault.path)), batch=7)
    finally:
        stop.set()
        worker.join()
    assert not failures
    assert len(added) >= 30
    result = rekey(vault.engine, vault.reload())
    assert (result.left, result.unreadable) == (0, 0)
    assert result.unused == tuple(sorted(retired))
    for key_id in retired:
        drop_key(vault.path, key_id, now=_later())
    vault.reload()
    vault.ledger.make_due()
    vault.ledger.deliver(receiver)
    assert set(vault.ledger.states().values()) == {"bevestigd"}
    assert sorted(receiver.got) == sorted([*added, *(f"eerst {n}" for n in range(300))])


@pytest.mark.postgres
def test_a_run_that_was_killed_between_two_sets_goes_on_where_it_stopped(vault: Vault) -> None:
    vault.ledger.add(*(make_bericht(str(number)) for number in range(50)))
    old = vault.ledger.keyring.active
    add_key(vault.path)
    code = (
        "import os, signal, sys; from hub.database import make_engine; "
        "from hub.keys import load_keyring; from hub.rekey import rekey\n"
        "def die(done):\n"
        "    if done >= 20: os.kill(os.getpid(), signal.SIGKILL)\n"
        "rekey(make_engine(os.environ['DATABASE']), load_keyring(), batch=10, on_progress=die)"
    )
    url = vault.engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DATABASE": url, "RENOVATIEHUB_SLEUTELS": str(vault.path)},
        cwd=ROOT,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert vault.counts()[old] == {"hub.bericht": 30}
    result = rekey(vault.engine, vault.reload(), batch=10)
    assert (result.renewed, result.left) == (30, 0)


@pytest.mark.postgres
def test_a_row_that_a_worker_holds_is_left_and_found_by_the_next_run(vault: Vault) -> None:
    vault.ledger.add(make_bericht("vast"), make_bericht("vrij"))
    add_key(vault.path)
    with vault.ledger.owner.begin() as connection:
        connection.execute(text("SELECT 1 FROM hub.bericht WHERE sleutel = 'vast' FOR UPDATE"))
        held = rekey(vault.engine, vault.reload())
    assert (held.renewed, held.left, held.unreadable, held.unused) == (1, 1, 0, ())
    assert rekey(vault.engine, vault.reload()).left == 0


@pytest.mark.postgres
def test_a_text_that_does_not_open_is_told_and_left_as_it_is(vault: Vault) -> None:
    vault.ledger.add(*(make_bericht(key) for key in "abc"))
    vault.ledger.change("UPDATE hub.bericht SET inhoud = 'bedorven' WHERE sleutel = 'b'")
    vault.ledger.change("UPDATE hub.bericht SET sleutel_id = 'verloren' WHERE sleutel = 'c'")
    old = vault.ledger.keyring.active
    add_key(vault.path)
    result = rekey(vault.engine, vault.reload(), batch=2)
    assert (result.renewed, result.unreadable, result.left, result.unused) == (1, 2, 2, ())
    assert vault.counts()[old] == {"hub.bericht": 1}
    assert vault.ledger.rows("SELECT inhoud FROM hub.bericht WHERE sleutel = 'b'") == [
        (b"bedorven",)
    ]


@pytest.mark.postgres
def test_a_message_whose_content_was_emptied_needs_no_key(vault: Vault) -> None:
    vault.ledger.add(make_bericht("a"))
    vault.ledger.change("UPDATE hub.bericht SET inhoud = NULL, sleutel_id = NULL")
    add_key(vault.path)
    result = rekey(vault.engine, vault.reload())
    assert (result.renewed, result.left) == (0, 0)


@pytest.mark.postgres
def test_after_a_whole_journey_the_rows_of_every_table_open_under_the_new_key(
    own: Journey,
) -> None:
    engine = own.database.engine("hub_sleutel")
    ring = own.keyring
    fresh = Keyring("k2", {"k1": ring.keys["k1"], "k2": os.urandom(32)}, ring.pseudonym_key)
    result = rekey(engine, fresh)
    assert result.renewed > 60
    assert (result.left, result.unused) == (0, ("k1",))
    own.keyring = Keyring("k2", {"k2": fresh.keys["k2"]}, ring.pseudonym_key)
    with own.engines["eigenaar"].begin() as connection:
        for tabel in ("profiel", "vraag"):
            rows = connection.execute(
                text(f"SELECT {tabel}_id, persoonsgegevens, sleutel_id FROM bron.crm_{tabel}")
            ).all()
            assert rows
            for object_id, sealed, key_id in rows:
                assert open_persoonsgegevens(tabel, object_id, sealed, key_id, own.keyring)
    own.sandbox.grow(RESIDENTS + 6)
    own.run()
    assert own.reckon(RESIDENTS + 6)["open"] == 0
