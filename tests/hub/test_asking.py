"""Many questions at once: every one gets its answer or its error, and nothing holds the source."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text

from connectors.transport.admission import passage
from connectors.transport.errors import (
    AuthenticationError,
    ContractError,
    RetryableError,
    ThrottledError,
)
from connectors.transport.magda import MagdaVraag
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.transport.soap import SoapReply
from connectors.woningpas.epc.client import EpcReply
from connectors.woningpas.epc.models import GebouwId
from connectors.woningpas.epc.reading import read_reply
from hub.asking import Asking, Job
from hub.bronbudget.grens import Grens
from hub.readers import ReaderDiedError, Readers
from tests.hub.asking_worker import make_look
from tests.postgres_cluster import HubDatabase

pytestmark = pytest.mark.postgres

FOUR = Grens("bron", hoogstens=4, gelijktijdig=4)
ONE = Grens("bron", hoogstens=1, gelijktijdig=1)
MANY = 70  # enough for reading in a process of its own


@pytest.fixture
def engine(database: HubDatabase) -> Engine:
    return database.engine("hub_enrich")


def make_jobs(count: int) -> list[Job]:
    return [Job(number, number, make_look()) for number in range(count)]


def echo(number: int, _: GelogdeRaadpleging) -> int:
    with passage("bron", "vraag", str(number)):
        return number


def stumble_at_seven(number: int) -> int:
    return number // (number - 7)


def ask(
    engine: Engine,
    jobs: int,
    fetch: Callable[[Any, GelogdeRaadpleging], Any] = echo,
    read: Callable[[Any], Any] | None = None,
    grens: Grens = FOUR,
) -> dict[int, Any]:
    return dict(Asking(engine, grens, fetch, read).run(make_jobs(jobs)))


def count_holders(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM hub.bronbudget_houder")).scalar_one()
        )


def test_every_question_gets_its_own_answer(engine: Engine) -> None:
    assert ask(engine, 30) == {number: number for number in range(30)}
    assert ask(engine, 30, read=str) == {number: str(number) for number in range(30)}
    assert count_holders(engine) == 0


def test_an_error_is_of_one_question_only(engine: Engine) -> None:
    def fetch(number: int, look: GelogdeRaadpleging) -> int:
        if number == 3:
            raise RetryableError("bron", "vraag", "3", "no answer")
        return echo(number, look)

    answers = ask(engine, 10, fetch)
    assert isinstance(answers.pop(3), RetryableError)
    assert set(answers.values()) == set(range(10)) - {3}


def test_what_was_too_many_is_asked_again_and_at_last_told(engine: Engine) -> None:
    asked: Counter[int] = Counter()

    def fetch(number: int, _: GelogdeRaadpleging) -> int:
        with passage("bron", "vraag", str(number)):
            asked[number] += 1
        if number == 1 or (number == 2 and asked[2] < 3):
            raise ThrottledError("bron", "vraag", str(number), "429", retry_after=0.01)
        return number

    answers = ask(engine, 4, fetch)
    assert isinstance(answers.pop(1), ThrottledError)
    assert answers == {0: 0, 2: 2, 3: 3}
    assert asked == {0: 1, 1: 5, 2: 3, 3: 1}


def test_a_long_pause_is_not_waited_for_and_the_questions_are_not_sent(engine: Engine) -> None:
    sent = []

    def fetch(number: int, _: GelogdeRaadpleging) -> int:
        with passage("bron", "vraag", str(number)):
            sent.append(number)
        raise ThrottledError("bron", "vraag", str(number), "429", retry_after=600.0)

    answers = ask(engine, 20, fetch, grens=ONE)
    assert len(answers) == 20
    assert all(isinstance(answer, ThrottledError) for answer in answers.values())
    assert len(sent) == 1
    # The next task knows it too.
    assert all(isinstance(answer, ThrottledError) for answer in ask(engine, 3, fetch).values())
    assert len(sent) == 1


def test_a_source_that_does_not_let_us_in_ends_the_run(engine: Engine) -> None:
    asked = []

    def fetch(number: int, look: GelogdeRaadpleging) -> int:
        asked.append(echo(number, look))
        raise AuthenticationError("bron", "vraag", str(number), "answered 401")

    with pytest.raises(AuthenticationError):
        ask(engine, 200, fetch)
    assert len(asked) <= 6
    assert count_holders(engine) == 0


def test_a_fault_of_the_hub_itself_ends_the_run(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(engine, 20, read=stumble_at_seven)
    assert count_holders(engine) == 0


def test_who_stops_listening_leaves_nothing_behind(engine: Engine) -> None:
    run = Asking(engine, FOUR, echo, str).run(make_jobs(MANY))
    next(run)
    run.close()
    assert count_holders(engine) == 0
    left = [thread.name for thread in threading.enumerate()]
    assert not [name for name in left if name.startswith(("ask ", "budget ", "reader "))]


def test_the_source_is_asked_on_while_an_answer_is_being_read(engine: Engine) -> None:
    begun = threading.Semaphore(0)

    def fetch(number: int, look: GelogdeRaadpleging) -> int:
        begun.release()
        return echo(number, look)

    def read(number: int) -> int:
        # Only when the next question is under way is this answer done.
        if number == 0:
            begun.acquire()
            assert begun.acquire(timeout=20), "its place was held while reading"
        return number

    assert ask(engine, 2, fetch, read, ONE) == {0: 0, 1: 1}


def test_never_more_are_under_way_than_there_are_places(engine: Engine) -> None:
    lock, busy = threading.Lock(), Counter[str]()

    def fetch(number: int, _: GelogdeRaadpleging) -> int:
        with passage("bron", "vraag", str(number)):
            with lock:
                busy["now"] += 1
                busy["most"] = max(busy["most"], busy["now"])
            time.sleep(0.002)
            with lock:
                busy["now"] -= 1
        return number

    ask(engine, 150, fetch)
    assert busy["most"] == 4


def test_many_sources_are_asked_side_by_side_over_few_connections(engine: Engine) -> None:
    def ask_one(number: int) -> dict[int, Any]:
        return ask(engine, 10, grens=Grens(f"bron {number}", hoogstens=4))

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask_one, range(12)))
    assert answers == [{number: number for number in range(10)}] * 12


def test_a_database_that_is_away_for_a_moment_does_not_stop_the_asking(
    database: HubDatabase, engine: Engine
) -> None:
    def fetch(number: int, look: GelogdeRaadpleging) -> int:
        if number == 10:
            with psycopg.connect(database.cluster.server.dsn(), autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    [database.name],
                )
        time.sleep(0.05)
        return echo(number, look)

    assert len(ask(engine, 60, fetch)) == 60
    assert count_holders(engine) == 0


def test_many_answers_are_read_in_another_process_and_few_in_this_one(engine: Engine) -> None:
    def fetch(_: int, __: GelogdeRaadpleging) -> str:
        return "/proc/self"

    here = f"/proc/{os.getpid()}"
    assert set(ask(engine, 5, fetch, os.path.realpath).values()) == {here}
    assert here not in set(ask(engine, MANY, fetch, os.path.realpath).values())


def test_an_error_of_reading_comes_back_from_the_other_process(engine: Engine) -> None:
    def fetch(number: int, _: GelogdeRaadpleging) -> EpcReply:
        vraag = MagdaVraag("GeefEpc", "02.01.0000", {}, uuid4(), f"nummer {number}")
        return EpcReply(vraag, GebouwId("1"), frozenset(), SoapReply(200, b"onzin"))

    answers = ask(engine, MANY, fetch, read_reply)
    assert {type(answer) for answer in answers.values()} == {ContractError}
    assert "epc GeefEpc nummer 7: the answer is not well-formed XML." in str(answers[7])


@pytest.mark.parametrize(
    ("read", "error"),
    [(stumble_at_seven, Exception), (len, TypeError), (os._exit, ReaderDiedError)],
    ids=["cannot be sent to a process", "a fault of ours", "the process dies"],
)
def test_what_goes_wrong_in_a_reading_process_ends_the_run_loudly(
    engine: Engine, read: Callable[[Any], Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(engine, MANY, read=read)
    assert count_holders(engine) == 0


def test_a_reading_process_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENOVATIEHUB_SLEUTELS", "geheim")
    monkeypatch.setenv("AIRFLOW_CONN_CRM", "geheim")
    answers: list[Any] = []
    with Readers(os.getenv) as readers:
        for name in ("PATH", "RENOVATIEHUB_SLEUTELS", "AIRFLOW_CONN_CRM"):
            readers.submit(name, answers.append)
    assert answers == [os.environ["PATH"], None, None]
