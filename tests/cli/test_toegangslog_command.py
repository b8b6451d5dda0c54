"""The command over the access log: verified on line and off, kept elsewhere, taken out."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hub.toegang.chain import COLUMNS, START, Slot, batch_hash, genesis, row_hash, slot_hash
from hub.toegang.export import read_ankers, read_segments
from hub.toegang.verify import check_segments
from tests.hub.access_log_case import AccessLog
from tests.postgres_cluster import Cluster, HubDatabase, running_cluster

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).resolve().parents[2]
WHY = ("--reden", "vraag om inzage", "--wie", "functionaris")


@dataclass(frozen=True)
class Command:
    """The command against one log, whose rows every test reads and none changes."""

    cluster: Cluster
    log: AccessLog

    def run(self, *arguments: str, home: Path | None = None) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "cli", "toegangslog", *arguments],
            env={**os.environ, "RENOVATIEHUB_HOME": str(home or self.cluster.state.home)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    with running_cluster(tmp_path_factory.mktemp("toegangslog") / "home") as cluster:
        database = HubDatabase(cluster, "renovatiehub", [])
        log = AccessLog(database)
        log.plant(date(2026, 1, 1), 3, 2)
        log.plant(date(2026, 2, 1), 4)
        log.record(3)
        yield Command(cluster, log)
        for engine in database.engines:
            engine.dispose()


@pytest.fixture(scope="module")
def exported(command: Command, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("uitvoer")
    paths = [folder / "2026-01.jsonl", folder / "2026-02.jsonl", folder / "nu.jsonl"]
    for path in paths:
        maand = () if path.stem == "nu" else ("--maand", path.stem)
        code, _, told = command.run("export", *maand, str(path), *WHY)
        assert code == 0, told
    return paths


@pytest.fixture
def files(exported: list[Path], tmp_path: Path) -> list[Path]:
    """The three months as exported, of the test's own."""
    return [Path(shutil.copy(path, tmp_path)) for path in exported]


def verify(*paths: Path, anker: Path | None = None) -> tuple[int, int, list[str]]:
    """Verify files; returns entries, what does not fit, and the notes."""
    ankers = read_ankers(anker) if anker else []
    verdict = check_segments(read_segments(paths), ankers=ankers, whole=False)
    return verdict.entries, verdict.broken, verdict.notes


def test_the_whole_log_is_verified_on_line(command: Command) -> None:
    code, out, _ = command.run("verify", "--json")
    assert (code, json.loads(out.splitlines()[-1])) == (0, {"entries": 12, "broken": 0})


def test_exported_months_prove_themselves_without_a_database(
    command: Command, files: list[Path]
) -> None:
    nowhere = files[0].parent / "leeg"
    asked = ("verify", "--json", "--bestand", *map(str, files))
    code, out, _ = command.run(*asked, home=nowhere)
    assert (code, json.loads(out.splitlines()[-1])) == (0, {"entries": 12, "broken": 0})
    assert not nowhere.exists(), "no state, no database"
    assert verify(*reversed(files))[:2] == (12, 0), "the order of the files is no matter"
    for path, entries in zip(files, (5, 4, 3), strict=True):
        assert verify(path)[:2] == (entries, 0)
    entries, broken, told = verify(files[0], files[2])
    assert (entries, broken) == (8, 0)
    assert "may be missing" in told[0]


def test_an_export_is_the_same_file_every_time(
    command: Command, files: list[Path], tmp_path: Path
) -> None:
    again = tmp_path / "again.jsonl"
    assert command.run("export", "--maand", "2026-01", str(again), *WHY)[0] == 0
    assert again.read_bytes() == files[0].read_bytes()
    code, _, told = command.run("export", "--maand", "2026-01", str(again), *WHY)
    assert code == 1
    assert "is there already" in told


FORGERIES = {
    "a changed value": lambda lines: [
        *lines[:1],
        lines[1].replace("energieloket", "x"),
        *lines[2:],
    ],
    "a removed row": lambda lines: [*lines[:2], *lines[3:]],
    "a removed tail": lambda lines: [*lines[:-3], lines[-1]],
    "a doubled row": lambda lines: [*lines[:2], *lines[1:]],
    "two rows in another order": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "another month": lambda lines: [lines[0].replace("2026-01", "2025-12"), *lines[1:]],
    "another segment before it": lambda lines: [lines[0].replace("0000", "1111"), *lines[1:]],
    "another count": lambda lines: [*lines[:-1], lines[-1].replace('"aantal":5', '"aantal":4')],
    "no rows": lambda lines: [lines[0], lines[-1]],
}


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda name: name.replace(" ", "_"))
def test_tampering_with_a_file_shows(files: list[Path], forgery: str) -> None:
    lines = files[0].read_text(encoding="utf-8").splitlines(keepends=True)
    forged = FORGERIES[forgery](lines)
    assert forged != lines
    files[0].write_text("".join(forged), encoding="utf-8")
    assert verify(files[0])[1] > 0


def test_a_segment_that_was_written_anew_does_not_fit_the_next(files: list[Path]) -> None:
    """Every hash of the file recomputed, so that it fits in itself."""
    lines = files[0].read_text(encoding="utf-8").splitlines()
    slot = json.loads(lines[-1])["slot"]
    forged = Slot("2026-01", START, 1, 5, 5, bytes.fromhex(slot["keten_hash"]), b"")
    assert slot_hash(forged).hex() == slot["slot_hash"]
    head, rows = json.loads(lines[0]), [json.loads(line) for line in lines[1:-1]]
    assert head["vorige_hash"] == START.hex()
    rewritten = _rewrite(rows)
    keten = rewritten[-1]["keten_hash"]
    whole = Slot("2026-01", START, 1, 5, 5, bytes.fromhex(keten), b"")
    slot |= {"keten_hash": keten, "slot_hash": slot_hash(whole).hex()}
    told = [head, *rewritten, {"slot": slot}]
    files[0].write_text("".join(json.dumps(line) + "\n" for line in told), encoding="utf-8")
    assert verify(files[0])[:2] == (5, 0), "alone it cannot show"
    assert verify(*files[:2])[1] > 0


def _rewrite(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    keten, waiting, made = genesis("2026-01", START), [], []
    for row in rows:
        changed = row | {"namens": "iemand anders"}
        waiting.append(row_hash([changed[name] for name in COLUMNS]))
        if row["keten_hash"] is not None:
            keten = batch_hash(keten, waiting)
            waiting, changed["keten_hash"] = [], keten.hex()
        made.append(changed | {"rij_hash": row_hash([changed[name] for name in COLUMNS]).hex()})
    return made


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no whole segment"),
        ("geen json\n", "no whole segment"),
        ('{"toegangslog":2,"maand":"2026-01","vorige_hash":""}\n{"slot":null}\n', "no whole"),
        (None, "No such file"),
    ],
    ids=("empty", "no_json", "a_later_version", "no_file"),
)
def test_a_file_that_is_no_export_is_one_sentence(
    command: Command, tmp_path: Path, content: str | None, told: str
) -> None:
    path = tmp_path / "x.jsonl"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    code, out, error = command.run("verify", "--json", "--bestand", str(path))
    assert (code, out) == (1, "")
    assert told in error
    assert "Traceback" not in error


def test_a_file_that_was_cut_off_and_a_month_given_twice_are_refused(
    command: Command, files: list[Path], tmp_path: Path
) -> None:
    lines = files[0].read_text(encoding="utf-8").splitlines(keepends=True)
    short = tmp_path / "short.jsonl"
    short.write_text("".join(lines[:-1]), encoding="utf-8")
    assert "no whole segment" in command.run("verify", "--bestand", str(short))[2]
    twice = command.run("verify", "--bestand", str(files[0]), str(files[0]))
    assert "already given" in twice[2]


def test_an_anchor_is_kept_elsewhere_and_shows_a_removed_end(
    command: Command, files: list[Path], tmp_path: Path
) -> None:
    kept = tmp_path / "ankers.jsonl"
    for _ in range(2):
        assert command.run("anker", str(kept))[0] == 0
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 2
    assert json.loads(command.run("anker")[1]) == json.loads(kept.read_text().splitlines()[0])
    assert command.run("verify", "--anker", str(kept))[0] == 0
    assert verify(*files, anker=kept)[:2] == (12, 0)
    lines = files[2].read_text(encoding="utf-8").splitlines(keepends=True)
    files[2].write_text(lines[0] + lines[-1], encoding="utf-8")
    assert verify(*files)[1] == 0
    assert verify(*files, anker=kept)[1] == 1


def acts(command: Command) -> list[tuple[object, ...]]:
    return command.log.rows("SELECT wie, soort, onderwerp, reden FROM hub.handeling "
                            "ORDER BY gedaan_op")  # fmt: skip


def test_an_extract_tells_every_look_and_is_an_act(command: Command) -> None:
    profiel, other = uuid4(), uuid4()
    command.log.start(other, profiel_id=profiel, dossiernummer="RD-1")
    command.log.log.record([command.log.look("gebouweenheid 7", other)])
    try:
        for subject, object_id in (("profiel", profiel), ("dossier", other)):
            code, out, told = command.run(
                "uittreksel", f"--{subject}", str(object_id), "--json", *WHY
            )
            assert code == 0, told
            (row,) = json.loads(out.splitlines()[-1])["raadplegingen"]
            assert (row["dossiernummer"], row["object"]) == ("RD-1", "gebouweenheid 7")
            assert acts(command)[-1] == (
                "functionaris", "uittreksel", f"{subject} {object_id}", "vraag om inzage"
            )  # fmt: skip
        woning = make_woning(command, other)
        out = command.run("uittreksel", "--woning", str(woning), "--csv", *WHY)[1]
        (line,) = csv.DictReader(io.StringIO(out))
        assert (line["dossiernummer"], line["bron"], line["doel"]) == (
            "RD-1", "epc", "renovatiebegeleiding"
        )  # fmt: skip
        table = command.run("uittreksel", "--woning", str(woning), *WHY)[1]
        assert "RD-1" in table.replace("\n", "")
    finally:
        command.log.forge("DELETE FROM hub.toegangslog WHERE dossier_id = :d", d=other)


def make_woning(command: Command, dossier_id: UUID) -> UUID:
    with command.log.owner.begin() as connection:
        woning: UUID = connection.execute(
            text("INSERT INTO hub.woning (gebouweenheid_id, adres_id) VALUES ('7', '8') "
                 "RETURNING woning_id")
        ).scalar_one()  # fmt: skip
        connection.execute(
            text("INSERT INTO hub.dossier_woning (dossier_id, woning_id, uitkomst, pad, "
                 "adres_hash, gezocht_op) VALUES (:d, :w, 'gevonden', '', '', now())"),
            {"d": dossier_id, "w": woning},
        )  # fmt: skip
    return woning


def test_an_extract_of_nothing_is_an_act_too(command: Command) -> None:
    nobody = uuid4()
    code, out, _ = command.run("uittreksel", "--profiel", str(nobody), "--json", *WHY)
    assert (code, json.loads(out)) == (0, {"profiel": str(nobody), "raadplegingen": []})
    assert acts(command)[-1][2] == f"profiel {nobody}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("uittreksel", "--profiel", str(uuid4())), "needs a reason"),
        (("uittreksel", "--profiel", "jan", *WHY), "is no profiel_id"),
        (
            ("uittreksel", "--profiel", str(uuid4()), "--reden", "voor jan@example.org"),
            "bevat een rijksregisternummer",
        ),
        (("export", "--maand", "1999-01", "/dev/null", *WHY), "holds no month 1999-01"),
    ],
    ids=("no_reason", "no_id", "a_reason_with_a_person", "no_month"),
)
def test_what_cannot_be_taken_out_is_one_sentence_and_no_act(
    command: Command, arguments: tuple[str, ...], told: str
) -> None:
    before = acts(command)
    code, out, error = command.run(*arguments)
    assert (code, out) == (1, "")
    assert told in error
    assert "Traceback" not in error
    assert acts(command) == before


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT persoonsgegevens FROM bron.crm_profiel",
        "SELECT straat FROM bron.crm_dossier",
        "SELECT * FROM hub.handeling",
        "SELECT * FROM hub.bericht",
        "SELECT * FROM hub.gegeven",
        "INSERT INTO hub.toegangslog SELECT * FROM hub.toegangslog",
        "DELETE FROM hub.handeling",
    ],
)
def test_the_role_that_makes_extracts_reads_the_log_and_nothing_else(
    command: Command, statement: str
) -> None:
    engine = command.log.database.engine("hub_inzage")
    with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))


def test_the_purposes_and_the_refusals_can_be_read(command: Command) -> None:
    barred = uuid4()
    command.log.start(barred, start_akkoord=False)
    command.log.log.record([command.log.look("adres 1", barred)])
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "bronrecht", "--json"],
        env={**os.environ, "RENOVATIEHUB_HOME": str(command.cluster.state.home)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    assert {line["doel"] for line in answer["doelen"]} > {"energielening"}
    assert [(r["dossier_id"], r["reden"]) for r in answer["weigeringen"]] == [
        (str(barred), "geen_startakkoord")
    ]
