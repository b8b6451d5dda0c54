"""What every DAG of the hub must have; each failure says how to mend it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from hub.config import load_config

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))
VERBS = ("pull_", "enrich_", "push_", "load_", "check_", "clean_")


@pytest.fixture(scope="session")
def dags(airflow_home: Path) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    assert not bag.import_errors, bag.import_errors
    return dict(bag.dags)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_one_dag_of_its_own_name(path: Path, dags: dict[str, Any]) -> None:
    assert path.stem in dags, "the file's name is the dag_id"
    assert dags[path.stem].fileloc == str(path)
    assert path.stem.startswith(VERBS), f"begin the name with one of {VERBS}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_says_what_it_does_and_who_minds_it(path: Path, dags: dict[str, Any]) -> None:
    dag = dags[path.stem]
    assert dag.doc_md, "pass doc_md=__doc__"
    for word in ("Source", "Runbook", "Safe to re-run"):
        assert word in dag.doc_md, f"the docstring must tell: {word}"
    assert dag.tags, "give it tags"
    assert (ROOT / "docs" / "runbooks" / f"{path.stem}.md").is_file(), "write its runbook"
    assert {task.owner for task in dag.tasks} == {"energieloket"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_cannot_pile_up_and_tries_again(path: Path, dags: dict[str, Any]) -> None:
    dag = dags[path.stem]
    assert dag.catchup is False, "use DAG_DEFAULTS"
    assert dag.max_active_runs == 1, "a run drains all that waits: one at a time"
    assert dag.dagrun_timeout is not None, "use DAG_DEFAULTS"
    for task in dag.tasks:
        assert task.retries >= 1, f"{task.task_id} never tries again"
        assert task.execution_timeout is not None, f"{task.task_id} may hang for ever"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_fails_fails_the_run(path: Path, dags: dict[str, Any]) -> None:
    dag = dags[path.stem]

    def shows(task: Any) -> bool:
        """Tell whether the failure of a task reaches a last one, by which Airflow judges a run."""
        return not task.downstream_list or any(
            after.trigger_rule in ("all_success", "none_failed") and shows(after)
            for after in task.downstream_list
        )

    hidden = sorted(task.task_id for task in dag.tasks if not shows(task))
    assert not hidden, f"give the run a last task with rule none_failed behind {hidden}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_duties_start_switched_on_and_what_moves_data_does_not(
    path: Path, dags: dict[str, Any]
) -> None:
    is_duty = path.stem.startswith(("check_", "clean_"))
    paused = dags[path.stem].is_paused_upon_creation
    assert paused is (False if is_duty else None), "use DUTY_DEFAULTS for check_ and clean_ only"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_is_wiring_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    heavy = {name for name in names if not name.startswith(("airflow", "hub_assets"))}
    assert not heavy, f"import inside the task, not while the file is parsed: {heavy}"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            modules = (
                [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            for module in modules:
                assert not str(module).startswith(("connectors", "sandbox", "cli")), (
                    f"a DAG reaches {module} through plugins and hub"
                )
        assert not isinstance(node, ast.For | ast.While | ast.Try), "logic belongs in hub/"


def test_the_doorbells_connect_the_flows(dags: dict[str, Any]) -> None:
    def rings(dag_id: str) -> set[str]:
        return {outlet.name for task in dags[dag_id].tasks for outlet in task.outlets}

    def hears(dag_id: str) -> set[str]:
        condition = dags[dag_id].timetable.asset_condition
        return {asset.name for _, asset in condition.iter_assets()}

    assert rings("pull_crm_dossiers") == {"hub_inbox"} == hears("enrich_dossiers")
    assert rings("pull_basisregisters") == {"hub_inbox"}
    assert "hub_berichten" in rings("enrich_dossiers")
    assert rings("pull_partner_voortgang") == {"hub_berichten", "hub_feiten"}
    assert hears("push_berichten") == {"hub_berichten"}
    assert "hub_feiten" in rings("push_berichten") & rings("enrich_dossiers")
    assert hears("load_rapportage") == {"hub_feiten"}


def test_the_overview_knows_every_flow_and_how_old_its_success_may_be(dags: dict[str, Any]) -> None:
    config = load_config("stromen")
    assert set(config) == set(dags)
    assert all(told["naam"] and told["hoogstens_minuten"] > 0 for told in config.values())
