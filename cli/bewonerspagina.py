"""Whether what residents find in Mijn Burgerprofiel leads them to the CRM's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import requests

from cli import outside
from cli.state import State

# So many addresses are opened, as a browser of nobody.
OPENED = 3
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Verwijzingen:
    """The links of the statuses that came to DOSIS: how many, and what is wrong with them."""

    aantal: int = 0
    fouten: tuple[str, ...] = ()


def name_moment() -> str:
    """Return now as the sandbox writes moments."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def check_links(state: State, since: str) -> Verwijzingen:
    """Look at every status that came in from `since` on, and open a few of their links.

    That of an application leads to the page of its dossier.

    Raises:
        CliError: the sandbox does not answer.
    """
    links: Mapping[str, str | None] = outside.control(
        state, "GET", "dosis/verwijzingen", params={"sinds": since}
    )
    applied = {
        row["nummer"]: row["dossiernummer"]
        for row in outside.control(state, "GET", "crm/stand")["aanvraag"]
    }
    ours = outside.base_url(state)
    fouten = []
    opened = 0
    for nummer, link in links.items():
        if link is None:
            fouten.append(f"the status of {nummer} in Mijn Burgerprofiel leads nowhere")
        elif quote(applied.get(nummer, nummer), safe="") not in link:
            fouten.append(f"the status of {nummer} in Mijn Burgerprofiel leads to another page")
        elif link.startswith(ours) and opened < OPENED:
            opened += 1
            if not _asks_who(link, ours):
                fouten.append(f"the link of {nummer} does not ask who the resident is")
    return Verwijzingen(len(links), tuple(fouten))


def _asks_who(link: str, ours: str) -> bool:
    """Tell whether a browser that signed on nowhere is led to the citizens' sign-on."""
    session = requests.Session()
    session.trust_env = False
    try:
        answer = session.get(link, allow_redirects=False, timeout=_SECONDS)
    except requests.RequestException:
        return False
    signing_on = answer.headers.get("Location", "").startswith(f"{ours}/burger/")
    return answer.is_redirect and signing_on
