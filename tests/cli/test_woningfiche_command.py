"""The command makes a page from what the hub holds, and says what to do when it cannot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pypdf import PdfReader

from cli.database import admin_dsn
from cli.main import main
from tests.postgres_cluster import Cluster, running_cluster

pytestmark = pytest.mark.postgres
_FILL = """
WITH w AS (
    INSERT INTO hub.woning (gebouweenheid_id, adres_id) VALUES ('11', '22') RETURNING woning_id
), d AS (
    INSERT INTO hub.dossier_woning
        (dossier_id, woning_id, uitkomst, pad, adres_hash, gezocht_op)
    SELECT %(met)s::uuid, woning_id, 'gevonden', 'x', ''::bytea, now() FROM w
)
INSERT INTO hub.gegeven (woning_id, veld, waarde, bron, bron_object, opgehaald_op)
SELECT woning_id, 'epc_label', 'E', 'epc', 'attest 1', now() FROM w
"""
_DOSSIER = """
INSERT INTO bron.crm_dossier (dossier_id, dossiernummer, profiel_id, status, start_akkoord, etag,
    voorinvulling, pseudoniem, inhoud_hash, gewijzigd_op, opgehaald_op)
VALUES (%s::uuid, %s, gen_random_uuid(), 'open', TRUE, 'x', '{}', 'p', ''::bytea, now(), now())
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("woningfiche") / "home") as running:
        dsn = admin_dsn(running.settings, running.state, "renovatiehub")
        with psycopg.connect(dsn, autocommit=True) as admin:
            met, zonder = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2))
            admin.execute(_DOSSIER, (met, "RD-1"))
            admin.execute(_DOSSIER, (zonder, "RD-2"))
            admin.execute(_FILL, {"met": met})
        yield running


@pytest.fixture(autouse=True)
def home(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENOVATIEHUB_HOME", str(cluster.settings.home))


def make(dossier: str, target: Path) -> int:
    return main(["woningfiche", "--dossier", dossier, "--uit", str(target)])


def test_it_writes_the_page_as_pdf_and_as_html(tmp_path: Path) -> None:
    assert make("RD-1", tmp_path / "fiche.pdf") == 0
    reader = PdfReader(io.BytesIO((tmp_path / "fiche.pdf").read_bytes()))
    assert "RD-1" in reader.pages[0].extract_text()
    assert make("RD-1", tmp_path / "fiche.html") == 0
    assert "RD-1" in (tmp_path / "fiche.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("dossier", "name", "told"),
    [
        ("RD-9", "f.pdf", "There is no dossier RD-9"),
        ("RD-2", "f.pdf", "The dwelling of RD-2 is not known"),
        ("RD-1", "f.docx", "f.docx is no .pdf or .html"),
        ("RD-1", "weg/f.pdf", "cannot be written"),
    ],
)
def test_it_says_why_there_is_no_page(
    dossier: str, name: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(dossier, tmp_path / name) == 1
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
