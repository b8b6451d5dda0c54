"""The partners to whom residents are signed up: the table ``hub/config/partners.yml``.

``RENOVATIEHUB_PARTNERS`` names another table, to be read instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from connectors.aanmelding.models import Soort

TABLE: Final = Path(__file__).resolve().parent / "config" / "partners.yml"
KANALEN: Final = ("rest", "sftp", "crm")
# Without these no message of the contract can be made.
VERPLICHT: Final = frozenset(
    {
        "/referentie", "/soort", "/dossierNummer", "/ingediendOp", "/aanvrager/voornaam",
        "/aanvrager/naam", "/gebouw/straat", "/gebouw/huisnummer", "/gebouw/gemeente",
    }
)  # fmt: skip
BEKEND: Final = VERPLICHT | {
    "/aanvrager/email", "/aanvrager/telefoon", "/gebouw/busnummer", "/gebouw/postcode",
    "/gebouw/adresId", "/gebouw/gebouweenheidId", "/gebouw/bouwjaar", "/gebouw/energielabel",
    "/gebouw/kengetal", "/vraag",
}  # fmt: skip
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
# Destinations of the ledger that are no partners.
_TAKEN = frozenset({"crm", "dosis", "berichten"})


class PartnersError(ValueError):
    """The table cannot be used: what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One row of the table. ``soorten``: per kind the fields that leave, each with its reason."""

    code: str
    naam: str
    kanaal: str
    verbinding: str | None
    soorten: Mapping[str, Mapping[str, str]]

    @property
    def is_outside(self) -> bool:
        """Whether messages leave for this partner; a service of the city gets a task."""
        return self.kanaal != "crm"


def load_partners(path: Path | None = None) -> Mapping[str, Partner]:
    """Return the partners by their code, in the order of the table.

    Raises:
        PartnersError: the table is no good; nothing of it is used.
    """
    told = os.environ.get("RENOVATIEHUB_PARTNERS")
    return _read(path or (Path(told) if told else TABLE))


def list_outside() -> list[str]:
    """Return the codes of the partners that get messages: destinations of the ledger."""
    return [code for code, partner in load_partners().items() if partner.is_outside]


def list_later() -> list[str]:
    """Return the codes of the partners whose receipts come later: those that take files."""
    return [code for code, partner in load_partners().items() if partner.kanaal == "sftp"]


def get_partner(code: str) -> Partner:
    """Return one partner.

    Raises:
        PartnersError: the table has no such partner.
    """
    partner = load_partners().get(code)
    if partner is None:
        raise PartnersError(f"There is no partner {code!r}. Add it to hub/config/partners.yml.")
    return partner


@cache
def _read(path: Path) -> Mapping[str, Partner]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        rows = document["partners"].items()
    except (OSError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise PartnersError(
            f"{path}: no table of partners can be read ({type(error).__name__}). Correct the file."
        ) from error
    return {code: _partner(path, code, row) for code, row in rows}


def _partner(path: Path, code: str, row: Any) -> Partner:
    where = f"{path}: partner {code}"
    if not _CODE.match(str(code)) or code in _TAKEN:
        raise PartnersError(f"{where}: is no code for a partner. Use lower case and underscores.")
    if not isinstance(row, dict) or row.keys() - {"naam", "kanaal", "verbinding", "soorten"}:
        raise PartnersError(f"{where}: has naam, kanaal, verbinding and soorten, and nothing else.")
    if row.get("kanaal") not in KANALEN:
        raise PartnersError(f"{where}: kanaal is one of {', '.join(KANALEN)}.")
    outside = row["kanaal"] != "crm"
    if not row.get("naam") or outside != bool(row.get("verbinding")):
        raise PartnersError(
            f"{where}: needs a naam, and a verbinding when and only when messages leave."
        )
    soorten = row.get("soorten")
    if not isinstance(soorten, dict) or not soorten:
        raise PartnersError(f"{where}: needs soorten: what the partner does.")
    if outside and (unknown := sorted(soorten.keys() - set(Soort))):
        raise PartnersError(f"{where}: the contract has no kind {', '.join(unknown)}.")
    return Partner(
        code,
        row["naam"],
        row["kanaal"],
        row.get("verbinding"),
        {soort: _velden(f"{where}, {soort}", rule, outside) for soort, rule in soorten.items()},
    )


def _velden(where: str, rule: Any, outside: bool) -> Mapping[str, str]:
    velden = (rule or {}).get("velden") or {}
    if not outside:
        if velden:
            raise PartnersError(f"{where}: nothing leaves, so there are no velden. Take them away.")
        return {}
    if unknown := sorted(velden.keys() - BEKEND):
        raise PartnersError(f"{where}: the contract has no field {', '.join(unknown)}.")
    if missing := sorted(VERPLICHT - velden.keys()):
        raise PartnersError(f"{where}: the contract cannot do without {', '.join(missing)}.")
    if bare := sorted(name for name, reason in velden.items() if not str(reason or "").strip()):
        raise PartnersError(f"{where}: say why the partner needs {', '.join(bare)}.")
    return dict(velden)
