"""The command that erases a resident: it says what it waits for, and shows the certificate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from cli.main import main
from tests.hub.ledger_case import Ledger
from tests.hub.test_bewaring import House
from tests.hub.test_wissing import Resident
from tests.journey import make_keyring
from tests.postgres_cluster import HubDatabase, running_cluster

pytestmark = pytest.mark.postgres
WHY = ("--reden", "verzoek 2026-117", "--wie", "functionaris")


@dataclass(frozen=True)
class Command:
    """The command against one database, and what it printed."""

    resident: Resident
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["wissing", *arguments])
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubDatabase]:
    with running_cluster(tmp_path_factory.mktemp("wissing") / "home") as running:
        database = HubDatabase(running, "renovatiehub", [])
        yield database
        for engine in database.engines:
            engine.dispose()


@pytest.fixture
def command(
    cluster: HubDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.setenv("RENOVATIEHUB_HOME", str(cluster.cluster.state.home))
    monkeypatch.delenv("RENOVATIEHUB_SLEUTELS", raising=False)
    ledger = Ledger(cluster, make_keyring())
    return Command(Resident(House(ledger, cluster), cluster, str(uuid4())), capsys)


def test_an_erasure_waits_goes_on_and_ends_with_its_certificate(command: Command) -> None:
    resident = command.resident
    resident.signed_up()
    start = ("start", "--profiel", str(resident.profiel), *WHY, "--json")
    code, out, told = command.run(*start)
    (found,) = json.loads(out.splitlines()[-1])["wissingen"]
    assert (code, found["stand"], found["wacht_op"]) == (1, "bezig", "wacht op dialoog (1)")
    assert "wacht op dialoog (1)" in told
    code, _, told = command.run("attest", found["wissing"])
    assert code == 1
    assert "is not done" in told

    # Sealed with the command's own key, which this test does not have: only the outcome matters.
    resident.ledger.change(
        "UPDATE hub.bericht SET stand = 'onderweg', lease_tot = now() WHERE soort = 'intrekking'"
    )
    resident.ledger.change(
        "UPDATE hub.bericht SET stand = 'bevestigd', lease_tot = NULL, beeindigd_op = now(), "
        "ontvangst = 'bewaard: een toegekende lening' WHERE soort = 'intrekking'"
    )
    assert command.run("verder")[0] == 0
    code, out, told = command.run("attest", found["wissing"], "--json")
    answer = json.loads(out.splitlines()[-1])
    assert code == 0
    assert answer["attest"]["ontvangers"][0]["antwoord"] == "bewaard: een toegekende lening"
    assert "bewaard: een toegekende lening" in told
    assert f"Waarmerk: {answer['waarmerk']}" in told
    assert str(resident.profiel) not in out + told
    assert command.run(*start)[0] == 0, "the same resident again is the same erasure"


def test_what_cannot_be_is_one_sentence(command: Command) -> None:
    for arguments, said in (
        (("start", *WHY), "give the profiel_id in --profiel"),
        (("start", "--profiel", "x", *WHY), "is no profiel_id"),
        (("start", "--profiel", str(uuid4()), *WHY), "De hub heeft niets van profiel"),
        (("start", "--profiel", str(command.resident.profiel)), "needs a reason"),
        (("attest",), "needs the number of the erasure"),
        (("toon", str(uuid4())), "Er is geen wissing"),
    ):
        code, _, told = command.run(*arguments)
        assert (code, said in told) == (1, True), told
