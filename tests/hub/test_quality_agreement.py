"""On random tables the split, Great Expectations and the rules in Python say the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub import statements
from hub.quality.content import is_broken
from hub.quality.rules import ON_CONTENT, load_model
from hub.quality.split import quarantine_context
from tests.hub.kwaliteit_case import COLUMNS, SEALED, Proef
from tests.postgres_cluster import Cluster

pytestmark = pytest.mark.postgres
NOW = datetime.now(UTC)
IDS = [UUID(int=number) for number in range(1, 40)]
# A failing example is shown as it came: making it smaller would run the library for minutes.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
_WORDS = st.text(alphabet="aAZ9é \n$'\\%{}", max_size=6)


def _or_none(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(IDS),
            "naam": st.none() | _WORDS,
            "actief": _or_none(True, False),
            "soort": _or_none("a", "b", "c", "A"),
            "code": st.none() | st.from_regex(r"\A[A-Zé]{1,3}[0-9٣]{0,2}\n?\Z"),
            "getal": st.none()
            | st.decimals(min_value=-100, max_value=100, places=3)
            | st.sampled_from([Decimal("10.5"), Decimal("10.50001"), Decimal("NaN")]),
            "tekst": st.none() | _WORDS,
            "als_geheel": _or_none("1", "-12", "+3", "1.0", " 1", "1e3", "9" * 19, "٣"),
            "als_getal": _or_none("1", "1.5", "-0.5", "1,5", ".5", "NaN", "1e3", "inf"),
            "als_datum": _or_none(
                "2024-02-29", "2023-02-29", "2024-13-01", "0000-01-01", "now", "24-1-1",
                "2024-01-01\n",
            ),
            "als_moment": _or_none(
                "2024-02-29T10:00:00Z", "2024-02-30T10:00:00Z", "2024-02-01T24:00:00Z",
                "2024-02-01T10:00:00", "2024-02-01 10:00:00Z", "2024-02-01T10:00:00.123+02:00",
                "2024-02-01T10-00-00Z",
            ),
            "dag": st.none() | st.dates(date(1990, 1, 1), date(2040, 1, 1)),
            "gebeurd_op": st.none()
            | st.integers(-100, 100).map(lambda hours: NOW + timedelta(hours=hours, minutes=30)),
            "nummer": _or_none("1", "2", "3", "4", "5", "6", "7", "8"),
            "ouder": st.none() | st.sampled_from(IDS),
            "van": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 9)),
            "tot": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 9)),
        }
    ),
    max_size=25,
    unique_by=lambda row: row["id"],
)  # fmt: skip


@pytest.fixture(scope="module")
def proef(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proef]:
    patch = pytest.MonkeyPatch()
    with cluster.fresh_database() as database:
        try:
            yield Proef(database, tmp_path_factory.mktemp("proef"), patch)
        finally:
            patch.undo()
            load_model.cache_clear()
            statements.load_statements.cache_clear()


def _in_python(proef: Proef, rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(
        check.naam
        for check in proef.model.row_checks
        if check.soort in ON_CONTENT
        for row in rows
        if is_broken(check, row[check.kolom], datetime.now(UTC))
    )


@given(rows=ROWS)
@settings(
    max_examples=8,
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_three_ways_to_judge_agree_on_every_kind_of_rule(
    proef: Proef, rows: list[dict[str, Any]]
) -> None:
    proef.fill(rows)
    by_split, of_table = proef.split(), proef.judge_tables()
    by_library = proef.judge_by_library()
    assert {name: n for name, n in by_library.items() if n} == {
        name: n for name, n in (by_split | of_table).items() if n
    }
    # An empty text is nothing in a content, and something in a column.
    if not any(value == "" for row in rows for value in row.values()):
        alike = {check.naam for check in proef.model.row_checks if check.soort in ON_CONTENT}
        assert _in_python(proef, rows) == Counter(
            {name: n for name, n in by_split.items() if name in alike}
        )


@given(rows=ROWS)
@settings(
    max_examples=40,
    deadline=None,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_every_bad_row_waits_with_rule_value_and_origin_until_it_is_mended(
    proef: Proef, rows: list[dict[str, Any]]
) -> None:
    proef.fill(rows)
    by_split = proef.split()
    fails = {check.naam for check in proef.model.row_checks if check.ernst == "fail"}
    kept = proef.rows(
        "SELECT object_id, regels, redenen, waarden, persoonsgegevens, sleutel_id, herkomst, versie"
        " FROM hub.quarantaine WHERE opgelost_op IS NULL"
    )
    assert Counter(regel for row in kept for regel in row[1]) == Counter(
        {name: n for name, n in by_split.items() if name in fails}
    )
    by_id = {str(row["id"]): row for row in rows}
    for object_id, regels, redenen, waarden, sealed, key_id, herkomst, versie in kept:
        assert [reden.rsplit("[", 1)[1].rstrip("]") for reden in redenen] == regels
        assert (herkomst, versie) == ("crm proef", by_id[object_id]["code"])
        assert not set(SEALED) & set(waarden)
        checks = {check.naam: check for check in proef.model.row_checks}
        looked = {checks[regel].kolom for regel in regels} | (
            {"van", "tot"} if "tot_na_van" in regels else set()
        )
        opened: dict[str, Any] = {}
        if sealed is not None:
            context = quarantine_context("stg_proef", object_id)
            opened = json.loads(proef.keyring.decrypt(bytes(sealed), key_id, context=context))
        assert set(opened) <= set(SEALED)
        there = {name for name in looked - {""} if by_id[object_id][name] is not None}
        assert set(waarden) | set(opened) == there
        for name in there & {"tekst", "code", "nummer", "als_datum"}:
            assert (waarden | opened)[name] == by_id[object_id][name]
    # Mended at its source, or gone: the next look lets every row go, with its values.
    mended = "naam = 'x', actief = TRUE, code = 'AA1', als_geheel = NULL, als_datum = NULL"
    nothing = ", ".join(
        f"{name} = NULL" for name in COLUMNS if name not in ("id", "naam", "actief", "code",
                                                             "als_geheel", "als_datum")
    )  # fmt: skip
    with proef.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE bron.proef SET {mended}, {nothing}")
        connection.exec_driver_sql(
            "DELETE FROM bron.proef WHERE id IN (SELECT id FROM bron.proef LIMIT 1)"
        )
    assert not proef.split()
    assert not proef.rows("SELECT 1 FROM hub.quarantaine WHERE opgelost_op IS NULL")
    assert not proef.rows(
        "SELECT 1 FROM hub.quarantaine WHERE persoonsgegevens IS NOT NULL OR waarden <> '{}'"
    )


def test_no_value_stands_in_the_docs(proef: Proef, tmp_path: Path) -> None:
    planted = dict.fromkeys(COLUMNS) | {
        "id": IDS[0], "tekst": "geheimetekst", "code": "geheimecode", "nummer": "geheimnummer",
        "van": date(2020, 2, 2), "tot": date(2020, 1, 1),
    }  # fmt: skip
    proef.fill([planted, planted | {"id": IDS[1]}])
    assert proef.judge_by_library()["nummer_uniek"] == 2
    pages = [page.read_text(encoding="utf-8") for page in proef.folder.rglob("*.html")]
    assert pages
    assert not any("geheim" in page or str(IDS[0]) in page for page in pages)
