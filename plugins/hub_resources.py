"""What Airflow's sign-on gives rights on for the pages, beside its own resources.

Run as a program in Airflow's environment, it makes them known; doing so again changes nothing.
"""

from __future__ import annotations

# Reading it (GET): every page, masked. Editing it (PUT): acting on messages and channels.
BEHEER = "Renovatiehub"


def create() -> None:
    """Make the resources known to the sign-on."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        for action in ("can_read", "can_edit"):
            permission = manager.create_permission(action, BEHEER)
            manager.add_permission_to_role(manager.find_role("Admin"), permission)


if __name__ == "__main__":
    create()
