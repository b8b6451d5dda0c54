"""Who may do what in Airflow: our four roles and one user each, laid over its REST API."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cli.airflow import PAGES, Api
from cli.state import USERS, State

# What each role may do, by the names of Airflow's permissions. A role also has what `lezer` has.
READ = (
    "Asset Aliases", "Assets", "Backfills", "Cluster Activity", "DAG Code", "DAG Dependencies",
    "DAG Runs", "DAG Versions", "DAG Warnings", "DAGs", "HITL Detail", "ImportError", "Jobs",
    "My Password", "My Profile", "Plugins", "Pools", "Task Instances", "Task Logs", "Website",
    "XComs", PAGES,
)  # fmt: skip
MENU = (
    "Assets", "Browse", "Cluster Activity", "DAG Dependencies", "DAG Runs", "DAGs", "Docs",
    "Documentation", "Jobs", "Task Instances",
)  # fmt: skip
ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "lezer": {"can_edit": ("My Password", "My Profile")},
    # Runs flows, answers questions, sends again; changes no connection, user or setting.
    "operator": {
        "can_create": ("Assets", "Backfills", "DAG Runs", "Task Instances"),
        "can_edit": (
            "Backfills",
            "DAG Runs",
            "DAGs",
            "HITL Detail",
            "Pools",
            "Task Instances",
            PAGES,
        ),
        "can_delete": ("DAG Runs", "Task Instances"),
        "can_read": ("All Import Errors", "Configurations", "Providers"),
        "menu_access": ("Admin", "HITL Detail", "Plugins", "Pools", "Providers", "XComs"),
    },
    # Sees who did what; runs and changes nothing.
    "functionaris_gegevensbescherming": {
        "can_read": ("All Audit Logs", "Audit Logs"),
        "menu_access": ("Audit Logs",),
    },
}
ROLE_OF = {
    "operator": "operator",
    "functionaris": "functionaris_gegevensbescherming",
    "lezer": "lezer",
    "beheerder": "beheerder",
}
FAB = "/auth/fab/v1"


def apply_roles(state: State) -> None:
    """Lay down roles and users when this state does not have them as they are written here."""
    text = json.dumps([READ, MENU, ADDED, ROLE_OF], sort_keys=True)
    mark = hashlib.sha256(text.encode()).hexdigest()
    if state.get("signon") == mark:
        return
    api = Api(state, "beheerder")
    everything = api.call("GET", f"{FAB}/roles/Admin")["actions"]
    for role in ADDED:
        _put_role(api, role, permissions(role, everything))
    _put_role(api, "beheerder", everything)
    passwords = state.secrets()["users"]
    for user in USERS:
        _put_user(api, user, ROLE_OF[user], passwords[user])
    state.remember(signon=mark)


def permissions(role: str, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a role's permissions, limited to those that this Airflow knows."""
    wanted = {("can_read", name) for name in READ} | {("menu_access", name) for name in MENU}
    for source in ("lezer", role):
        for action, names in ADDED[source].items():
            wanted |= {(action, name) for name in names}
    return [
        entry for entry in known if (entry["action"]["name"], entry["resource"]["name"]) in wanted
    ]


def _put_role(api: Api, name: str, actions: list[dict[str, Any]]) -> None:
    document = {"name": name, "actions": actions}
    if api.call("GET", f"{FAB}/roles/{name}", missing_ok=True) is None:
        api.call("POST", f"{FAB}/roles", document)
    else:
        api.call("PATCH", f"{FAB}/roles/{name}", document)


def _put_user(api: Api, name: str, role: str, password: str) -> None:
    document = {
        "username": name,
        "first_name": name.capitalize(),
        "last_name": "Renovatiehub",
        "email": f"{name}@renovatiehub.invalid",
        "roles": [{"name": role}],
        "password": password,
    }
    if api.call("GET", f"{FAB}/users/{name}", missing_ok=True) is None:
        api.call("POST", f"{FAB}/users", document)
    else:
        api.call("PATCH", f"{FAB}/users/{name}", document)
