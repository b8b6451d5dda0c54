"""The ledger over files: whatever breaks off, one effect per message, known by its receipt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.aanmelding import sftp_client
from connectors.aanmelding.bestanden import Regel
from connectors.aanmelding.sftp_client import BestandenClient, GehoudenLijst, open_sftp_client
from connectors.transport.sftp import SftpAdres
from hub.aansluiting.partner import compare_partner
from hub.channels.bestanden import BestandenKanaal
from hub.ledger.bericht import NieuwBericht
from hub.ledger.channel import declare_partners
from hub.ledger.receipts import collect_receipts
from hub.partners import get_partner
from tests.hub.ledger_case import Ledger
from tests.journey import make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import SandboxHandle, running_sandbox, sftp_adres

pytestmark = pytest.mark.postgres
IGO = replace(get_partner("igo"), kanaal="sftp")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("bestanden")) as handle:
        yield handle


@pytest.fixture
def files(cluster: Cluster, sandbox: SandboxHandle) -> Iterator[Files]:
    with cluster.fresh_database() as database:
        yield Files(Ledger(database, make_keyring()), sandbox)
    sandbox.control("DELETE", "/fouten")
    sandbox.control("DELETE", "/instellingen")


class Files:
    """The ledger, the partner's server, and ways to look at both."""

    def __init__(self, ledger: Ledger, sandbox: SandboxHandle) -> None:
        self.ledger, self.sandbox = ledger, sandbox
        with ledger.owner.begin() as connection:
            declare_partners(connection, [IGO])
        self.references: list[str] = []

    def client(self, **changes: Any) -> BestandenClient:
        adres = replace(sftp_adres(self.sandbox), **changes)
        return open_sftp_client(system="igo", adres=adres)

    def add(self, count: int = 1, **options: Any) -> list[UUID]:
        made = [bericht(**options) for _ in range(count)]
        self.ledger.add(*made)
        self.references += [str(one.inhoud["aanmelding_id"]) for one in made if one.inhoud]
        return [one.dossier_id for one in made]

    def deliver(self, client: Any = None) -> dict[str, int]:
        kanaal = BestandenKanaal(IGO, client or self.client())
        return self.ledger.deliver(kanaal, "igo")

    def collect(self, client: Any = None) -> dict[str, int]:
        kanaal = BestandenKanaal(IGO, client or self.client())
        return collect_receipts(
            self.ledger.push, kanaal, self.ledger.keyring, bestemming="igo", pauses=(0.3, 0.3, 0.5)
        )

    def settle(self) -> None:
        """Go on until nothing is open, with time passing fast."""
        self.ledger.change("UPDATE hub.kanaal SET verwerking_seconden = 0")
        for _ in range(14):
            self.ledger.end_leases()
            self.ledger.make_due()
            self.deliver()
            self.collect()
            if not {"klaar", "onderweg", "aangenomen"} & set(self.ledger.states().values()):
                return
            # The next message of a dossier leaves two seconds after the receipt before it.
            time.sleep(0.4)

    def effects(self) -> Counter[str]:
        """Return the effects of this test per (operation and) reference."""
        return Counter(
            f"{line['operatie']} {line['sleutel']}"
            for line in self.sandbox.journal("igo")
            if line["effect"] and line["sleutel"] in self.references
        )

    def batches(self) -> int:
        return sum(1 for line in self.sandbox.journal("igo") if line["operatie"] == "sftp_rename")

    def expect_each_once(self) -> None:
        assert set(self.ledger.states().values()) == {"bevestigd"}
        assert self.effects() == Counter(f"put {reference}" for reference in self.references)


def bericht(reference: UUID | None = None, sleutel: str | None = None, **options: Any) -> Any:
    reference = reference or uuid4()
    return NieuwBericht(
        bestemming="igo",
        sleutel=sleutel or f"aanmelding:{reference}",
        soort=options.pop("soort", "aanmelding"),
        dossier_id=options.pop("dossier", None) or uuid4(),
        inhoud={
            "aanmelding_id": str(reference),
            "soort": "energielening",
            "dossiernummer": "RD-0001-000017",
            "gemaakt_op": "2026-11-10T09:15:00+00:00",
            "bewoner": {"voornaam": "Fien", "naam": "Voorbeeld"},
            "woning": {
                "straat": options.pop("straat", "Naamsestraat"),
                "huisnummer": "12",
                "gemeente": "Leuven",
            },
        },
    )


def test_messages_that_leave_together_share_a_batch_and_each_gets_its_receipt(
    files: Files,
) -> None:
    before = files.batches()
    files.add(30)
    assert files.deliver() == {"aangenomen": 30}
    assert files.batches() - before < 15
    assert files.collect() == {"bevestigd": 30, "wacht": 0}
    files.expect_each_once()


@pytest.mark.parametrize(
    ("operatie", "soort"),
    [
        ("sftp_write", "reset"),
        ("sftp_write", "bevestig_en_verbreek"),
        ("sftp_write", "5xx"),
        ("sftp_rename", "reset"),
        ("sftp_rename", "bevestig_en_verbreek"),
        ("sftp_rename", "5xx"),
        ("sftp_list", "reset"),
        ("sftp_list", "bevestig_en_verbreek"),
        ("sftp_read", "reset"),
        ("sftp_read", "bevestig_en_verbreek"),
    ],
)
@pytest.mark.parametrize("times", [1, 3])
def test_wherever_the_line_drops_each_message_has_one_effect(
    files: Files, operatie: str, soort: str, times: int
) -> None:
    files.sandbox.order_fault("igo", soort, operatie=operatie, aantal=times)
    files.add(5)
    files.settle()
    files.expect_each_once()


def test_a_batch_that_broke_off_while_it_was_written_is_known_not_to_be_there(
    files: Files,
) -> None:
    files.sandbox.order_fault("igo", "bevestig_en_verbreek", operatie="sftp_write")
    files.add()
    assert files.deliver() == {"klaar": 1}
    assert files.ledger.rows("SELECT te_bevragen FROM hub.bericht") == [(False,)]
    time.sleep(0.3)
    assert files.effects() == Counter()


def test_an_unknown_rename_waits_for_its_receipt_and_is_not_sent_again(files: Files) -> None:
    files.sandbox.order_fault("igo", "bevestig_en_verbreek", operatie="sftp_rename")
    before = files.batches()
    files.add()
    assert files.deliver() == {"aangenomen": 1}
    assert files.ledger.rows("SELECT te_bevragen FROM hub.bericht") == [(True,)]
    assert files.collect() == {"bevestigd": 1, "wacht": 0}
    assert files.batches() - before == 1


def test_a_rename_that_never_happened_is_seen_by_looking_and_sent_again(files: Files) -> None:
    files.sandbox.order_fault("igo", "reset", operatie="sftp_rename")
    files.add()
    assert files.deliver() == {"aangenomen": 1}
    files.ledger.change("UPDATE hub.kanaal SET verwerking_seconden = 0")
    assert files.collect()["klaar"] == 1
    assert files.deliver() == {"aangenomen": 1}
    assert files.collect() == {"bevestigd": 1, "wacht": 0}
    files.expect_each_once()


def test_what_waits_at_the_partner_is_found_by_looking_and_not_sent_again(files: Files) -> None:
    files.sandbox.change_settings("igo", verwerkingstijd=600.0)
    before = files.batches()
    files.sandbox.order_fault("igo", "bevestig_en_verbreek", operatie="sftp_rename")
    files.add()
    files.deliver()
    files.ledger.change("UPDATE hub.kanaal SET verwerking_seconden = 0")
    assert files.collect()["klaar"] == 1
    assert files.deliver() == {"aangenomen": 1}
    assert files.batches() - before == 1
    assert files.collect() == {"wacht": 1}
    files.sandbox.change_settings("igo", verwerkingstijd=0.0)
    assert files.collect() == {"bevestigd": 1, "wacht": 0}
    files.expect_each_once()


@pytest.mark.parametrize(
    "settings", [{"regels_per_ontvangst": 2}, {"dubbele_ontvangst": True}], ids=str
)
def test_receipts_in_parts_or_twice_confirm_each_line_once(
    files: Files, settings: dict[str, Any]
) -> None:
    files.sandbox.change_settings("igo", **settings)
    files.add(9)
    files.deliver()
    files.settle()
    files.expect_each_once()
    attempts = files.ledger.rows("SELECT count(*) FROM hub.poging")
    assert attempts == [(9,)]


def test_a_refused_line_comes_back_with_its_reason_and_stops_no_other(files: Files) -> None:
    dossier = uuid4()
    reference = uuid4()
    files.ledger.add(
        bericht(reference, dossier=dossier),
        bericht(reference, f"intrekking:{reference}", soort="intrekking", dossier=dossier),
    )
    files.settle()
    files.ledger.add(bericht(reference, f"aanmelding:{reference}:2", dossier=dossier))
    files.add(3)
    files.settle()
    states = files.ledger.states()
    assert states.pop(f"aanmelding:{reference}:2") == "opgegeven"
    assert set(states.values()) == {"bevestigd"}
    ((reason,),) = files.ledger.rows("SELECT reden FROM hub.bericht WHERE stand = 'opgegeven'")
    assert "urn:renovatiehub:aanmelding:ingetrokken" in reason


def test_a_withdrawal_tells_what_became_of_the_aanmelding(files: Files) -> None:
    (dossier,) = files.add()
    reference = UUID(files.references[0])
    files.settle()
    files.ledger.add(
        bericht(reference, f"intrekking:{reference}", soort="intrekking", dossier=dossier)
    )
    files.settle()
    assert files.effects() == Counter([f"put {reference}", f"delete {reference}"])
    ((told,),) = files.ledger.rows("SELECT ontvangst FROM hub.bericht WHERE soort = 'intrekking'")
    assert told.startswith("verwijderd (")


def test_one_message_that_breaks_the_contract_leaves_the_others_in_their_batch(
    files: Files,
) -> None:
    files.add(4)
    files.ledger.add(bericht(sleutel="fout", straat="x" * 5000))
    files.settle()
    states = files.ledger.states()
    assert states.pop("fout") == "opgegeven"
    assert set(states.values()) == {"bevestigd"}
    assert files.effects() == Counter(f"put {reference}" for reference in files.references)


class Dying:
    """A client whose worker dies at a step of handing in."""

    def __init__(self, client: BestandenClient, step: str) -> None:
        self._client, self._step = client, step

    def put_batch(self, *, regels: Sequence[Regel], on_step: Callable[[str], None]) -> str:
        def die(step: str) -> None:
            on_step(step)
            if step == self._step:
                raise KeyboardInterrupt

        return self._client.put_batch(regels=regels, on_step=die)

    def read_stand(self) -> Any:
        return self._client.read_stand()


class Only:
    """What the partner holds of these references: the server is shared by the tests."""

    def __init__(self, client: BestandenClient, references: set[str]) -> None:
        self._client, self._references = client, references

    def list_standen(self, *, pagina: str | None = None) -> GehoudenLijst:
        held = self._client.list_standen(pagina=pagina).items
        return GehoudenLijst(tuple(one for one in held if str(one.referentie) in self._references))


class Repeating:
    """A client that hands every batch in twice."""

    def __init__(self, client: BestandenClient) -> None:
        self._client = client
        self.handed_in = 0

    def put_batch(self, *, regels: Sequence[Regel], on_step: Callable[[str], None]) -> str:
        self.handed_in += 1
        self._client.put_batch(regels=regels)
        return self._client.put_batch(regels=regels)

    def read_stand(self) -> Any:
        return self._client.read_stand()


@pytest.mark.parametrize("step", ["written", "handed_in"])
def test_a_worker_that_dies_leaves_one_effect_behind(files: Files, step: str) -> None:
    files.add(4)
    with pytest.raises(KeyboardInterrupt):
        files.deliver(Dying(files.client(), step))
    files.ledger.end_leases()
    with suppress(KeyboardInterrupt):
        files.deliver(Dying(files.client(), step))
    files.settle()
    files.expect_each_once()


def test_a_line_that_comes_twice_has_one_effect(files: Files) -> None:
    client, lines = Repeating(files.client()), 3
    before = files.batches()
    files.add(lines)
    files.deliver(client)
    files.settle()
    assert files.batches() - before == 2 * client.handed_in
    files.expect_each_once()


@pytest.mark.parametrize(
    "change",
    [
        lambda secrets, other: {"hostsleutel": other},
        lambda secrets, other: {"wachtwoord": "een ander"},
    ],
    ids=["another host key", "another password"],
)
def test_a_host_or_sign_on_that_is_not_right_stops_the_channel(
    files: Files, change: Callable[[Any, str], dict[str, str]]
) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    files.add(2)
    files.deliver(files.client(**change(files.sandbox.secrets, other)))
    assert set(files.ledger.states().values()) == {"klaar"}
    ((stopped,),) = files.ledger.rows(
        "SELECT gestopt_op IS NOT NULL FROM hub.kanaal WHERE bestemming = 'igo'"
    )
    assert stopped
    assert files.effects() == Counter()


def test_a_batch_that_the_partner_refuses_as_a_whole_tells_every_line_so(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp_client, "write_checksum", lambda _name, _content: b"0" * 64)
    files.add(2)
    files.deliver()
    files.collect()
    assert files.ledger.rows("SELECT DISTINCT stand, reden FROM hub.bericht") == [
        ("opgegeven", "de partner weigert het hele bestand")
    ]
    assert files.effects() == Counter()


def test_the_receipts_are_compared_with_the_ledger(files: Files) -> None:
    dossiers = files.add(3)
    first = UUID(files.references[0])
    files.settle()
    owner = files.ledger.owner
    files.ledger.add(bericht(first, f"intrekking:{first}", soort="intrekking", dossier=dossiers[0]))
    files.settle()
    held = {str(one.referentie) for one in files.client().list_standen().items}
    mine = set(files.references)
    assert held & mine == mine - {str(first)}
    found = compare_partner(owner, Only(files.client(), mine), partner="igo")
    assert (found.vergeleken, dict(found.verschillen)) == (2, {})
    found = compare_partner(owner, Only(files.client(), {files.references[1]}), partner="igo")
    assert dict(found.verschillen) == {"aanmelding_ontbreekt": 1}


def test_a_server_that_is_away_leaves_the_messages_waiting(files: Files) -> None:
    files.add(2)
    assert files.deliver(files.client(port=1)) == {"klaar": 2}
    files.settle()
    files.expect_each_once()


def test_nothing_of_the_resident_is_in_a_name_or_a_log(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    files.sandbox.order_fault("igo", "5xx", operatie="sftp_write")
    files.add(2)
    files.settle()
    for word in ("Fien", "Voorbeeld", "Naamsestraat"):
        assert word not in caplog.text


def test_the_address_shows_no_secret(sandbox: SandboxHandle) -> None:
    adres: SftpAdres = sftp_adres(sandbox)
    assert adres.wachtwoord
    assert adres.wachtwoord not in repr(adres)
