"""The citizen's sign-on: a good request ends in one proof, anything else in none."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.sandbox.bewoner_raw import CLIENT_ID, Provider, make_challenge, query_of
from tests.sandbox_process import SandboxHandle

# A fictitious person: month + 60.
INSZ = "45610300120"


@pytest.fixture
def provider(sandbox: SandboxHandle) -> Provider:
    return Provider(sandbox)


@pytest.fixture
def city(sandbox: SandboxHandle, seed: int) -> int:
    sandbox.grow(5, seed)
    return seed


def test_a_test_number_of_these_tests_is_one() -> None:
    assert int(INSZ[9:]) == 97 - int(INSZ[:9]) % 97


def test_a_citizen_signs_on_and_the_client_gets_a_signed_proof(provider: Provider) -> None:
    page = provider.ask()
    assert page.status_code == 200
    answer = provider.sign_on(page.text, insz="45.61.03-001.20")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{provider.redirect_uri}?")
    told = query_of(answer.headers["Location"])
    assert told.keys() == {"code", "state"} and told["state"] == "stand"
    assert INSZ not in answer.headers["Location"]

    token = provider.redeem(told["code"])
    assert token.status_code == 200 and token.headers["Cache-Control"] == "no-store"
    session = provider.sandbox.session
    known = session.get(f"{provider.base}/.well-known/openid-configuration", timeout=10).json()
    keys = session.get(known["jwks_uri"], timeout=10).json()
    assert all("d" not in key for key in keys["keys"])
    proof = jwt.decode(token.json()["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"])
    assert proof.header["kid"] in {key["kid"] for key in keys["keys"]}
    claims = proof.claims
    assert claims["iss"] == known["issuer"] == provider.base
    assert (claims["aud"], claims["nonce"], claims["rrn"]) == (CLIENT_ID, "eenmalig", INSZ)
    assert claims["iat"] - 5 <= claims["auth_time"] <= claims["iat"] < claims["exp"]
    assert INSZ not in claims["sub"]
    header, payload, signature = token.json()["id_token"].split(".")
    forged = f"{header}.{payload[:-2]}AA.{signature}"
    with pytest.raises(JoseError):
        jwt.decode(forged, KeySet.import_key_set(keys), algorithms=["RS256"])


def test_a_resident_of_the_city_can_be_chosen(provider: Provider, city: int) -> None:
    known = provider.sandbox.resident(0, city)
    page = provider.ask().text
    assert known["dossiernummer"] in page or page.count("<option") > 200
    assert 'lang="nl"' in page and '<label for="insz">' in page and "<script" not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "een-ander"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://aanvaller.example/"},
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_registered(
    provider: Provider, changes: dict[str, str | None]
) -> None:
    answer = provider.ask(**changes)
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert "Aanmelden kan niet" in answer.text


@pytest.mark.parametrize("end", ["/", "?", "?a=1", "#x", "/../aangemeld", "x"])
def test_an_address_that_only_looks_like_the_registered_one_is_refused(
    provider: Provider, end: str
) -> None:
    answer = provider.ask(redirect_uri=f"{provider.redirect_uri}{end}")
    assert answer.status_code == 400 and "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": "openid alles"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "kort"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "e30.e30."}, "request_not_supported"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_to_the_client(
    provider: Provider, changes: dict[str, str | None], error: str
) -> None:
    answer = provider.ask(**changes)
    assert answer.status_code == 302
    told = query_of(answer.headers["Location"])
    assert told["error"] == error
    assert told.get("state") == changes.get("state", "stand")


def test_a_parameter_that_comes_twice_is_refused(provider: Provider) -> None:
    good = provider.ask().request.url
    assert good is not None
    twice = f"{good}&state=ander"
    answer = provider.sandbox.session.get(twice, allow_redirects=False, timeout=10)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "typed", ["", "abc", "45610300121", "85073003328", "456103001201", "4561030012"]
)
def test_who_is_no_fictitious_person_does_not_sign_on(provider: Provider, typed: str) -> None:
    page = provider.ask()
    answer = provider.sign_on(page.text, insz=typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert provider.sign_on(page.text, insz=INSZ).status_code == 303, "the page can be mended"


def test_a_page_is_used_once(provider: Provider) -> None:
    page = provider.ask()
    assert provider.sign_on(page.text, insz=INSZ).status_code == 303
    assert provider.sign_on(page.text, insz=INSZ).status_code == 400


def test_who_cancels_comes_back_without_a_code(provider: Provider) -> None:
    answer = provider.sign_on(provider.ask().text, annuleer="ja", insz=INSZ)
    assert query_of(answer.headers["Location"]) == {"error": "access_denied", "state": "stand"}


def test_a_code_is_good_once(provider: Provider) -> None:
    code = provider.get_code(INSZ)
    assert provider.redeem(code).status_code == 200
    again = provider.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert "used before" in again.json()["error_description"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code_verifier": "een-andere-verifier-van-drieenveertig-tekens-lang"}, "verifier"),
        ({"code_verifier": None}, "verifier"),
        ({"redirect_uri": "https://aanvaller.example/"}, "redirect_uri"),
        ({"redirect_uri": None}, "redirect_uri"),
    ],
)
def test_a_code_in_other_hands_is_worth_nothing_and_is_used_up(
    provider: Provider, changes: dict[str, str | None], says: str
) -> None:
    code = provider.get_code(INSZ)
    stolen = provider.redeem(code, **changes)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert says in stolen.json()["error_description"]
    assert provider.redeem(code).status_code == 400


def test_the_challenge_itself_is_no_verifier(provider: Provider) -> None:
    code = provider.get_code(INSZ)
    answer = provider.redeem(code, code_verifier=make_challenge(provider.verifier))
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_that_has_expired_is_refused(provider: Provider) -> None:
    provider.sandbox.change_settings("acm", code_geldig=0.0)
    answer = provider.redeem(provider.get_code(INSZ))
    assert "expired" in answer.json()["error_description"]


@pytest.mark.parametrize("secret", ["", "geraden"])
def test_only_the_registered_client_redeems(provider: Provider, secret: str) -> None:
    code = provider.get_code(INSZ)
    answer = provider.redeem(code, secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert provider.redeem(code).status_code == 200, "a stranger does not use it up"


def test_the_journal_tells_what_was_refused_and_names_nobody(provider: Provider) -> None:
    provider.redeem(provider.get_code(INSZ), code_verifier="x")
    lines = [line for line in provider.sandbox.journal("acm") if "burger" in line["operatie"]]
    assert {"burger_auth", "burger_aanmelden", "burger_token"} <= {
        line["operatie"] for line in lines
    }
    assert INSZ not in str(lines)
    assert not any(line["effect"] for line in lines)
