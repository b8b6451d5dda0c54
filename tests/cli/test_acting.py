"""The operator's commands on a real database: what they show, do, refuse and never tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from cli.database import admin_dsn, locate
from cli.state import State
from hub.database import make_engine
from hub.keys import load_keyring
from hub.ledger.enqueue import enqueue
from tests.hub.ledger_case import make_bericht
from tests.postgres_cluster import Cluster, running_cluster

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("acting") / "home") as running:
        yield running


@pytest.fixture
def given_up(cluster: Cluster) -> Iterator[UUID]:
    """A message that was given up, and nothing else."""
    engine = make_engine(locate(cluster.settings, cluster.state).url("hub_enrich"))
    with psycopg.connect(
        admin_dsn(cluster.settings, cluster.state, "renovatiehub"), autocommit=True
    ) as admin:
        admin.execute("TRUNCATE hub.bericht, hub.handeling, hub.incident CASCADE")
        with engine.begin() as connection:
            keyring = load_keyring(str(cluster.state.sleutels))
            added = enqueue(connection, keyring, [make_bericht("a")])
        admin.execute("UPDATE hub.bericht SET stand = 'onderweg', lease_tot = now()")
        admin.execute(
            "UPDATE hub.bericht SET stand = 'opgegeven', lease_tot = NULL, beeindigd_op = now(), "
            "reden = 'het adres ontbreekt'"
        )
        yield added[("dialoog", "a")]
    engine.dispose()


def run(cluster: Cluster, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run the command with --json; returns its code, its answer and what it told."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli", *arguments, "--json"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
            "RENOVATIEHUB_HOME": str(cluster.state.home),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Fien" not in done.stdout + done.stderr
    answer = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    return done.returncode, answer, done.stderr


def test_an_operator_finds_a_message_and_sends_it_again(cluster: Cluster, given_up: UUID) -> None:
    code, answer, _ = run(cluster, "bericht")
    assert code == 0
    assert [m["reden"] for m in answer["berichten"]] == ["het adres ontbreekt"]
    again = ("bericht", "opnieuw", str(given_up), "--reden", "het adres is aangevuld")
    assert run(cluster, *again)[:2] == (0, {"changed": 1, "unchanged": 0})
    assert run(cluster, *again)[:2] == (0, {"changed": 0, "unchanged": 1})
    _, answer, _ = run(cluster, "bericht", "toon", str(given_up))
    shown = answer["berichten"][0]
    assert (shown["stand"], len(shown["handelingen"])) == ("klaar", 1)
    assert shown["handelingen"][0]["reden"] == "het adres is aangevuld"
    assert "inhoud" not in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("bericht", "opzij", "ID"), "needs a reason"),
        (("bericht", "opnieuw", "--reden", "x"), "needs an ID"),
        (("bericht", "toon", "geen-nummer"), "is no bericht_id"),
        (("bericht", "bewaar", "ID", "--reden", "x", "--tot", "morgen"), "needs a day"),
        (("bericht", "bevestig", "ID", "--reden", "x"), "kan niet bevestigd worden"),
        (("bericht", "opzij", "ID", "--reden", "belde 0470 12 34 56"), "gegevens van personen"),
        (("kanaal", "open"), "needs a destination"),
        (("kanaal", "stop", "nergens", "--reden", "x"), "Er is geen bestemming"),
        (("sleutels", "schrap"), "needs the id of a key"),
        (("sleutels", "schrap", "s1"), "still seals 1 rows"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    cluster: Cluster, given_up: UUID, arguments: tuple[str, ...], told: str
) -> None:
    code, answer, said = run(cluster, *(a.replace("ID", str(given_up)) for a in arguments))
    assert (code, answer) == (1, {})
    assert said.startswith("renovatiehub: ")
    assert told in said


def test_a_channel_is_stopped_shown_and_opened(cluster: Cluster) -> None:
    assert run(cluster, "kanaal", "stop", "crm", "--reden", "onderhoud")[0] == 0
    _, answer, _ = run(cluster, "kanaal", "toon", "crm")
    assert answer["kanalen"][0]["stopreden"] == "gestopt door een operator: onderhoud"
    assert run(cluster, "kanaal", "open", "crm", "--reden", "klaar")[1]["changed"] == 1
    _, answer, _ = run(cluster, "kanaal")
    assert {row["bestemming"]: row["gestopt_op"] for row in answer["kanalen"]}["crm"] is None


def test_keys_are_renewed_and_never_shown(cluster: Cluster, given_up: UUID) -> None:
    told = []
    for arguments in (("toon",), ("nieuw",), ("hersleutel",), ("toon",)):
        code, answer, said = run(cluster, "sleutels", *arguments)
        assert code == 0, said
        told.append((answer, said))
    old, new = told[0][0]["active"], told[1][0]["active"]
    assert told[2][0] == {"renewed": 1, "left": 0, "unreadable": 0, "unused": [old]}
    rows = {row["sleutel"]: row["rijen"] for row in told[3][0]["keys"]}
    assert rows == {old: 0, new: 1}
    document = json.loads(State(cluster.state.home).sleutels.read_text())
    for key in (*document["sleutels"].values(), document["pseudoniem"]):
        assert key not in repr(told)


def test_a_database_without_the_role_says_what_to_do(cluster: Cluster) -> None:
    secrets = cluster.state.secrets_folder / "secrets.json"
    before = secrets.read_text()
    document = json.loads(before)
    document["roles"]["hub_operator"] = "anders"
    secrets.write_text(json.dumps(document))
    try:
        code, _, said = run(cluster, "kanaal")
    finally:
        secrets.write_text(before)
    assert code == 1
    assert "does not let hub_operator in; bring the database up to date" in said


def test_a_difference_is_shown_and_accepted_once(cluster: Cluster) -> None:
    with psycopg.connect(
        admin_dsn(cluster.settings, cluster.state, "renovatiehub"), autocommit=True
    ) as admin:
        admin.execute("TRUNCATE hub.handeling, hub.incident, hub.aanvaard_verschil")
        admin.execute(
            "INSERT INTO hub.incident (soort, onderwerp, tekst, voorstel) "
            "VALUES ('crm_stap_ontbreekt', 'crm stap 1', 'de taak is er niet meer', 'vraag het')"
        )
        code, shown, _ = run(cluster, "aansluiting")
        assert code == 0
        (difference,) = shown["verschillen"]
        asked = ("aansluiting", "aanvaard", difference["incident_id"], "--wie", "an", "--reden")
        assert run(cluster, *asked, "met opzet")[:2] == (0, {"changed": 1, "unchanged": 0})
        assert run(cluster, *asked, "met opzet")[:2] == (0, {"changed": 0, "unchanged": 1})
        assert run(cluster, "aansluiting")[1] == {"verschillen": []}
        code, _, told = run(cluster, "aansluiting", "aanvaard", "7", "--reden", "x")
        assert code != 0
        assert "'7' is no incident_id" in told
