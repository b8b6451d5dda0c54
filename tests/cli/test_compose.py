"""docker-compose.yml: the services the command knows, in the shape of the specification."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import airflow, service

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
# The keys of the compose specification that this file may use.
SERVICE_KEYS = {
    "build", "command", "depends_on", "environment", "healthcheck", "image", "ports", "profiles",
    "restart", "volumes",
}  # fmt: skip
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return document


def test_it_has_postgresql_the_airflow_processes_and_the_sandbox_as_a_profile(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    assert {"postgres", "sandbox", *airflow.SERVICES} <= set(services)
    assert services["sandbox"]["profiles"] == ["sandbox"]
    assert all("profiles" not in services[name] for name in airflow.SERVICES)


def test_every_command_is_one_that_the_image_understands(compose: dict[str, Any]) -> None:
    for name, described in compose["services"].items():
        if described.get("image") == "renovatiehub":
            (command,) = described["command"]
            assert command in service.NAMES
            assert command == name


def test_its_shape_is_that_of_the_compose_specification(compose: dict[str, Any]) -> None:
    assert set(compose) <= {"name", "services", "volumes", "x-hub"}
    for name, described in compose["services"].items():
        assert set(described) <= SERVICE_KEYS, name
        assert isinstance(described["image"], str)
        for dependency, how in described.get("depends_on", {}).items():
            assert dependency in compose["services"]
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert "healthcheck" in compose["services"][dependency]
        for volume in described.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"]
        for port in described.get("ports", []):
            assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+", port)


def test_no_password_stands_in_the_file() -> None:
    for line in FILE.read_text().splitlines():
        if "PASSWORD" in line and not line.lstrip().startswith("#"):
            assert "${POSTGRES_PASSWORD:-}" in line


def test_the_compose_tool_accepts_it_where_there_is_one() -> None:
    docker = shutil.which("docker")
    plugin = docker and subprocess.run(
        [docker, "compose", "version"], capture_output=True, check=False
    )
    if not docker or not plugin or plugin.returncode != 0:
        pytest.skip("no docker compose here; the shape is checked above")
    result = subprocess.run(
        [docker, "compose", "-f", str(FILE), "--profile", "sandbox", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
