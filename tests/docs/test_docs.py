"""The texts hold: links lead somewhere, statements run, and nothing that exists lacks its page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
import yaml
from sqlalchemy.exc import ProgrammingError

from cli.main import build_parser
from tests.postgres_cluster import HubDatabase

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TEXTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
DAGS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))

# Sheet -> the connector package it tells of.
SHEETS = {
    "crm": "crm",
    "basisregisters": "woningpas/basisregisters",
    "epc": "woningpas/epc",
    "erfgoed": "woningpas/erfgoed",
    "vergunningen": "woningpas/vergunningen",
    "bodem": "woningpas/bodem",
    "overstroming": "woningpas/overstroming",
    "dosis": "mijnburgerprofiel/dosis",
    "notificaties": "mijnburgerprofiel/notificaties",
    "dialoog": "dialoog",
    "igo": "igo",
    "viruskeuring": "viruskeuring",
}
# Pages for a partner's developer, about no one partner.
# ACM has no package of its own: every client that signs on there shares its sheet.
GUIDES = {"acm", "conformance", "new_partner"}
# Packages that are shared by partners and have no owner outside.
SHARED = {"aanmelding", "transport"}

_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (?P<title>.+)$", re.MULTILINE)
_STATEMENT = re.compile(r"^```sql\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r"\A-- role: (?P<role>hub_[a-z]+)\n")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(path: Path) -> set[str]:
    titles = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def find_broken_links(path: Path, content: str) -> list[str]:
    broken = []
    for target in _LINK.findall(content):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / unquote(file)).resolve() if file else path
        found = there.exists() and there.is_relative_to(ROOT)
        if found and anchor and there.suffix == ".md":
            found = anchor in anchors(there)
        if not found:
            broken.append(target)
    return broken


def list_statements() -> list[tuple[str, str]]:
    return [
        (f"{name(path)}:{content[: found.start()].count(chr(10)) + 2}", found["body"])
        for path in TEXTS
        for content in [path.read_text(encoding="utf-8")]
        for found in _STATEMENT.finditer(content)
    ]


def list_connectors() -> set[str]:
    folder = ROOT / "connectors"
    packages = set()
    for path in folder.iterdir():
        if not (path / "__init__.py").exists():
            continue
        inner = {child.parent.name for child in path.glob("*/__init__.py")}
        packages |= {f"{path.name}/{child}" for child in inner} or {path.name}
    return packages - SHARED


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    assert not find_broken_links(path, path.read_text(encoding="utf-8"))


def test_a_link_that_leads_nowhere_would_be_seen() -> None:
    readme = ROOT / "README.md"
    assert find_broken_links(readme, "[x](docs/none.md) [y](https://example.org)") == [
        "docs/none.md"
    ]
    assert find_broken_links(readme, "[x](docs/architecture.md#no-such-heading)")
    assert not find_broken_links(readme, "[x](docs/architecture.md#rooms)")


@pytest.mark.parametrize("dag_id", DAGS)
def test_every_dag_has_a_runbook_that_names_its_tasks(dag_id: str) -> None:
    runbook = DOCS / "runbooks" / f"{dag_id}.md"
    assert runbook.is_file(), f"write {name(runbook)}"
    content = runbook.read_text(encoding="utf-8")
    assert content.startswith(f"# {dag_id}\n")
    source = (ROOT / "dags" / f"{dag_id}.py").read_text(encoding="utf-8")
    assert f"docs/runbooks/{dag_id}.md" in source, "the DAG's docstring names its runbook"
    tasks = set(re.findall(r"@task[^\n]*\n    def (\w+)\(", source))
    tasks |= set(re.findall(r'task_id="(\w+)"', source))
    assert tasks, "no task was found in the DAG's file"
    missing = {task for task in tasks if f"`{task}`" not in content}
    assert not missing, f"{name(runbook)} does not tell what these tasks do: {sorted(missing)}"
    for word in ("**What**", "**When**", "**Safe to re-run**", "## What can go wrong"):
        assert word in content, f"{name(runbook)} lacks {word}"


def test_no_runbook_is_left_of_a_dag_that_is_gone() -> None:
    runbooks = {path.stem for path in (DOCS / "runbooks").glob("*.md")} - {"README"}
    assert runbooks == set(DAGS)


def test_every_connector_package_has_a_partner_sheet() -> None:
    assert list_connectors() == set(SHEETS.values()), "write its sheet and add it to SHEETS"
    sheets = {path.stem for path in (DOCS / "partners").glob("*.md")}
    assert sheets - GUIDES == set(SHEETS)


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_partner_sheet_tells_what_must_be_known(sheet: str) -> None:
    content = (DOCS / "partners" / f"{sheet}.md").read_text(encoding="utf-8")
    for word in (
        "**Owner**", "**Protocol**", "**Sign-on**", "## Operations", "hub does", "## Limits",
        "## How sure", "## In the sandbox", "## Connection", "## Missing",
    ):  # fmt: skip
        assert word in content, f"docs/partners/{sheet}.md lacks {word}"
    assert f"connectors/{SHEETS[sheet]}" in content


def test_every_decision_has_its_three_parts_and_stands_in_the_list() -> None:
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    decisions = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in decisions] == [
        f"{number:04d}" for number in range(1, len(decisions) + 1)
    ]
    for path in decisions:
        content = path.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.+)$", content, re.MULTILINE)
        assert headings == ["Beslissing", "Motivatie", "Gevolg"], name(path)
        assert f"]({path.name})" in index, f"{name(path)} is not in the list"


def test_every_statement_names_the_role_that_runs_it() -> None:
    statements = list_statements()
    assert statements, "no statement was found"
    for place, body in statements:
        assert _ROLE.match(body), f"{place} must begin with '-- role: hub_...'"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("place", "body"), list_statements(), ids=[place for place, _ in list_statements()]
)
def test_every_statement_runs_under_the_role_it_names(
    place: str, body: str, schema: HubDatabase
) -> None:
    role = _ROLE.match(body)
    assert role is not None
    engine = schema.engine(role["role"])
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql(body)
            transaction.rollback()
    finally:
        engine.dispose()


def list_commands() -> list[tuple[str, str]]:
    return [
        (name(path), line)
        for path in TEXTS
        for block in _SHELL.findall(path.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.startswith("./renovatiehub")
    ]


def test_every_command_that_a_text_shows_is_understood() -> None:
    commands = list_commands()
    assert len(commands) > 10, "the commands were not found"
    for place, line in commands:
        arguments = shlex.split(line, comments=True)[1:]
        try:
            build_parser().parse_args(arguments)
        except SystemExit:
            pytest.fail(f"{place}: {line}")


def test_no_text_makes_an_operator_change_the_ledger_by_hand() -> None:
    for place, body in list_statements():
        for table in ("hub.bericht", "hub.poging", "hub.kanaal", "hub.handeling"):
            assert f"UPDATE {table}" not in body, f"{place}: use the command, which writes it down"


@pytest.mark.postgres
def test_a_role_that_only_reads_cannot_run_an_act_of_the_runbooks(schema: HubDatabase) -> None:
    acts = [body for _, body in list_statements() if "UPDATE " in body]
    assert acts
    for act in acts:
        with schema.engine("hub_lezer").connect() as connection:
            with pytest.raises(ProgrammingError) as refused:
                connection.exec_driver_sql(act)
            assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_publiccode_says_what_the_standard_demands() -> None:
    document = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    for key in (
        "publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus",
        "softwareType", "description", "legal", "maintenance", "localisation",
    ):  # fmt: skip
        assert document.get(key), f"publiccode.yml lacks {key}"
    assert isinstance(document["publiccodeYmlVersion"], str)
    assert document["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert {"nl", "en"} <= document["description"].keys()
    for language, described in document["description"].items():
        assert len(described["shortDescription"]) <= 150, language
        assert 500 <= len(described["longDescription"]) <= 10_000, language
        assert described["features"], language
        assert len(described["genericName"]) <= 35, language
    assert document["legal"]["license"] == "EUPL-1.2"
    assert document["maintenance"]["type"] in {"internal", "contract", "community", "none"}
    assert all(contact["name"] for contact in document["maintenance"]["contacts"])
    assert isinstance(document["localisation"]["localisationReady"], bool)
    assert document["localisation"]["availableLanguages"]


def test_the_licence_is_whole() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    articles = [int(number) for number in re.findall(r"^(\d+)\.\S", licence, re.MULTILINE)]
    assert articles == list(range(1, 16))
    assert "Appendix" in licence
    assert "Compatible Licences" in licence
