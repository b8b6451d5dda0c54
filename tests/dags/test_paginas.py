"""The pages in Airflow: who may see and do what, and what they show of a real ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from connectors.transport.errors import ContractError
from tests.hub.ledger_case import Ledger, Receiver, failing, make_bericht
from tests.journey import make_keyring
from tests.postgres_cluster import Cluster

pytestmark = pytest.mark.postgres


@dataclass
class User:
    """Somebody who signed on, and what the sign-on lets them do."""

    name: str
    rights: frozenset[str] = field(default_factory=frozenset)

    def get_id(self) -> str:
        return self.name

    def get_name(self) -> str:
        return self.name


OPERATOR = User("an", frozenset({"GET", "PUT"}))
READER = User("fien", frozenset({"GET"}))
STRANGER = User("jef")


class Desk:
    """A browser at the pages, signed on as one user or as nobody."""

    def __init__(self, ledger: Ledger, user: User | None) -> None:
        from airflow.api_fastapi.core_api.security import get_user
        from fastapi.testclient import TestClient

        from hub_paginas.app import make_app

        self.ledger = ledger
        self.app = make_app()
        if user is not None:
            self.app.dependency_overrides[get_user] = lambda: user
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def proof(self) -> str:
        found = re.search(r'name="bewijs" value="([^"]+)"', self.see("/mislukt?stand=opgegeven"))
        assert found is not None
        return found[1]

    def post(self, path: str, **values: Any) -> Any:
        return self.client.post(path, data=values, follow_redirects=False)

    def states(self) -> dict[str, str]:
        return self.ledger.states()


@pytest.fixture
def desks(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    from hub_paginas import access, data

    class Manager:
        def is_authorized_custom_view(self, *, method: str, resource_name: str, user: User) -> bool:
            assert resource_name == "Renovatiehub"
            return method in user.rights

    with cluster.fresh_database() as database:
        roles = {data.READ: "hub_lezer", data.ACT: "hub_operator"}
        monkeypatch.setattr(data, "_engine", lambda conn_id: database.engine(roles[conn_id]))
        monkeypatch.setattr(access, "get_auth_manager", Manager)
        ledger = Ledger(database, make_keyring())
        ledger.add(*(make_bericht(name) for name in ("a", "b", "<script>c")))
        ledger.deliver(Receiver(failing(ContractError)))
        yield lambda user: Desk(ledger, user)


ROUTES = {
    ("GET", "/"), ("GET", "/stijl.css"), ("GET", "/overzicht"), ("GET", "/aansluiting"),
    ("GET", "/datakwaliteit"), ("GET", "/mislukt"), ("GET", "/quarantaine"),
    ("GET", "/bericht/{bericht_id}"),
    ("POST", "/zoek"), ("POST", "/handel"), ("POST", "/handel/alle"), ("POST", "/handel/doe"),
    ("POST", "/kanaal"), ("POST", "/kanaal/doe"),
}  # fmt: skip


def routes(desk: Desk) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in desk.app.routes
        for method in getattr(route, "methods", ())
        if method != "HEAD"
    }


def ask(desk: Desk, method: str, path: str) -> Any:
    return desk.client.request(
        method, path.replace("{bericht_id}", str(uuid4())), follow_redirects=False
    )


def test_every_route_is_known_and_asks_who_you_are(desks: Any) -> None:
    nobody = desks(None)
    assert routes(nobody) == ROUTES
    for method, path in ROUTES:
        answer = ask(nobody, method, path)
        assert answer.status_code == 401, (method, path)
        assert "Meld je eerst aan" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_who_has_no_right_sees_nothing(desks: Any) -> None:
    stranger = desks(STRANGER)
    for method, path in ROUTES:
        if method == "GET":
            assert ask(stranger, method, path).status_code == 403, path
    assert stranger.post("/zoek", verwijzing="RD-1").status_code == 403


def test_a_reader_sees_why_and_can_do_nothing(desks: Any) -> None:
    reader = desks(READER)
    page = reader.see("/mislukt")
    assert "answered badly" in page
    assert "Stuur opnieuw" not in page
    assert "Fien Voorbeeld" not in page, "the content of a message is shown to nobody"
    number = str(reader.ledger.rows("SELECT bericht_id FROM hub.bericht")[0][0])
    assert "Stuur opnieuw" not in reader.see(f"/bericht/{number}")
    proof = reader.proof()
    for path in ("/handel", "/handel/doe"):
        answer = reader.post(path, bewijs=proof, daad="opnieuw", bericht_id=number, waarom="proef")
        assert answer.status_code == 403
    stop = {"bewijs": proof, "daad": "stop", "bestemming": "dialoog", "waarom": "proef"}
    assert reader.post("/kanaal/doe", **stop).status_code == 403
    assert set(reader.states().values()) == {"opgegeven"}
    assert reader.ledger.rows("SELECT count(*) FROM hub.kanaal WHERE gestopt_op IS NOT NULL") == [
        (0,)
    ]


def test_an_operator_sends_one_again_and_it_is_written_down_with_name_and_reason(
    desks: Any,
) -> None:
    an = desks(OPERATOR)
    number = str(an.ledger.rows("SELECT bericht_id FROM hub.bericht WHERE sleutel = 'a'")[0][0])
    asked = an.post("/handel", bewijs=an.proof(), daad="opnieuw", bericht_id=number)
    assert "<strong>1 bericht</strong>" in asked.text
    assert an.states()["a"] == "opgegeven", "asking is not doing"
    given = {"bewijs": an.proof(), "daad": "opnieuw", "bericht_id": number, "waarom": "hersteld"}
    done = an.post("/handel/doe", **given)
    assert (done.status_code, done.headers["location"]) == (303, f"../bericht/{number}?gedaan=1")
    assert an.states()["a"] == "klaar"
    assert an.post("/handel/doe", **given).headers["location"].endswith("gedaan=0")
    acts = "SELECT wie, soort, reden FROM hub.handeling"
    assert an.ledger.rows(acts) == [("an", "opnieuw", "hersteld")]
    assert "hersteld" in an.see(f"/bericht/{number}")


def test_everything_of_one_reason_is_put_aside_at_once(desks: Any) -> None:
    an = desks(OPERATOR)
    found = re.search(r"reden=([0-9a-f]{32})", an.see("/mislukt"))
    assert found is not None
    asked = an.post("/handel/alle", bewijs=an.proof(), daad="opzij", reden=found[1])
    assert "<strong>3 berichten</strong>" in asked.text
    numbers = re.findall(r'name="bericht_id" value="([^"]+)"', asked.text)
    done = an.post(
        "/handel/doe", bewijs=an.proof(), daad="opzij", bericht_id=numbers, waarom="dubbel"
    )
    assert "3 gewijzigd" in done.text
    assert set(an.states().values()) == {"overgeslagen"}


@pytest.mark.parametrize("bewijs", ["", "verzonnen", None])
def test_a_form_that_does_not_come_from_our_page_does_nothing(
    desks: Any, bewijs: str | None
) -> None:
    an = desks(OPERATOR)
    number = str(an.ledger.rows("SELECT bericht_id FROM hub.bericht")[0][0])
    given = {"daad": "opzij", "bericht_id": number, "waarom": "proef"}
    answer = an.post("/handel/doe", **given, **({} if bewijs is None else {"bewijs": bewijs}))
    assert answer.status_code in (403, 422)
    of_another = desks(READER).proof()
    assert an.post("/handel/doe", **given, bewijs=of_another).status_code == 403
    assert set(an.states().values()) == {"opgegeven"}


def test_a_refused_act_says_why_and_keeps_what_was_typed(desks: Any) -> None:
    an = desks(OPERATOR)
    number = str(an.ledger.rows("SELECT bericht_id FROM hub.bericht")[0][0])
    given = {"bewijs": an.proof(), "daad": "bevestig", "bericht_id": number, "waarom": "kwam aan"}
    answer = an.post("/handel/doe", **given)
    assert answer.status_code == 409
    assert "kan niet bevestigd worden" in answer.text
    assert ">kwam aan</textarea>" in answer.text
    given |= {"daad": "opzij", "waarom": "bewoner 80.01.01-001.84 belde"}
    assert an.post("/handel/doe", **given).status_code == 409
    assert set(an.states().values()) == {"opgegeven"}


def test_a_channel_is_stopped_and_opened(desks: Any) -> None:
    an = desks(OPERATOR)
    given = {"bewijs": an.proof(), "bestemming": "dialoog", "waarom": "werken bij de partner"}
    asked = an.post("/kanaal", **given, daad="stop")
    assert asked.status_code == 200
    stopped = "SELECT bestemming FROM hub.kanaal WHERE gestopt_op IS NOT NULL"
    assert an.ledger.rows(stopped) == []
    assert an.post("/kanaal/doe", **given, daad="stop").status_code == 303
    assert an.ledger.rows(stopped) == [("dialoog",)]
    assert an.post("/kanaal/doe", **given, daad="open").status_code == 303
    assert an.ledger.rows(stopped) == []
    assert an.post("/kanaal", **given | {"bestemming": "nergens"}, daad="stop").status_code == 404


def test_what_is_typed_in_the_search_stands_nowhere_again(desks: Any) -> None:
    reader = desks(READER)
    answer = reader.post("/zoek", verwijzing="80010100184")
    assert answer.status_code == 200
    assert "80010100184" not in answer.text
    number = str(reader.ledger.rows("SELECT bericht_id FROM hub.bericht")[0][0])
    assert number in reader.post("/zoek", verwijzing=number).text


def test_what_a_row_holds_is_text_and_never_a_page(desks: Any) -> None:
    reader = desks(READER)
    reader.ledger.change("UPDATE hub.bericht SET reden = '<script>alert(1)</script>'")
    assert "<script>" not in reader.see("/mislukt")
    reader.ledger.change(
        "INSERT INTO hub.quarantaine (model, object_id, redenen) "
        "VALUES ('<script>', '<script>', ARRAY['<script>'])"
    )
    assert "<script>" not in reader.see("/quarantaine")


def test_a_fault_of_our_own_tells_nothing_of_the_data(
    desks: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from hub_paginas import mislukt

    reader = desks(READER)

    @contextmanager
    def broken() -> Iterator[Any]:
        raise RuntimeError("Fien Voorbeeld, 80010100184")
        yield

    monkeypatch.setattr(mislukt, "reading", broken)
    answer = reader.client.get("/mislukt")
    assert answer.status_code == 500
    assert "Fien" not in answer.text
    assert "Fien" not in caplog.text


def test_rules_are_told_with_how_they_went(desks: Any) -> None:
    reader = desks(READER)
    assert "nog niets gemeten" in reader.see("/datakwaliteit")
    for hour, broken in enumerate((0, 4, 2)):
        reader.ledger.change(
            "INSERT INTO hub.regelmeting (model, regel, ernst, run, gemeten_op, rijen, gebroken) "
            "VALUES ('stg_dossier', 'huisnummer', 'fail', 'proef', now() + :h * interval '1 hour', "
            "10, :b)",
            h=hour, b=broken,
        )  # fmt: skip
    assert "0 · 4 · 2" in reader.see("/datakwaliteit")


@pytest.mark.parametrize("user", [None, READER, OPERATOR], ids=["nobody", "reader", "operator"])
def test_whatever_is_sent_no_page_breaks(desks: Any, user: User | None) -> None:
    desk = desks(user)
    number = str(desk.ledger.rows("SELECT bericht_id FROM hub.bericht")[0][0])
    proof = desk.proof() if user else "geen"
    strange = ("", "\x00", "'", "%", "\\", "-1", "9" * 30, "é" * 60, "x" * 5000, "<b>", "{{7*7}}")
    for path in ("/mislukt", "/quarantaine"):
        for name in ("bestemming", "soort", "stand", "reden", "na", "model"):
            for value in strange:
                assert desk.client.get(path, params={name: value}).status_code < 500, (name, value)
    for value in strange:
        whole = {"bewijs": proof, "daad": "opnieuw", "bericht_id": number, "waarom": value}
        for path, given in (
            ("/zoek", {"verwijzing": value}),
            ("/handel", whole | {"bericht_id": value}),
            ("/handel/alle", whole | {"reden": value, "bestemming": value}),
            ("/handel/doe", whole | {"bericht_id": value}),
            ("/kanaal/doe", {"bewijs": proof, "daad": "nu", "bestemming": value, "waarom": "x"}),
            ("/kanaal/doe", {"bewijs": value, "daad": "nu", "bestemming": "crm", "waarom": value}),
        ):
            answer = desk.post(path, **given)
            assert answer.status_code < 500, (path, value)
            assert user or answer.status_code == 401, (path, value)
