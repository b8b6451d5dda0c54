"""What a partner tells lands once, in whatever order it comes, and strange events stop no other."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from connectors.aanmelding.models import (
    DocumentVerwijzing,
    GeweigerdeVoortgang,
    Status,
    Voortgang,
    VoortgangBladzijde,
)
from connectors.transport.errors import ContractError
from hub.keys import Keyring
from hub.rekey import rekey
from hub.voortgang import decide as decide_module
from hub.voortgang import documenten as documenten_module
from hub.voortgang import pull as pull_module
from hub.voortgang.decide import decide_voortgang
from hub.voortgang.documenten import fetch_documenten
from hub.voortgang.pull import VoortgangLanded, pull_voortgang
from hub.voortgang.stilte import report_stilte
from tests.hub.ledger_case import Ledger
from tests.journey import make_keyring
from tests.postgres_cluster import Cluster

pytestmark = pytest.mark.postgres
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
Item = Voortgang | GeweigerdeVoortgang


class Source:
    """A partner whose pages the test writes; the token is the number of the next page."""

    def __init__(self, *pages: Sequence[Item], circle: bool = False) -> None:
        self.pages = pages or ((),)
        self.circle = circle
        self.asked: list[tuple[datetime, str | None]] = []

    def list_voortgang(
        self, *, gewijzigd_na: datetime, pagina: str | None = None
    ) -> VoortgangBladzijde:
        self.asked.append((gewijzigd_na, pagina))
        number = int(pagina or 0)
        last = number == len(self.pages) - 1
        following = "0" if last and self.circle else None if last else str(number + 1)
        return VoortgangBladzijde(tuple(self.pages[number]), following)


class House:
    """A dossier with aanmeldingen at Dialoog, and the use cases under their roles."""

    def __init__(self, ledger: Ledger, cluster_engines: Any) -> None:
        self.ledger = ledger
        self.puller = cluster_engines("hub_pull")
        self.cleaner = cluster_engines("hub_sleutel")
        self.dossier, self.aanmelding = self.sign_up()

    def sign_up(self, days_ago: float = 0, soort: str = "duurzaam_bouwadvies") -> tuple[UUID, UUID]:
        dossier, aanmelding = uuid4(), uuid4()
        common = "'1', 'h', now()"
        self.ledger.change(
            "INSERT INTO bron.crm_dossier (dossier_id, dossiernummer, status, start_akkoord, "
            "voorinvulling, pseudoniem, etag, inhoud_hash, gewijzigd_op) "
            f"VALUES (:d, 'RD-1', 'open', TRUE, '{{}}', 'p', {common})",
            d=dossier,
        )
        self.ledger.change(
            "INSERT INTO bron.crm_aanmelding (aanmelding_id, dossier_id, soort, partner, "
            "volgnummer, status, etag, inhoud_hash, gewijzigd_op) "
            f"VALUES (:a, :d, :s, 'dialoog', 1, 'verzonden', {common})",
            a=aanmelding, d=dossier, s=soort,
        )  # fmt: skip
        self.ledger.change(
            "INSERT INTO hub.bericht (bestemming, sleutel, soort, kenmerk, dossier_id, stand, "
            "inhoud, sleutel_id, eerst_verzonden_op, beeindigd_op) VALUES ('dialoog', "
            "'aanmelding:' || :a, 'aanmelding', :s, :d, 'bevestigd', 'x', 'k1', "
            "now() - :n * interval '1 day', now() - :n * interval '1 day')",
            a=str(aanmelding), d=dossier, s=soort, n=days_ago,
        )  # fmt: skip
        return dossier, aanmelding

    def event(self, number: int | str, status: str = "ingepland", **options: Any) -> Voortgang:
        moment = options.pop("tijdstip", NOW)
        return Voortgang(
            voortgang_id=str(number),
            referentie=options.pop("referentie", self.aanmelding),
            status=Status(status),
            tijdstip=moment,
            gewijzigd_op=options.pop("gewijzigd_op", moment),
            **options,
        )

    def pull(self, source: Source) -> VoortgangLanded:
        return pull_voortgang(self.puller, source, self.ledger.keyring, partner="dialoog")

    def decide(self) -> dict[str, int]:
        return decide_voortgang(self.ledger.push, self.ledger.keyring)

    def agree(self) -> None:
        """Let the resident agree to the aanmelding at Dialoog."""
        profiel = uuid4()
        self.ledger.change(
            "INSERT INTO bron.crm_toestemming (toestemming_id, profiel_id, doel, ontvanger, van, "
            "etag, inhoud_hash, gewijzigd_op) "
            "VALUES (:t, :p, 'duurzaam_bouwadvies', 'dialoog', now(), '1', 'h', now())",
            t=uuid4(), p=profiel,
        )  # fmt: skip
        self.ledger.change(
            "UPDATE hub.bericht SET toestemming_profiel_id = :p, "
            "toestemming_doel = 'duurzaam_bouwadvies' WHERE soort = 'aanmelding'",
            p=profiel,
        )

    def fetch(self, library: Library) -> dict[str, int]:
        return fetch_documenten(
            self.ledger.push, library, self.ledger.keyring, partner="dialoog", keuring=None
        )

    def waiting(self) -> dict[str, list[str]]:
        return dict(
            self.ledger.rows(
                "SELECT object_id, redenen FROM hub.quarantaine WHERE opgelost_op IS NULL"
            )
        )

    def in_crm(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the rows that the messages leave in the CRM when they go in their order."""
        crm: dict[tuple[str, str], dict[str, Any]] = {}
        with self.ledger.owner.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT sleutel, inhoud, sleutel_id FROM hub.bericht WHERE bestemming = 'crm' "
                    "ORDER BY volgorde"
                )
            ).all()
        for sleutel, sealed, key_id in rows:
            content = self.ledger.keyring.decrypt(
                bytes(sealed), key_id, context=f"hub.bericht:crm:{sleutel}"
            )
            for change in json.loads(content)["wijzigingen"]:
                key = (change["tabel"], change.get("sleutel") or change["object_id"])
                assert not (change.get("create_only") and key in crm), "a step is made once"
                crm.setdefault(key, {}).update(change["velden"])
        return crm


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[tuple[Ledger, Any]]:
    with cluster.fresh_database() as database:
        yield Ledger(database, make_keyring()), database.engine


@pytest.fixture
def house(shared: tuple[Ledger, Any]) -> House:
    return fresh(shared)


def fresh(shared: tuple[Ledger, Any]) -> House:
    ledger, engines = shared
    ledger.change(
        "TRUNCATE bron.partner_voortgang, bron.partner_document, bron.crm_dossier, "
        "bron.crm_aanmelding, bron.crm_toestemming, hub.bericht, hub.cursor, "
        "hub.quarantaine, hub.incident CASCADE"
    )
    return House(ledger, engines)


def test_pages_land_once_and_the_next_pull_asks_from_the_newest_less_an_overlap(
    house: House,
) -> None:
    later = house.event(2, "plaatsbezoek", tijdstip=NOW + timedelta(hours=3))
    pages = [house.event(1)], [later]
    assert house.pull(Source(*pages)) == VoortgangLanded("dialoog", 2, 2, 2, 0)
    again = Source([later])
    assert house.pull(again) == VoortgangLanded("dialoog", 1, 1, 0, 0)
    assert again.asked == [(later.gewijzigd_op - timedelta(minutes=60), None)]


def test_a_strange_event_waits_and_stops_no_other(house: House) -> None:
    stranger = house.event(2, referentie=uuid4())
    page = [GeweigerdeVoortgang("3", "status is not a known value"), stranger, house.event(1)]
    assert house.pull(Source(page)) == VoortgangLanded("dialoog", 1, 3, 1, 2)
    assert house.waiting() == {
        "3": ["status is not a known value"],
        "2": ["de hub stuurde deze referentie nooit naar deze partner"],
    }
    assert house.pull(Source([house.event(3), house.event(1)])).added == 1
    assert set(house.waiting()) == {"2"}


def test_an_event_that_changed_under_its_id_is_set_apart_and_the_first_stays(house: House) -> None:
    house.pull(Source([house.event(1)]))
    house.pull(Source([house.event(1, "afgerond")]))
    assert house.waiting() == {"1": ["het is anders dan wat eerder onder deze id kwam"]}
    assert house.ledger.rows("SELECT status FROM bron.partner_voortgang") == [("ingepland",)]
    house.pull(Source([house.event(1)]))
    assert house.waiting() == {}


def test_a_document_that_changed_under_its_key_is_set_apart_and_the_first_stays(
    house: House,
) -> None:
    first = DocumentVerwijzing("77", "Advies", "application/pdf", "https://x/77", 9, "a" * 64)
    other = replace(first, sha256="b" * 64)
    house.pull(Source([house.event(1, documenten=(first,)), house.event(2, documenten=(first,))]))
    house.pull(Source([house.event(3, documenten=(other,))]))
    ((key, (reden,)),) = house.waiting().items()
    assert key == "77 bij gebeurtenis 3"
    assert "eerder een ander document" in reden
    assert house.ledger.rows("SELECT sha256 FROM bron.partner_document") == [("a" * 64,)]
    assert house.ledger.rows("SELECT count(*) FROM bron.partner_voortgang") == [(3,)]


def test_a_moment_that_is_still_to_come_hides_nothing(house: House) -> None:
    house.pull(Source([house.event(1, gewijzigd_op=datetime(2099, 1, 1, tzinfo=UTC))]))
    source = Source()
    house.pull(source)
    assert source.asked[0][0] < datetime.now(UTC)


def test_pages_that_go_round_stop_and_keep_what_landed(house: House) -> None:
    with pytest.raises(ContractError, match="circle"):
        house.pull(Source([house.event(1)], [house.event(2)], circle=True))
    assert house.ledger.rows("SELECT count(*) FROM bron.partner_voortgang") == [(2,)]


@pytest.mark.parametrize("point", ["in_merge", "between_pages"])
def test_a_pull_that_was_killed_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    pages = [house.event(1)], [house.event(2, "plaatsbezoek")]
    with monkeypatch.context() as patched:
        patched.setattr(pull_module, "kill_point", die)
        with pytest.raises(KeyboardInterrupt):
            house.pull(Source(*pages))
    landed = house.ledger.rows("SELECT count(*) FROM bron.partner_voortgang")
    assert landed == [(0 if point == "in_merge" else 1,)]
    house.pull(Source(*pages))
    assert house.ledger.rows("SELECT count(*) FROM bron.partner_voortgang") == [(2,)]


def test_a_decision_that_was_killed_is_taken_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: str) -> None:
        raise KeyboardInterrupt

    house.pull(Source([house.event(1)]))
    with monkeypatch.context() as patched:
        patched.setattr(decide_module, "kill_point", die)
        with pytest.raises(KeyboardInterrupt):
            house.decide()
    assert house.decide() == {"gebeurtenissen": 1, "berichten": 1}
    assert house.decide() == {"gebeurtenissen": 0, "berichten": 0}


def test_a_visit_that_is_planned_does_not_hide_what_happens_before_it(house: House) -> None:
    planned = house.event(1, "ingepland", tijdstip=NOW + timedelta(days=30), gewijzigd_op=NOW)
    refused = house.event(2, "geweigerd", tijdstip=NOW + timedelta(days=2))
    house.pull(Source([planned, refused]))
    house.decide()
    assert house.in_crm()["aanmelding", str(house.aanmelding)]["voortgang"] == "geweigerd"


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([status.value for status in Status]),
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from([None, "dubo", "erfgoed"]),
        st.sampled_from([None, "Ada", "Bo"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=EVENTS, seed=st.integers(0, 2**16))
def test_whatever_the_order_the_end_is_the_same(
    shared: tuple[Ledger, Any], drawn: list[tuple[Any, ...]], seed: int
) -> None:
    house = fresh(shared)
    events = [
        house.event(
            number, status, tijdstip=NOW + timedelta(hours=happened),
            gewijzigd_op=NOW + timedelta(hours=happened + recorded),
            advies_soort=advies, adviseur=adviseur,
        )
        for number, (status, happened, recorded, advies, adviseur) in enumerate(drawn)
    ]  # fmt: skip
    house.pull(Source(events))
    house.decide()
    expected = house.in_crm()
    last = max(
        events,
        key=lambda e: (e.tijdstip, list(Status).index(e.status), e.gewijzigd_op, e.voortgang_id),
    )
    assert expected["aanmelding", str(house.aanmelding)]["voortgang"] == last.status
    assert expected["dossier", str(house.dossier)]["voortgang"] == last.status

    dice, shuffled = random.Random(seed), [*events, *events]
    dice.shuffle(shuffled)
    other = fresh(shared)
    moved = [replace(event, referentie=other.aanmelding) for event in shuffled]
    while moved:
        size = dice.randint(1, len(moved))
        other.pull(Source(moved[:size]))
        other.decide()
        moved = moved[size:]
    found = other.in_crm()
    for tabel, old, new in (
        ("aanmelding", house.aanmelding, other.aanmelding),
        ("dossier", house.dossier, other.dossier),
    ):
        assert found[tabel, str(new)] == expected[tabel, str(old)]
    assert {key for key in found if key[0] == "stap"} == {
        key for key in expected if key[0] == "stap"
    }


def test_silence_is_an_incident_until_the_first_sign_of_life(house: House) -> None:
    _, silent = house.sign_up(days_ago=22)
    _, other = house.sign_up(days_ago=22, soort="energielening")
    house.pull(Source([house.event(1, "ontvangen", referentie=silent)]))
    assert report_stilte(house.ledger.push) == {"stil": 1, "gesloten": 0}
    open_ = "SELECT onderwerp, tekst FROM hub.incident WHERE opgelost_op IS NULL"
    ((onderwerp, tekst),) = house.ledger.rows(open_)
    assert onderwerp == f"dialoog aanmelding {silent}"
    assert "enkel dat ze is aangekomen" in tekst
    assert str(other) not in tekst
    assert report_stilte(house.ledger.push) == {"stil": 1, "gesloten": 0}
    house.pull(Source([house.event(2, "ingepland", referentie=silent)]))
    assert report_stilte(house.ledger.push) == {"stil": 0, "gesloten": 1}
    assert house.ledger.rows(open_) == []


def test_what_is_sealed_is_sealed_anew(house: House) -> None:
    document = DocumentVerwijzing("7", "Advies", "application/pdf", "https://x.test/7")
    house.pull(Source([house.event("1\u00e9:x", adviseur="Ada", documenten=(document,))]))
    old = house.ledger.keyring
    new = Keyring("k2", {**old.keys, "k2": b"2" * 32}, b"3" * 32)
    house.ledger.change("DELETE FROM hub.bericht")
    result = rekey(house.cleaner, new)
    assert (result.renewed, result.unreadable, result.left) == (2, 0, 0)


def test_nothing_is_asked_when_no_document_waits(house: House) -> None:
    class Nobody:
        def get_document(self, *, verwijzing: DocumentVerwijzing) -> bytes:
            raise AssertionError

    counts = fetch_documenten(
        house.ledger.push, Nobody(), house.ledger.keyring, partner="dialoog", keuring=None
    )
    assert not any(counts.values())


class Library:
    """A partner that hands out one document, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def get_document(self, *, verwijzing: DocumentVerwijzing) -> bytes:
        self.asked += 1
        return b"%PDF-1.7\n%%EOF"


@pytest.mark.parametrize("point", ["after_answer", "in_decision"])
def test_a_fetch_that_was_killed_attaches_the_document_once(
    house: House, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def die(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    house.agree()
    document = DocumentVerwijzing("7", "Advies", "application/pdf", "https://x.test/7")
    house.pull(Source([house.event(1, "advies_opgemaakt", documenten=(document,))]))
    library = Library()
    with monkeypatch.context() as patched:
        patched.setattr(documenten_module, "kill_point", die)
        with pytest.raises(KeyboardInterrupt):
            house.fetch(library)
    assert house.fetch(library)["gehaald"] == 1
    assert house.fetch(library)["gehaald"] == 0
    assert library.asked == 2
    kept = "SELECT sleutel, stand FROM hub.bericht WHERE soort = 'voortgang_document'"
    assert house.ledger.rows(kept) == [("document:dialoog:7", "klaar")]


def test_without_consent_no_document_is_asked_for(house: House) -> None:
    document = DocumentVerwijzing("7", "Advies", "application/pdf", "https://x.test/7")
    house.pull(Source([house.event(1, "advies_opgemaakt", documenten=(document,))]))
    library = Library()
    assert house.fetch(library)["overgeslagen"] == 1
    assert library.asked == 0
