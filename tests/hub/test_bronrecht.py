"""The right to ask: nothing is asked without its ground, and what was refused can be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from connectors.transport.errors import ConnectorError, GeenRechtError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging
from hub.batch import form_batch
from hub.bronrecht import load_bronrechten, read_bronrecht, refuse
from hub.config import load_config
from hub.quality.split import check_dossiers
from hub.raadplegen import DOEL, Vraagstelling, consult
from hub.toegangslog import PostgresRaadplegingLog
from hub.woning.find import find_woningen
from tests.hub.access_log_case import AccessLog
from tests.journey import Journey
from tests.postgres_cluster import HubDatabase

BRONNEN = ("basisregisters", "ligging", "epc", "erfgoed", "vergunningen", "bodem", "overstroming")


@pytest.fixture
def log(database: HubDatabase) -> AccessLog:
    return AccessLog(database)


def ask(
    log: AccessLog,
    dossiers: Sequence[UUID],
    call: Callable[[str, GelogdeRaadpleging], str] = lambda vraag, _: vraag,
    **options: Any,
) -> dict[UUID, str | ConnectorError]:
    answers = consult(
        log.database.engine("hub_enrich"),
        log.log,
        **({"bron": "epc", "operatie": "GeefEpc", "fetch": call,
            "asks": [Vraagstelling(d, None, "adres 1", "x") for d in dossiers]} | options),
    )  # fmt: skip
    return {ask.dossier_id: answer for ask, answer in answers}


def refusals(log: AccessLog) -> list[tuple[Any, ...]]:
    return log.rows(
        "SELECT dossier_id, bron, doel, reden, opgelost_op IS NULL FROM hub.bronweigering "
        "ORDER BY reden"
    )


def test_every_line_of_the_table_is_marked_and_names_known_sources() -> None:
    rechten = load_bronrechten()
    assert set(rechten) == {"renovatiebegeleiding", "duurzaam_bouwadvies", "energielening"}
    assert rechten[DOEL].bronnen == BRONNEN
    for recht in rechten.values():
        assert set(recht.bronnen) <= set(BRONNEN)
        assert recht.zekerheid in ("bron", "stad_beslist")
        assert recht.bevestigt.strip()
    for doel in ("duurzaam_bouwadvies", "energielening"):
        assert rechten[doel].bronnen == ("basisregisters", "epc"), "no more than it needs"


def test_the_ground_stands_in_one_place() -> None:
    for bron, settings in load_config("bronnen").items():
        if isinstance(settings, dict):
            assert not {"doel", "rechtsgrond", "hoedanigheid"} & set(settings), bron


@pytest.mark.parametrize(
    "change",
    [
        {"bronnen": "epc"},
        {"bronnen": None},
        {"aanmelding": "ja"},
        {"rechtsgrond": " "},
        {"zekerheid": "misschien"},
        {"extra": "x"},
    ],
)
def test_a_line_that_cannot_be_used_asks_nothing(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bronrecht proef: .* No source was asked"):
        read_bronrecht("proef", load_config("bronrecht")[DOEL] | change)


@given(
    given_=st.dictionaries(
        st.sampled_from(["bronnen", "aanmelding", "rechtsgrond", "zekerheid"]),
        st.one_of(st.none(), st.integers(), st.sampled_from(["", " ", "epc"]), st.booleans()),
    )
)
def test_a_line_is_whole_or_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        read_bronrecht("proef", given_)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("dossier", "reden"),
    [
        ({"start_akkoord": False}, "geen_startakkoord"),
        (
            {"start_akkoord": False, "start_akkoord_op": "2026-01-01"},
            "startakkoord_ingetrokken",
        ),
        ({"status": "afgesloten"}, "dossier_afgesloten"),
        ({"verwijderd_op": "2026-01-01"}, "dossier_verwijderd"),
        (None, "dossier_onbekend"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_dossier_without_its_ground_is_not_asked_and_told_once(
    log: AccessLog, dossier: dict[str, object] | None, reden: str
) -> None:
    barred = uuid4()
    if dossier is not None:
        log.start(barred, **dossier)
    called: list[UUID] = []

    def call(vraag: str, look: GelogdeRaadpleging) -> str:
        called.append(look.raadpleging.dossier_id)
        return vraag

    for _ in range(2):
        answers = ask(log, [barred, log.dossier], call)
        error = answers[barred]
        assert isinstance(error, GeenRechtError)
        assert str(barred) in str(error)
        assert "The source was not asked" in str(error)
        assert answers[log.dossier] == "x", "the good rows go on"
    assert called == [log.dossier, log.dossier]
    assert log.rows("SELECT DISTINCT dossier_id FROM hub.toegangslog") == [(log.dossier,)]
    assert refusals(log) == [(barred, "epc", DOEL, reden, True)]
    assert log.verify().broken == 0


@pytest.mark.postgres
def test_a_source_that_the_purpose_does_not_need_is_not_asked(log: AccessLog) -> None:
    add_aanmelding(log, "energielening")
    assert ask(log, [log.dossier], doel="energielening")[log.dossier] == "x"
    error = ask(log, [log.dossier], doel="energielening", bron="bodem")[log.dossier]
    assert isinstance(error, GeenRechtError)
    assert refusals(log) == [(log.dossier, "bodem", "energielening", "bron_niet_voor_doel", True)]


@pytest.mark.postgres
def test_a_purpose_of_an_aanmelding_needs_that_aanmelding(log: AccessLog) -> None:
    error = ask(log, [log.dossier], doel="duurzaam_bouwadvies")[log.dossier]
    assert isinstance(error, GeenRechtError)
    assert refusals(log) == [(log.dossier, "epc", "duurzaam_bouwadvies", "geen_aanmelding", True)]
    add_aanmelding(log, "energielening")
    assert isinstance(
        ask(log, [log.dossier], doel="duurzaam_bouwadvies")[log.dossier], GeenRechtError
    )
    add_aanmelding(log, "duurzaam_bouwadvies")
    assert ask(log, [log.dossier], doel="duurzaam_bouwadvies")[log.dossier] == "x"
    assert refusals(log)[0][-1] is False, "what may be asked is no longer refused"


@pytest.mark.postgres
def test_a_purpose_that_is_not_in_the_table_asks_nothing(log: AccessLog) -> None:
    with pytest.raises(KeyError):
        ask(log, [log.dossier], doel="nieuwsgierigheid")
    assert log.rows("SELECT count(*) FROM hub.toegangslog") == [(0,)]


@pytest.mark.postgres
def test_a_refusal_closes_with_the_agreement_and_opens_again_without_it(log: AccessLog) -> None:
    barred = uuid4()
    log.start(barred, start_akkoord=False)
    ask(log, [barred])
    change(log, barred, "start_akkoord = TRUE")
    assert ask(log, [barred])[barred] == "x"
    assert refusals(log) == [(barred, "epc", DOEL, "geen_startakkoord", False)]
    change(log, barred, "start_akkoord = FALSE, start_akkoord_op = now()")
    ask(log, [barred])
    change(log, barred, "start_akkoord_op = NULL")
    ask(log, [barred])
    assert refusals(log) == [
        (barred, "epc", DOEL, "geen_startakkoord", True),
        (barred, "epc", DOEL, "startakkoord_ingetrokken", False),
    ]


@pytest.mark.postgres
def test_the_row_is_there_for_everybody_before_the_call(log: AccessLog) -> None:
    seen: list[list[Any]] = []

    def call(vraag: str, look: GelogdeRaadpleging) -> str:
        seen.append(log.rows("SELECT correlatie_id, doel, rechtsgrond, hoedanigheid, namens "
                             "FROM hub.toegangslog"))  # fmt: skip
        assert seen[-1][0][0] == look.raadpleging.correlatie_id
        return vraag

    ask(log, [log.dossier], call)
    recht = load_bronrechten()[DOEL]
    assert seen[0][0][1:] == (DOEL, recht.rechtsgrond, recht.hoedanigheid, "renovatiehub")


@pytest.mark.postgres
def test_a_refusal_and_the_rows_of_its_batch_stand_or_fall_together(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    barred = uuid4()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("hub.toegangslog.copy_rows", fail)
    called: list[object] = []
    with pytest.raises(OSError, match="full"):
        ask(log, [barred, log.dossier], lambda vraag, look: called.append(look) or vraag)
    assert called == []
    assert refusals(log) == []
    assert log.rows("SELECT count(*) FROM hub.toegangslog") == [(0,)]


@pytest.mark.postgres
def test_two_looks_of_one_dossier_get_their_own_verdict(log: AccessLog) -> None:
    looks = [log.look(), replace(log.look(), bron="weerbericht"), log.look()]
    with log.database.engine("hub_enrich").begin() as connection:
        refused = refuse(connection, looks)
    assert set(refused) == {looks[1].correlatie_id}
    judged = PostgresRaadplegingLog(log.database.engine("hub_enrich")).record(looks)
    kinds = [GelogdeRaadpleging, GeenRechtError, GelogdeRaadpleging]
    assert [type(one) for one in judged] == kinds


class _Refusing:
    def record(self, raadplegingen: Sequence[Raadpleging]) -> list[GeenRechtError]:
        return [GeenRechtError(r.bron, r.operatie, "dossier", "no ground") for r in raadplegingen]


def test_whatever_the_log_refuses_is_never_called(log: AccessLog) -> None:
    ask = Vraagstelling(uuid4(), None, "adres 1", "x")
    [(asked, answer)] = consult(
        log.database.engine("hub_enrich"),
        _Refusing(),
        bron="epc",
        operatie="GeefEpc",
        asks=[ask],
        fetch=lambda *_: pytest.fail("the source was called"),
    )
    assert asked is ask
    assert isinstance(answer, GeenRechtError)


def add_aanmelding(log: AccessLog, soort: str) -> None:
    with log.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO bron.crm_aanmelding (aanmelding_id, dossier_id, soort, etag, "
                "inhoud_hash, gewijzigd_op) VALUES (uuidv7(), :d, :s, '1', 'h', now())"
            ),
            {"d": log.dossier, "s": soort},
        )


def change(log: AccessLog, dossier_id: UUID, what: str) -> None:
    with log.owner.begin() as connection:
        connection.execute(
            text(f"UPDATE bron.crm_dossier SET {what} WHERE dossier_id = :d"), {"d": dossier_id}
        )


@pytest.mark.postgres
def test_an_agreement_that_goes_after_the_check_stops_the_question(journey: Journey) -> None:
    journey.sandbox.grow(2)
    journey.pull()
    engine = journey.engines["enrich"]
    form_batch(engine, naam="proef")
    check_dossiers(engine, journey.keyring, naam="proef")
    with journey.engines["eigenaar"].begin() as connection:
        (barred,) = connection.execute(
            text(
                "UPDATE bron.crm_dossier SET start_akkoord = FALSE "
                "WHERE dossiernummer = 'RD-0001-000001' RETURNING dossier_id"
            )
        ).one()
    log = PostgresRaadplegingLog(engine)
    for _ in range(2):
        found = find_woningen(engine, journey.registers, log, journey.keyring, naam="proef")
    assert found["geen_recht"] == 0, "it left the batch the first time"
    assert journey.sandbox.journal("basisregisters") == []
    told = {
        "SELECT reden FROM hub.bronweigering": "startakkoord_ingetrokken",
        "SELECT uitkomst FROM hub.batch_dossier WHERE dossier_id = :d": "geen_start",
    }
    with journey.engines["eigenaar"].begin() as connection:
        for statement, expected in told.items():
            assert connection.execute(text(statement), {"d": barred}).scalars().all() == [expected]
        assert connection.execute(text("SELECT count(*) FROM hub.incident")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM hub.toegangslog")).scalar_one() == 0
