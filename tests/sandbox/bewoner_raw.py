"""A resident's browser without script, and the client behind the page: plain requests."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.sandbox_process import SandboxHandle

CLIENT_ID = "crm-bewonerspagina"


def make_challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def client_secret(sandbox: SandboxHandle) -> str:
    key = sandbox.secrets["control_token"].encode()
    return hmac.new(key, f"burger/{CLIENT_ID}".encode(), hashlib.sha256).hexdigest()


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@dataclass
class Provider:
    """The sign-on as a client asks it; every part can be changed."""

    sandbox: SandboxHandle
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def base(self) -> str:
        return f"{self.sandbox.base_url}/burger"

    @property
    def redirect_uri(self) -> str:
        return f"{self.sandbox.base_url}/crm/bewoner/aangemeld"

    def ask(self, **changes: str | None) -> requests.Response:
        """Ask who it is; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile rrn",
            "state": "stand",
            "nonce": "eenmalig",
            "code_challenge": make_challenge(self.verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in asked.items() if value is not None}
        return self.sandbox.session.get(
            f"{self.base}/op/v1/auth", params=sent, allow_redirects=False, timeout=10
        )

    def sign_on(self, page: str, **form: str) -> requests.Response:
        """Fill in the page where a person signs on."""
        return self.sandbox.session.post(
            f"{self.base}/op/v1/aanmelden",
            data={"vraag": read_hidden(page, "vraag"), **form},
            allow_redirects=False,
            timeout=10,
        )

    def get_code(self, insz: str, **changes: str | None) -> str:
        answer = self.sign_on(self.ask(**changes).text, insz=insz)
        assert answer.status_code == 303, answer.text
        return query_of(answer.headers["Location"])["code"]

    def redeem(
        self, code: str, secret: str | None = None, **changes: str | None
    ) -> requests.Response:
        """Show a code with its verifier."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.sandbox.session.post(
            f"{self.base}/op/v1/token",
            data={name: value for name, value in form.items() if value is not None},
            auth=(CLIENT_ID, client_secret(self.sandbox) if secret is None else secret),
            timeout=10,
        )


def read_hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', page)
    assert found, page
    return unescape(found[1])


class Browser:
    """Keeps cookies, follows redirects, fills in the sign-on."""

    def __init__(self, sandbox: SandboxHandle) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, path: str, *, follow: bool = True) -> requests.Response:
        url = path if path.startswith("http") else f"{self.sandbox.base_url}{path}"
        return self.session.get(url, allow_redirects=follow, timeout=20)

    def open_as(self, path: str, insz: str) -> requests.Response:
        """Open a page, sign on when that is asked, and return where it ends."""
        page = self.open(path)
        if "Wie bent u?" not in page.text:
            return page
        return self.session.post(
            f"{self.sandbox.base_url}/burger/op/v1/aanmelden",
            data={"vraag": read_hidden(page.text, "vraag"), "insz": insz},
            timeout=20,
        )

    def sign_off(self) -> requests.Response:
        return self.session.post(f"{self.sandbox.base_url}/crm/bewoner/afmelden", timeout=10)
