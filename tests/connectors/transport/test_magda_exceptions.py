"""Every exception and every failure on the way ends in the error that says what to do next."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from uuid import uuid4

import pytest

from connectors.mijnburgerprofiel.dosis import Resultaat
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from connectors.woningpas.epc import GebouweenheidId
from tests.connectors.magda_proef import (
    INSZ,
    XML,
    dossier,
    fault,
    open_dosis_client,
    open_epc,
    raadpleging,
    repliek,
    uitzonderingen,
)
from tests.connectors.scripted_server import Answer, ScriptedServer, in_turn, serve


def look(server: ScriptedServer) -> object:
    client = open_epc(f"{server.url}/magda/epc", timeout=server.timeout)
    return client.get_epcs(criteria=GebouweenheidId("6356866"), raadpleging=raadpleging())


def register(server: ScriptedServer) -> object:
    client = open_dosis_client(f"{server.url}/magda/dosis", timeout=server.timeout)
    return client.register_dossier(dossier=dossier(), referte=uuid4())  # type: ignore[func-returns-value]


def receipt(server: ScriptedServer) -> Resultaat:
    client = open_dosis_client(f"{server.url}/magda/dosis", timeout=server.timeout)
    return client.get_resultaat(
        bron="https://leuven.be/energieloket", dossiernummer="RD-0001-000001", referte=uuid4()
    )


def failure(act: Callable[[ScriptedServer], object], answer: Answer) -> ConnectorError:
    with serve(in_turn(answer)) as server, pytest.raises(ConnectorError) as caught:
        act(server)
    error = caught.value
    assert INSZ not in f"{error}{error!r}{error.__cause__!r}{error.__context__!r}"
    assert "Diagnose" not in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return error


# code -> what a look-up and what a registration must do
TABLE = {
    "13001": (AuthenticationError, AuthenticationError),
    "20002": (ContractError, ContractError),
    "30001": (None, PermanentError),
    "40003": (PermanentError, PermanentError),
    "40006": (AuthenticationError, AuthenticationError),
    "60006": (RetryableError, UnknownOutcomeError),
    "60009": (RetryableError, UnknownOutcomeError),
    "99995": (ThrottledError, ThrottledError),
    "99996": (ThrottledError, ThrottledError),
    "99997": (RetryableError, RetryableError),
    "12345": (PermanentError, PermanentError),
}


def at_level(niveau: str, operatie: str, code: str) -> Answer:
    if niveau == "repliek":
        return Answer(200, repliek(operatie, uitzonderingen=uitzonderingen(code)), XML)
    return Answer(200, repliek(operatie, antwoord=uitzonderingen(code)), XML)


@pytest.mark.parametrize("niveau", ["repliek", "antwoord"])
@pytest.mark.parametrize("code", TABLE)
def test_each_code_on_a_look_up(code: str, niveau: str) -> None:
    answer, kind = at_level(niveau, "GeefEpc", code), TABLE[code][0]
    if kind is None:
        with serve(in_turn(answer)) as server:
            assert look(server).epcs == ()  # type: ignore[attr-defined]
        return
    error = failure(look, answer)
    assert type(error) is kind
    assert f"exception {code} ({niveau})" in str(error)


@pytest.mark.parametrize("niveau", ["repliek", "antwoord"])
@pytest.mark.parametrize("code", TABLE)
def test_each_code_on_a_registration(code: str, niveau: str) -> None:
    error = failure(register, at_level(niveau, "RegistreerDossier", code))
    assert type(error) is TABLE[code][1]
    assert error.key == "RD-0001-000001"


def test_no_receipt_yet_is_not_processed() -> None:
    answer = at_level("antwoord", "GeefResultaatRegistratie", "30001")
    with serve(in_turn(answer)) as server:
        assert receipt(server) == Resultaat(verwerkt=False, gelukt=False)


@pytest.mark.parametrize(
    ("text", "code", "on_look_up", "on_registration"),
    [
        (
            "ERR_025: Verification failure: No signature in message!",
            "soap:Client",
            AuthenticationError,
            AuthenticationError,
        ),
        ("Onbekend bericht", "soap:Client", ContractError, ContractError),
        ("Kapot", "soap:Server", RetryableError, UnknownOutcomeError),
        ("Kapot", "env:Iets", RetryableError, UnknownOutcomeError),
        (f"99996: druk, {INSZ}", "soap:Server", ThrottledError, ThrottledError),
        (f"60009: fout bij {INSZ}", "soap:Server", RetryableError, UnknownOutcomeError),
        ("", "", RetryableError, UnknownOutcomeError),
    ],
)
@pytest.mark.parametrize("status", [500, 400, 200])
def test_a_soap_fault_says_who_is_to_blame(
    text: str,
    code: str,
    on_look_up: type[ConnectorError],
    on_registration: type[ConnectorError],
    status: int,
) -> None:
    answer = Answer(status, fault(text, code), XML)
    assert type(failure(look, answer)) is on_look_up
    assert type(failure(register, answer)) is on_registration


HTML = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("answer", "on_look_up", "on_registration"),
    [
        (Answer(reset=True), RetryableError, UnknownOutcomeError),
        (Answer(delay=1.0), RetryableError, UnknownOutcomeError),
        (Answer(raw=b""), RetryableError, UnknownOutcomeError),
        (
            Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<soap:Env"),
            RetryableError,
            UnknownOutcomeError,
        ),
        (Answer(500, b"<html>kapot</html>", HTML), RetryableError, UnknownOutcomeError),
        (Answer(502, b"<html>kapot</html>", HTML), RetryableError, UnknownOutcomeError),
        (Answer(503, b"<html>druk</html>", HTML), RetryableError, RetryableError),
        (Answer(500, b"<a/>", XML), RetryableError, UnknownOutcomeError),
        (Answer(401, b"", HTML), AuthenticationError, AuthenticationError),
        (Answer(403, b"", HTML), AuthenticationError, AuthenticationError),
        (Answer(404, b"<html>weg</html>", HTML), PermanentError, PermanentError),
        (Answer(400, b"<html>fout</html>", HTML), PermanentError, PermanentError),
        (Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), ContractError, ContractError),
        (Answer(200, b"<html>Onderhoud</html>", HTML), ContractError, UnknownOutcomeError),
        (Answer(200, b"", XML), ContractError, UnknownOutcomeError),
        (
            Answer(200, repliek("GeefEpc", antwoord=" ")[:-40], XML),
            ContractError,
            UnknownOutcomeError,
        ),
    ],
    ids=str,
)
def test_each_failure_on_the_way(
    answer: Answer, on_look_up: type[ConnectorError], on_registration: type[ConnectorError]
) -> None:
    assert type(failure(look, answer)) is on_look_up
    assert type(failure(register, answer)) is on_registration


def test_too_many_requests_tells_when_to_come_back() -> None:
    error = failure(look, Answer(429, b"", {"Retry-After": "17"}))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 17.0


def test_where_nobody_listens_nothing_was_sent() -> None:
    with serve(lambda _asked: Answer()) as server:
        url = server.url
    client = open_dosis_client(f"{url}/magda/dosis")
    with pytest.raises(RetryableError) as caught:
        client.register_dossier(dossier=dossier(), referte=uuid4())
    assert type(caught.value) is RetryableError


def test_a_registration_without_result_or_exception_is_unknown() -> None:
    empty = Answer(200, repliek("RegistreerDossier", antwoord=" "), XML)
    assert type(failure(register, empty)) is UnknownOutcomeError


def test_no_log_line_at_any_level_holds_an_envelope(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "zeep", "zeep.xsd.types.simple", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    texts = uitzonderingen("30004", type_="WAARSCHUWING")
    good = repliek(
        "RegistreerDossier", antwoord="<Inhoud><Resultaat>1</Resultaat></Inhoud>" + texts
    )
    for answer in (Answer(200, good, XML), Answer(500, fault(f"Kapot {INSZ}"), XML)):
        with serve(lambda _asked, answer=answer: answer) as server:
            try:
                register(server)
            except ConnectorError as error:
                logging.getLogger("proef").exception("%s", error)
    assert caplog.records
    for record in caplog.records:
        told = f"{record.getMessage()}{record.exc_text or ''}"
        for secret in (INSZ, "Envelope", "Diagnose", "Renovatiebegeleiding", "Verzoek"):
            assert secret not in told, record.name
