"""Schemathesis asks the sandbox's partner all that the contract allows, and what it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from connectors.aanmelding.mapping import CONTRACT_FILE, load_contract
from tests.sandbox_process import SandboxHandle, running_sandbox

EXAMPLES = 30
# A body may be well formed and still refused: 412 and 422 are right answers to it. An If-Match that
# no ETag can be is a version that is not the present one.
CHECKS = {
    "positive_data_acceptance": ["2xx", 401, 403, 404, 409, 412, 422, 429],
    "negative_data_rejection": [400, 401, 403, 404, 405, 412, 415, 422, 429],
}
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {name: {"expected-statuses": given} for name, given in CHECKS.items()},
        # The contract lets a partner overlook a parameter it does not know.
        "generation": {"allow-extra-parameters": False},
    }
)
CONTRACT = schemathesis.openapi.from_path(CONTRACT_FILE, config=CONFIG)
REFERENTIE = re.compile(
    load_contract()["components"]["schemas"]["Referentie"]["pattern"].replace("$", r"\Z")
)


def complete(case: schemathesis.Case) -> None:
    """Make a good request one that a partner can know: what no schema can say.

    A body is about the reference of its address, and only the partner makes up a page.
    """
    body, asked = case.body, (case.path_parameters or {}).get("referentie", "")
    own = str(body.get("referentie", "")) if isinstance(body, dict) else ""
    if REFERENTIE.match(asked) and REFERENTIE.match(own):
        case.body["referentie"] = asked
    if case.query and (case.meta is None or case.meta.generation.mode.is_positive):
        case.query.pop("pagina", None)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("schemathesis")) as handle:
        yield handle


@CONTRACT.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_the_partner_answers_within_the_contract(
    case: schemathesis.Case, sandbox: SandboxHandle
) -> None:
    token = {"Authorization": f"Bearer {sandbox.secrets['dialoog']['token']}"}
    complete(case)
    case.call_and_validate(base_url=f"{sandbox.base_url}/dialoog", headers=token)
