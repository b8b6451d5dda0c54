"""The sandbox's ACM takes an assertion only when every claim holds, and each one once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from cli import certificates
from tests.sandbox_process import SandboxHandle, acm_client, running_sandbox

AUDIENCE = "https://authenticatie.vlaanderen.be/op"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ABSENT = object()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    with running_sandbox(tmp_path_factory.mktemp("acm")) as running:
        yield running


def make_assertion(
    sandbox: SandboxHandle, *, key: bytes | None = None, alg: str = "RS256", **changes: Any
) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": certificates.ACM_CLIENT,
        "sub": certificates.ACM_CLIENT,
        "aud": AUDIENCE,
        "jti": str(uuid4()),
        "exp": now + 300,
        "iat": now,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not ABSENT}
    own = key or certificates.key_file(sandbox.folder, certificates.ACM).read_bytes()
    return jwt.encode({"alg": alg}, claims, RSAKey.import_key(own), algorithms=[alg])


def ask(sandbox: SandboxHandle, assertion: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": "dosis",
    } | changes
    return sandbox.session.post(f"{sandbox.base_url}/acm/op/v1/token", data=form, timeout=10)


def test_an_assertion_whose_claims_hold_brings_a_token(sandbox: SandboxHandle) -> None:
    answer = ask(sandbox, make_assertion(sandbox))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "dosis")


def test_an_assertion_is_taken_once(sandbox: SandboxHandle) -> None:
    assertion = make_assertion(sandbox)
    assert ask(sandbox, assertion).status_code == 200
    again = ask(sandbox, assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://authenticatie.vlaanderen.be/op/v1/token"},
        {"aud": ABSENT},
        {"iss": "een-ander"},
        {"sub": "een-ander"},
        {"sub": ABSENT},
        {"jti": ABSENT},
        {"jti": ""},
        {"exp": ABSENT},
        {"exp": int(time.time()) - 60},
        {"exp": int(time.time()) + 3600},
        {"exp": "straks"},
        {"iat": int(time.time()) + 3600},
        {"alg": "RS512"},
    ],
    ids=range(13),
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    sandbox: SandboxHandle, changes: dict[str, Any]
) -> None:
    answer = ask(sandbox, make_assertion(sandbox, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_an_assertion_of_another_key_is_refused(sandbox: SandboxHandle, tmp_path: Path) -> None:
    certificates.prepare_acm(tmp_path)
    other = certificates.key_file(tmp_path, certificates.ACM).read_bytes()
    assert ask(sandbox, make_assertion(sandbox, key=other)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"scope": "iets"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "x"}, 401, "invalid_client"),
        ({"client_id": "een-ander"}, 401, "invalid_client"),
        ({"client_assertion": "a.b"}, 401, "invalid_client"),
    ],
)
def test_a_question_of_another_shape_is_refused(
    sandbox: SandboxHandle, changes: dict[str, str], status: int, error: str
) -> None:
    answer = ask(sandbox, make_assertion(sandbox), **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_private_key_stays_with_the_hub(sandbox: SandboxHandle) -> None:
    registered = certificates.clients_file(sandbox.folder).read_text(encoding="utf-8")
    assert "PRIVATE" not in registered and '"d"' not in registered
    path = certificates.key_file(sandbox.folder, certificates.ACM)
    assert path.stat().st_mode & 0o077 == 0
    assert acm_client(sandbox, "dosis").sleutel not in repr(acm_client(sandbox)).encode()
