"""Which proof of a provider the page for residents takes: its own, of now, for this sign-on."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from sandbox.crm.bewoner.aanmelden import Aanbieder, SignOnError, redeem
from sandbox.crm.bewoner.sessie import Begin, Bewoner
from tests.connectors.scripted_server import Answer, Asked, serve

KEY = RSAKey.generate_key(2048, auto_kid=True)
OTHER = RSAKey.generate_key(2048, auto_kid=True)
JWKS = KeySet([KEY]).as_dict(private=False)
ORIGIN = "https://crm.example"
BEGIN = Begin("eenmalig", "verifier", "RD-0001-000001")
JSON = {"Content-Type": "application/json"}


def sign(key: RSAKey = KEY, alg: str = "RS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": f"{ORIGIN}/burger", "aud": "crm-bewonerspagina", "iat": now, "exp": now + 300,
        "nonce": BEGIN.nonce, "rrn": "45610300120", "given_name": "An", "family_name": "Maes",
        **changes,
    }  # fmt: skip
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": KEY.kid}, kept, key)


def encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def ask(id_token: str) -> tuple[Bewoner, list[Asked]]:
    """Redeem a code at a provider that gives this proof."""

    def answer(asked: Asked) -> Answer:
        told = JWKS if urlsplit(asked.path).path.endswith("/keys") else {"id_token": id_token}
        return Answer(200, json.dumps(told).encode(), JSON)

    with serve(answer) as server:
        aanbieder = Aanbieder(ORIGIN, f"{server.url}/burger/op/v1", "crm.example")
        return redeem("Basic geheim", aanbieder, BEGIN, "code"), server.asked


def test_a_good_proof_names_the_resident_and_the_code_was_shown_with_its_verifier() -> None:
    bewoner, asked = ask(sign())
    assert bewoner == Bewoner("45610300120", "An Maes")
    body = asked[0].body.decode()
    assert "code=code" in body and "code_verifier=verifier" in body
    assert ask(sign(given_name=None, family_name=None))[0].naam == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "van een andere aanmelding"},
        {"nonce": None},
        {"aud": "een-andere-toepassing"},
        {"iss": "https://aanvaller.example/burger"},
        {"exp": -60},
        {"exp": None},
        {"rrn": None},
        {"rrn": ""},
        {"iat": 600},
        {"key": OTHER},
    ],
    ids=[
        "other nonce",
        "no nonce",
        "audience",
        "issuer",
        "expired",
        "no end",
        "no number",
        "empty number",
        "from the future",
        "other key",
    ],
)
def test_a_proof_of_another_sign_on_application_time_or_key_proves_nothing(
    changes: dict[str, Any],
) -> None:
    # Seconds from now, which is when the test runs and not when it was collected.
    moments = {k: int(time.time()) + v for k, v in changes.items() if isinstance(v, int)}
    with pytest.raises(SignOnError):
        ask(sign(**{**changes, **moments}))


def test_a_proof_without_signature_or_sealed_with_the_public_key_proves_nothing() -> None:
    header, payload, signature = sign().split(".")
    none = encode(b'{"alg":"none"}')
    sealed = encode(b'{"alg":"HS256"}')
    signed = f"{sealed}.{payload}"
    seal = encode(hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256"))
    unsigned = (f"{none}.{payload}.", f"{header}.{payload}.", f"{header}.{signature}", "")
    for token in (*unsigned, f"{signed}.{seal}"):
        with pytest.raises(SignOnError):
            ask(token)
