"""Over REST what goes wrong shows on the operator's side, and a removal is one effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli import certificates
from connectors.mijnburgerprofiel.dosis import (
    DosisRestClient,
    DossierstatusDienst,
    open_dosis_client,
    open_dosis_rest_client,
)
from connectors.transport.acm import AcmClient, open_acm
from connectors.transport.errors import AlreadyDoneError
from hub.aansluiting.dosis_uploads import compare_uploads
from hub.channels.dosis import VERWIJDERING, DosisKanaal
from hub.ledger.bericht import Bericht, NieuwBericht
from hub.ledger.receipts import collect_receipts
from hub.tokens import PostgresTokenStore
from tests.connectors.magda_proef import AFZENDER, INSZ
from tests.hub.ledger_case import Ledger
from tests.hub.test_dosis_kanaal import make_bericht
from tests.journey import BRON
from tests.postgres_cluster import HubDatabase
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("dosis")) as running:
        yield running


class Post:
    """The ledger with DOSIS over REST behind it, and a dossier of its own."""

    def __init__(self, ledger: Ledger, sandbox: SandboxHandle, database: HubDatabase) -> None:
        self.ledger, self.sandbox, self.database = ledger, sandbox, database
        self.nummer = f"RD-{uuid4().hex[:12]}"
        self.use(acm_client(sandbox, "dosis"))

    def use(self, client: AcmClient) -> None:
        self.dosis = self.open(client)
        self.kanaal = DosisKanaal(self.dosis, BRON)

    def open(self, client: AcmClient) -> DosisRestClient:
        store = PostgresTokenStore(self.ledger.push, self.ledger.keyring)
        return open_dosis_rest_client(f"{self.sandbox.base_url}/dosis", open_acm(client, store))

    def make(self, **content: Any) -> Bericht:
        return make_bericht(dossiernummer=self.nummer, **content)

    def add(self, soort: str = "dossierstatus", **content: Any) -> None:
        inhoud = self.make(**content).inhoud
        if soort == VERWIJDERING:
            inhoud = {"dossiernummer": self.nummer}
        self.ledger.add(NieuwBericht("dosis", soort, soort, uuid4(), inhoud))

    def effects(self, operatie: str) -> int:
        return sum(
            1
            for line in self.sandbox.journal("dosis")
            if (line["operatie"], line["dossiernummer"]) == (operatie, self.nummer)
            and line["effect"]
        )

    def deliver(self) -> dict[str, int]:
        return self.ledger.deliver(self.kanaal, "dosis")  # type: ignore[arg-type]

    def collect(self) -> dict[str, int]:
        ledger = self.ledger
        return collect_receipts(
            ledger.push, self.kanaal, ledger.keyring, bestemming="dosis", pauses=()
        )

    def reasons(self) -> str:
        rows = self.ledger.rows("SELECT uitkomst, uitleg FROM hub.poging ORDER BY begonnen_op")
        return " | ".join(f"{outcome}: {reason}" for outcome, reason in rows)

    def incidents(self) -> dict[str, str]:
        return dict(
            self.ledger.rows("SELECT soort, tekst FROM hub.incident WHERE opgelost_op IS NULL")
        )


@pytest.fixture
def post(ledger: Ledger, sandbox: SandboxHandle, database: HubDatabase) -> Iterator[Post]:
    yield Post(ledger, sandbox, database)
    sandbox.change_settings("dosis", verwerkingstijd=0.0, verwerkingsfout="")


def test_what_a_resident_must_do_arrives_by_either_road_and_only_where_something_is_asked(
    post: Post,
) -> None:
    magda = open_dosis_client(f"{post.sandbox.base_url}/magda/dosis", AFZENDER)
    roads = [post.kanaal, DosisKanaal(magda, BRON)]
    for kanaal in roads:
        for actie in ("Onderteken de nota.", None):
            kanaal.send(post.make(actie=actie))
            shown = post.sandbox.control("GET", "/dosis/standen")[post.nummer]
            assert shown["actie"] == actie
            assert shown["detail"] == "Uw dossier is gestart."


def test_a_status_over_rest_is_confirmed_by_its_own_receipt(post: Post) -> None:
    post.sandbox.change_settings("dosis", verwerkingstijd=0.5)
    post.add()
    assert post.deliver() == {"aangenomen": 1}
    assert post.collect() == {"wacht": 1}
    time.sleep(0.6)
    assert post.collect() == {"bevestigd": 1, "wacht": 0}
    assert post.deliver() == {}
    assert post.effects("RegistreerDossier") == 1


def test_a_lost_answer_is_settled_by_the_receipt_and_not_sent_again(post: Post) -> None:
    post.add()
    post.dosis.list_uitzonderingen(bron=BRON, referte=uuid4())  # signed on before the fault
    post.sandbox.order_fault("dosis", "bevestig_en_verbreek", operatie="RegistreerDossier")
    assert post.deliver() == {"aangenomen": 1}
    assert post.collect()["bevestigd"] == 1
    assert post.effects("RegistreerDossier") == 1


def test_an_upload_that_never_arrived_is_sent_again_under_the_same_name(post: Post) -> None:
    post.add()
    post.dosis.list_uitzonderingen(bron=BRON, referte=uuid4())
    post.sandbox.order_fault("dosis", "reset", operatie="RegistreerDossier")
    assert post.deliver() == {"aangenomen": 1}
    post.ledger.change("UPDATE hub.kanaal SET verwerking_seconden = 1 WHERE bestemming = 'dosis'")
    time.sleep(1.1)
    assert post.collect()["klaar"] == 1
    post.ledger.make_due()
    assert post.deliver() == {"aangenomen": 1}
    assert post.collect()["bevestigd"] == 1
    assert post.effects("RegistreerDossier") == 1


def test_a_wrong_client_key_stops_the_channel_and_says_what_to_do(
    post: Post, tmp_path: Path
) -> None:
    certificates.prepare_acm(tmp_path / "ander")
    wrong = certificates.key_file(tmp_path / "ander", certificates.ACM).read_bytes()
    right = acm_client(post.sandbox, "dosis")
    post.use(replace(right, sleutel=wrong))
    post.add()
    post.deliver()
    stopped = post.incidents()["kanaal_gestopt"]
    assert "acm sign_on" in stopped and "invalid_client" in stopped
    assert "Renew the credentials" in stopped
    assert post.ledger.states() == {"dossierstatus": "klaar"}
    post.use(right)
    post.ledger.change(
        "UPDATE hub.kanaal SET gestopt_op = NULL, stopreden = NULL WHERE bestemming = 'dosis'"
    )
    post.ledger.make_due()
    assert post.deliver() == {"aangenomen": 1}


def test_an_unknown_product_is_given_up_with_the_field_that_is_wrong(post: Post) -> None:
    post.add(product=31_000)
    assert post.deliver() == {"opgegeven": 1}
    assert "answered 400 (ValidatieFout) because of Producten" in post.reasons()
    assert "bericht_opgegeven" in post.incidents()
    assert INSZ not in post.reasons()


def test_an_upload_refused_in_processing_is_given_up(post: Post) -> None:
    post.sandbox.change_settings("dosis", verwerkingsfout=f"Geen toegang voor {INSZ}")
    post.add()
    post.deliver()
    assert post.collect()["opgegeven"] == 1
    assert "DOSIS weigerde de status (1 fouten)" in post.reasons()
    assert INSZ not in post.reasons(), "the owner's text stays out of the ledger"
    assert "bericht_opgegeven" in post.incidents()


def test_a_receipt_that_never_comes_waits_for_a_person(post: Post) -> None:
    post.sandbox.change_settings("dosis", verwerkingstijd=1e9)
    post.add()
    post.deliver()
    post.collect()
    post.ledger.change("UPDATE hub.poging SET begonnen_op = now() - interval '2 days'")
    assert post.collect()["in_twijfel"] == 1
    told = post.incidents()["bericht_in_twijfel"]
    assert "Zoek bij de ontvanger op of ze aankwamen" in told


@pytest.mark.parametrize("road", ["magda", "rest"])
@pytest.mark.parametrize("fault", [None, "bevestig_en_verbreek", "reset"])
def test_a_removal_ends_confirmed_whatever_happens_on_the_way(
    post: Post, road: str, fault: str | None
) -> None:
    dosis: DossierstatusDienst = post.dosis
    if road == "magda":
        dosis = open_dosis_client(f"{post.sandbox.base_url}/magda/dosis", AFZENDER)
    post.kanaal = DosisKanaal(dosis, BRON)
    post.kanaal.send(post.make())
    if fault:
        post.sandbox.order_fault("dosis", fault, operatie="VerwijderDossier")
    post.add(soort=VERWIJDERING)
    post.deliver()
    post.ledger.change("UPDATE hub.kanaal SET verwerking_seconden = 1 WHERE bestemming = 'dosis'")
    if fault:
        time.sleep(1.1)
        assert post.collect()["klaar"] == 1
        post.ledger.make_due()
        post.deliver()
    assert post.ledger.states() == {VERWIJDERING: "bevestigd"}
    assert post.effects("VerwijderDossier") == 1
    with pytest.raises(AlreadyDoneError):
        dosis.delete_dossier(bron=BRON, dossiernummer=post.nummer, referte=uuid4())


def test_a_failed_upload_that_the_ledger_does_not_know_is_found(post: Post) -> None:
    engine = post.database.engine("hub_aansluiting")
    own = f"{BRON}/{post.nummer}"
    post.kanaal = DosisKanaal(post.dosis, own)
    found = compare_uploads(engine, post.dosis, bron=own, alone=True)
    assert found.verschillen == {"niet_te_vergelijken": 1}
    post.sandbox.change_settings("dosis", verwerkingsfout="x")
    post.kanaal.send(
        post.make(datum_modificatie=(datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    )
    again = compare_uploads(engine, post.dosis, bron=own)
    assert again.verschillen == {"dosis_upload_mislukt": 1}
    assert compare_uploads(engine, post.dosis, bron="https://leuven.be/ander").opgelost == 1
