"""Become one service of an installation that something else starts and watches (compose).

`python -m cli.service prepare` makes roles, databases, schema and Airflow's metadata, and ends.
`python -m cli.service <name>` becomes that service: api-server, scheduler, dag-processor,
triggerer or sandbox. `python -m cli.service roles` lays down Airflow's roles and users, and ends.
"""

from __future__ import annotations

import os
import sys

from cli import airflow, database, outside, signon
from cli.errors import CliError
from cli.settings import read_settings
from cli.state import State
from hub.kill_point import VARIABLE

# Inside a container every service has its own address: the ports can be fixed.
PORTS = {
    airflow.API: 8080,
    "scheduler-logs": 8793,
    "triggerer-logs": 8794,
    outside.NAME: 8090,
    outside.TLS: 8091,
}
NAMES = ("prepare", "roles", *airflow.SERVICES, outside.NAME)


def main(arguments: list[str]) -> int:
    """Do what is asked, or become the service."""
    if len(arguments) != 1 or arguments[0] not in NAMES:
        print(f"Give one of: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    name = arguments[0]
    if os.environ.get(VARIABLE):
        print(
            f"renovatiehub: {VARIABLE} is set: it lets a rehearsal kill processes and has no place "
            "in an installation; remove it.",
            file=sys.stderr,
        )
        return 1
    settings = read_settings()
    state = State(settings.home)
    try:
        if name == "prepare":
            state.remember(ports=PORTS)
            database.prepare(settings, state)
            where = database.locate(settings, state)
            airflow.write_configuration(state)
            env = airflow.environment(settings, state, where, sandbox=False)
            airflow.prepare_metadata(env, state)
            return 0
        if name == "roles":
            signon.apply_roles(state)
            return 0
        if name == outside.NAME:
            launch = outside.launch(state, airflow.base_environment(), host="0.0.0.0")  # noqa: S104
        else:
            where = database.locate(settings, state)
            # The sandbox is a profile: only then does compose name its address.
            at_hand = bool(os.environ.get("RENOVATIEHUB_SANDBOX_URL"))
            env = airflow.environment(settings, state, where, sandbox=at_hand)
            launch = next(found for found in airflow.launches(env, state) if found.name == name)
    except CliError as error:
        print(f"renovatiehub: {error}", file=sys.stderr)
        return 1
    return os.execve(launch.command[0], list(launch.command), dict(launch.env))  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
