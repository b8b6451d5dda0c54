"""A storm in which a partner takes files: its table of partners, and how long a line may take."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cli.storm.files import FILE_SECONDS, VARIABLE, choose_channel, time_under_way
from hub.channels.bestanden import GATHER_SECONDS
from hub.partners import TABLE, list_later, load_partners


@pytest.fixture(autouse=True)
def _own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set, so that what the test sets is undone.
    monkeypatch.setenv(VARIABLE, str(TABLE))


@pytest.mark.parametrize("kanaal", ["rest", "sftp"])
def test_only_the_channel_of_that_partner_is_another(tmp_path: Path, kanaal: str) -> None:
    choose_channel(tmp_path, "igo", kanaal)
    assert Path(os.environ[VARIABLE]).parent == tmp_path
    named = {"rest": "IGO", "sftp": "IGO_SFTP"}[kanaal]
    before, after = load_partners(TABLE), load_partners()
    assert after["igo"] == replace(before["igo"], kanaal=kanaal, verbinding=named)
    assert {**after, "igo": None} == {**before, "igo": None}
    assert list_later() == (["igo"] if kanaal == "sftp" else [])


def test_it_begins_with_the_table_that_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "own.yml"
    table.write_text(TABLE.read_text(encoding="utf-8").replace("naam: IGO", "naam: Eigen IGO"))
    monkeypatch.setenv(VARIABLE, str(table))
    choose_channel(tmp_path, "igo", "sftp")
    assert load_partners()["igo"].naam == "Eigen IGO"


def test_the_time_follows_from_the_channel_and_the_partner() -> None:
    assert time_under_way(0.0) > GATHER_SECONDS + FILE_SECONDS
    assert time_under_way(0.6) - time_under_way(0.0) == pytest.approx(1.2)
