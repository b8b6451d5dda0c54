"""The commands' answers, their settings of Airflow, and the reckoning of a demonstration."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import airflow, commands, database, outside, signon, statussen
from cli.errors import CliError
from cli.journey import STATES, Outcome
from cli.settings import read_settings
from cli.state import State
from cli.voortgang import Uitslag, Verschil

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, home: Path, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
            "RENOVATIEHUB_HOME": str(home),
            **env,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_module_says_what_the_parser_needs() -> None:
    for found in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"cli.commands.{found.name}")
        assert module.HELP
        assert module.__doc__
        assert callable(module.add_arguments)
        assert callable(module.run)


def test_status_without_services_answers_in_json_and_exits_nonzero(tmp_path: Path) -> None:
    result = run("status", "--json", home=tmp_path / "state")
    assert result.returncode == 1
    answer = json.loads(result.stdout.splitlines()[-1])
    assert set(answer["services"]) == {"postgres", *airflow.SERVICES}
    for service in answer["services"].values():
        assert service == {"ready": False, "pid": None, "rss_mb": 0.0}
    assert "airflow" in answer["urls"]
    assert "not ready" in result.stderr


def test_down_without_services_is_a_success(tmp_path: Path) -> None:
    result = run("down", "--json", home=tmp_path / "state")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["services"]["postgres"]["ready"] is False


def test_an_error_is_one_sentence_without_a_traceback(tmp_path: Path) -> None:
    result = run("status", home=tmp_path, RENOVATIEHUB_PORT="acht")
    assert result.returncode == 1
    assert result.stderr.startswith("renovatiehub: RENOVATIEHUB_PORT")
    assert "Traceback" not in result.stderr


def test_options_after_test_are_all_pytests() -> None:
    result = run("test", "--version", home=ROOT)
    assert result.returncode == 0, result.stderr
    assert "pytest" in result.stdout + result.stderr


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Airflow's processes are started with."""
    monkeypatch.delenv("RENOVATIEHUB_TST", raising=False)
    monkeypatch.delenv("RENOVATIEHUB_MELDING_METEEN", raising=False)
    settings = read_settings({"RENOVATIEHUB_HOME": str(tmp_path)})
    state = State(tmp_path)
    airflow.keep_ports(settings, state, {})
    return airflow.environment(settings, state, database.locate(settings, state), sandbox=True)


def test_without_the_sandbox_the_connections_are_left_to_the_web_interface(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CRM", "BASISREGISTERS", "MAGDA_EPC", "MAGDA_DOSIS", "DIALOOG"):
        monkeypatch.delenv(f"AIRFLOW_CONN_{name}", raising=False)
    settings = read_settings({"RENOVATIEHUB_HOME": str(tmp_path)})
    state = State(settings.home)
    env = airflow.environment(settings, state, database.locate(settings, state), sandbox=False)
    assert "AIRFLOW_CONN_CRM" not in env
    assert "AIRFLOW_CONN_HUB_PULL" in env


def test_every_connection_of_the_flows_is_in_the_environment(environment: dict[str, str]) -> None:
    names = ("HUB_PULL", "HUB_ENRICH", "HUB_PUSH", "HUB_RAPPORTAGE", "HUB_KWALITEIT",
             "HUB_OPRUIMING", "HUB_WISSING", "CRM", "BASISREGISTERS", "MAGDA_EPC", "MAGDA_DOSIS",
             "NOTIFICATIES", "DIALOOG", "IGO", "IGO_SFTP", "VIRUSKEURING", "ERFGOED",
             "VERGUNNINGEN", "BODEM", "OVERSTROMING")  # fmt: skip
    for name in names:
        connection = json.loads(environment[f"AIRFLOW_CONN_{name}"])
        assert connection["host"]
        assert connection["conn_type"] in ("hub_postgres", "crm_odata", "basisregisters", "magda",
                                           "aanmelding_partner", "aanmelding_sftp", "clamd",
                                           "notificaties", "wfs", "wms")  # fmt: skip


def test_each_hub_connection_signs_on_under_a_role_of_its_own(
    environment: dict[str, str],
) -> None:
    logins = [
        json.loads(environment[f"AIRFLOW_CONN_{name}"])["login"] for name in airflow.HUB_CONNECTIONS
    ]
    assert len(set(logins)) == len(logins)
    assert "hub_eigenaar" not in logins


def test_airflow_understands_a_password_that_begins_as_an_option_does(tmp_path: Path) -> None:
    reading = (
        "import json, sys; from airflow.cli.cli_parser import get_parser; parser = get_parser(); "
        "print([getattr(parser.parse_args(c), 'password', None) for c in json.loads(sys.argv[1])])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", reading, json.dumps(airflow.make_setup_commands("-geheim"))],
        env=os.environ | {
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__AUTH_MANAGER":
                "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[None, '-geheim', '-geheim']"


def test_a_connection_of_ones_own_wins_over_the_sandboxs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RENOVATIEHUB_TST", raising=False)
    monkeypatch.delenv("RENOVATIEHUB_MELDING_METEEN", raising=False)
    monkeypatch.delenv(outside.PAGE, raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_CRM", '{"conn_type": "crm_odata", "host": "https://x"}')
    settings = read_settings({"RENOVATIEHUB_HOME": str(tmp_path)})
    state = State(tmp_path)
    env = airflow.environment(settings, state, database.locate(settings, state), sandbox=True)
    assert json.loads(env["AIRFLOW_CONN_CRM"])["host"] == "https://x"
    assert "RENOVATIEHUB_TST" not in env
    assert "RENOVATIEHUB_MELDING_METEEN" not in env
    assert not env.get(outside.PAGE), "the sandbox's page knows nobody of another CRM"


def test_statuses_lead_to_the_sandboxs_page_unless_another_is_named(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = json.loads(environment["AIRFLOW_CONN_IGO"])["host"].split(":")[2].split("/")[0]
    page = f"http://127.0.0.1:{port}/crm/bewoner/{{dossiernummer}}"
    assert environment[outside.PAGE] == page
    own = "https://crm.leuven.example/{dossiernummer}"
    monkeypatch.setenv(outside.PAGE, own)
    settings, state = read_settings({"RENOVATIEHUB_HOME": str(tmp_path)}), State(tmp_path)
    where = database.locate(settings, state)
    assert airflow.environment(settings, state, where, sandbox=True)[outside.PAGE] == own
    monkeypatch.setenv(outside.PAGE, "http://crm.leuven.example/{dossiernummer}")
    monkeypatch.delenv("RENOVATIEHUB_TST", raising=False)
    with pytest.raises(CliError, match="not https"):
        airflow.environment(settings, state, where, sandbox=False)


def test_numbers_of_fictitious_persons_are_accepted_with_the_sandbox_only(
    environment: dict[str, str],
) -> None:
    assert environment["RENOVATIEHUB_TST"] == "1"
    assert environment["RENOVATIEHUB_MELDING_METEEN"] == "1"


def test_the_administrators_url_and_the_bytecode_ban_stay_out_of_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RENOVATIEHUB_DATABASE", "postgresql://admin:x@h/postgres")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env = airflow.base_environment()
    assert "RENOVATIEHUB_DATABASE" not in env
    assert "PYTHONDONTWRITEBYTECODE" not in env


def test_a_service_without_a_sign_of_life_since_its_start_is_not_ready() -> None:
    from datetime import UTC, datetime

    from cli.processes import Record

    started = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    record = Record("scheduler", 1, started.timestamp(), "up", "x")
    before, after = "2026-11-23T11:59:50+00:00", "2026-11-23T12:00:05+00:00"
    for beat, expected in ((before, False), (after, True), (None, False)):
        answer = {"scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat}}
        assert airflow.ready("scheduler", answer, record) is expected
    assert not airflow.ready("scheduler", {}, record)
    assert not airflow.ready("scheduler", answer, None)


def test_no_role_but_the_administrators_may_touch_connections_or_users() -> None:
    known = [
        {"action": {"name": action}, "resource": {"name": resource}}
        for action in ("can_read", "can_edit", "can_create", "can_delete", "menu_access")
        for resource in ("Connections", "Users", "Variables", "DAGs", "DAG Runs", "Audit Logs")
    ]
    for role in signon.ADDED:
        given = {
            (entry["action"]["name"], entry["resource"]["name"])
            for entry in signon.permissions(role, known)
        }
        assert ("can_read", "DAGs") in given
        assert not {name for _, name in given} & {"Connections", "Users", "Variables"}
        assert (("can_create", "DAG Runs") in given) is (role == "operator")
        assert (("can_read", "Audit Logs") in given) is (role == "functionaris_gegevensbescherming")


GOOD = Outcome(
    residents=10,
    counts=dict(zip(STATES, (10, 5, 6, 2, 2, 1, 0, 5, 0), strict=True))
    | {"open": 0, "informed": 6, "sent_igo": 2, "notified": 3, "notifications": 4},
    reasons={},
    effects={
        "crm": {"effecten": 30, "dossiers": 6},
        "dialoog": {"effecten": 5, "dossiers": 5},
        "igo": {"effecten": 2, "dossiers": 2},
        "dosis": {"effecten": 9, "dossiers": 6},
        "notificaties": {"effecten": 4, "dossiers": 3},
    },
    flow_seconds=1.0,
    progress=Uitslag(25, 4, []),
    statuses=statussen.Uitslag(6, 2, 1, []),
)


def test_a_journey_that_adds_up_on_both_sides_has_no_complaint() -> None:
    assert GOOD.complaints() == []


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"landed": 9}, "9 of 10 residents landed"),
        ({"quarantined": 3}, "do not add up"),
        ({"unaccounted": 1}, "unaccounted"),
        ({"delivered": 1}, "not confirmed"),
        ({"open": 4}, "still to be settled"),
        ({"sent_igo": 3}, "journal of igo shows 2 dossiers and the hub says 3"),
        ({"informed": 5}, "journal of dosis shows 6 dossiers and the hub says 5"),
        ({"notified": 4}, "journal of notificaties shows 3 dossiers and the hub says 4"),
        ({"notifications": 3}, "residents got 4 messages and the hub says 3"),
        ({"prefilled": 7}, "journal of crm shows 6 dossiers and the hub says 7"),
        ({"confirmed": 4}, "Dialoog holds 5 dossiers and the hub says 4"),
    ],
)
def test_a_table_that_does_not_add_up_is_a_complaint(
    changed: dict[str, int], complaint: str
) -> None:
    outcome = dataclasses.replace(GOOD, counts=GOOD.counts | changed)
    assert any(complaint in said for said in outcome.complaints())


def test_what_did_not_come_home_from_a_partner_is_a_complaint_and_not_too_long_a_one() -> None:
    lost = [Verschil("lost", f"voortgang:igo:{n}", "RD-1", "is gone") for n in range(13)]
    outcome = dataclasses.replace(GOOD, progress=Uitslag(12, 4, lost))
    said = outcome.complaints()
    assert len(said) == 11
    assert "voortgang:igo:0 (RD-1): is gone" in said[0]
    assert said[-1].startswith("3 more")


def test_a_resident_who_sees_another_status_is_a_complaint() -> None:
    wrong = [Verschil("lost", "RD-1", "RD-1", "DOSIS shows another status")]
    outcome = dataclasses.replace(GOOD, statuses=statussen.Uitslag(6, 2, 1, wrong))
    assert outcome.complaints() == [
        "of what residents see, RD-1 (RD-1): DOSIS shows another status"
    ]


def test_a_second_effect_at_a_receiver_is_a_complaint() -> None:
    effects = GOOD.effects | {"dialoog": {"effecten": 6, "dossiers": 5}}
    outcome = dataclasses.replace(GOOD, effects=effects)
    assert any("6 effects" in said for said in outcome.complaints())
