"""How messages read, before anybody gets one: no database, no person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.main import main
from hub.dossierstatus import load_lezingen
from hub.melding import sjabloon, voorbeeld


def test_a_preview_shows_every_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bericht", "preview"]) == 0
    said = capsys.readouterr().err
    for status in load_lezingen():
        assert f"[{status}]" in said


def test_a_preview_in_json_holds_the_message_without_a_person(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["bericht", "preview", "--status", "gestart", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["voorbeelden"]
    assert one["titel"] == "Uw renovatiedossier is gestart"
    assert one["inhoud"]["waarden"]["StatusVlaamseCode"] == "Ingediend"
    assert "insz" not in one["inhoud"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--status", "onbekend"], "choose one of gestart"),
        (["00000000-0000-0000-0000-000000000000"], "takes no ID"),
    ],
)
def test_a_preview_of_nothing_is_refused(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bericht", "preview", *arguments]) != 0
    assert says in capsys.readouterr().err


def test_words_that_cannot_be_sent_end_the_preview_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "standaard.j2").write_text("Titel\n" + "lang " * 100)
    monkeypatch.setattr(voorbeeld, "FOLDER", tmp_path)
    monkeypatch.setattr(sjabloon.render, "__kwdefaults__", {"folder": tmp_path})
    assert main(["bericht", "preview"]) == 1
    assert "hoogstens 300 mogen" in capsys.readouterr().err
