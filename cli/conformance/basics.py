"""Checks on which the others lean: who may come in, and what is not there."""

from __future__ import annotations

from uuid import uuid4

from cli.conformance.contract import rule
from cli.conformance.kit import Kit, check, expect_problem

SHARED = ("components", "responses")


@check("fout_401", "Zonder geldig token: 401 als problem+json", rule(*SHARED, "NietAangemeld"))
def unsigned(kit: Kit) -> None:
    """No token, and a wrong one."""
    path = f"aanmeldingen/{uuid4()}"
    expect_problem(kit.caller.send("GET", path, signed=False), 401)
    wrong = {"Authorization": f"Bearer proef-{kit.run_id}"}
    expect_problem(kit.caller.send("GET", path, signed=False, headers=wrong), 401)


@check(
    "fout_404", "Een onbekende referentie: 404 als problem+json, ook bij intrekken",
    rule(*SHARED, "NietGekend"),
)  # fmt: skip
def unknown(kit: Kit) -> None:
    """Nothing under this reference."""
    for method in ("GET", "DELETE"):
        expect_problem(kit.caller.send(method, f"aanmeldingen/{uuid4()}"), 404)
