"""The CRM's own page where a resident follows a dossier: one address, by one setting.

Both the status in Mijn Burgerprofiel and the message about it carry it. The page asks who the
resident is; the number in the address opens nothing by itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from hub.config import load_config
from hub.insz import accepts_test

VARIABLE: Final = "RENOVATIEHUB_BEWONERSPAGINA"
_PLACE: Final = "{dossiernummer}"
# What an address may hold: the signs of a URI (RFC 3986), all of them ASCII.
_URI: Final = re.compile(r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+\Z")
_SAMPLE: Final = "RD-0000-000000"


class BewonerspaginaError(ValueError):
    """The setting is no address of a page: what is wrong with it, and what to give."""


def make_link(dossiernummer: str) -> str | None:
    """Return the address of a dossier's page; None when the city has none.

    Raises:
        BewonerspaginaError: the setting cannot be used; no message may leave with it.
    """
    template = read_template()
    if template is None:
        return None
    return template.replace(_PLACE, quote(dossiernummer, safe=""))


def read_template(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the address with ``{dossiernummer}`` in it; None when the city has no such page.

    The environment (this process's, or one that is handed in) goes before ``bewonerspagina`` in
    ``hub/config/dossierstatus.yml``. Plain http is good only where fictitious persons are accepted:
    in the sandbox.

    Raises:
        BewonerspaginaError: it is not an address that can be sent.
    """
    env = os.environ if environment is None else environment
    template = env.get(VARIABLE) or load_config("dossierstatus")["bewonerspagina"]
    if not template:
        return None
    wrong = _find_fault(str(template), plain_http=accepts_test(env))
    if wrong is not None:
        raise BewonerspaginaError(
            f"The address of the resident's page {wrong}. No status or message leaves with it. "
            f"Give {VARIABLE}, or bewonerspagina in hub/config/dossierstatus.yml, an address like "
            f"https://crm.example/dossier/{_PLACE}, or leave it empty."
        )
    return str(template)


def _find_fault(template: str, *, plain_http: bool) -> str | None:
    if template.count(_PLACE) != 1:
        return f"does not hold {_PLACE} once"
    if not _URI.match(template.replace(_PLACE, _SAMPLE)):
        return "holds a space, another name between braces, or a sign that no address has"
    try:
        parts = urlsplit(template)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "cannot be read as an address"
    if not host or _PLACE in parts.netloc:
        return "names no host of its own"
    if parts.username is not None or parts.password is not None:
        return "holds a name or password"
    if parts.scheme == "https" or (parts.scheme == "http" and plain_http):
        return None
    return "is not https, which only a sandbox with fictitious persons may do without"
