"""Landed rows for the warehouse's tests, by name: the rest of each row is filled in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from hub.keys import Keyring
from hub.rapportage.load import load_rapportage
from hub.rapportage.pseudoniem import make_pseudoniemen
from tests.postgres_cluster import HubDatabase

FEITEN = (
    "dim_woning", "fct_dossier", "fct_stap", "fct_aanmelding", "fct_aanvraag", "fct_aanbeveling",
    "fct_bericht", "fct_bevraging",
)  # fmt: skip
DIMENSIES = ("dim_wijk", "dim_kanaal", "dim_partner", "dim_premie", "dim_stap")
KEYRING = Keyring("k1", {"k1": b"k" * 32}, b"p" * 32)
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
_LANDED: dict[str, Any] = {"etag": "1", "inhoud_hash": b"h", "gewijzigd_op": BEGIN}
_SEALED: dict[str, Any] = {"persoonsgegevens": b"x", "sleutel_id": "k1"}
# What a row has that its test does not tell.
DEFAULTS: dict[str, dict[str, Any]] = {
    "bron.crm_profiel": _LANDED | _SEALED | {"insz_status": "geldig"},
    "bron.crm_vraag": _LANDED | _SEALED,
    "bron.crm_dossier": _LANDED | {"voorinvulling": "{}", "pseudoniem": "p"},
    "bron.crm_aanmelding": _LANDED,
    "bron.crm_aanvraag": _LANDED,
    "bron.crm_toestemming": _LANDED,
    "bron.crm_stap": _LANDED,
    "bron.partner_voortgang": {"gewijzigd_op": BEGIN, "inhoud_hash": b"h", "partner": "dialoog"},
    "hub.woning": {"aangemaakt_op": BEGIN},
    "hub.dossier_woning": {
        "uitkomst": "gevonden", "pad": "x", "adres_hash": b"h", "gezocht_op": BEGIN,
    },
    "hub.gegeven": {"bron": "epc", "bron_object": "1", "opgehaald_op": BEGIN},
    "hub.bronstand": {"opnieuw_na": BEGIN},
    "hub.bericht": {"inhoud": b"x", "sleutel_id": "k1", "aangemaakt_op": BEGIN},
    "hub.quarantaine": {"redenen": ["x"]},
}  # fmt: skip
# Whose rows other rows name come first.
TABELLEN = tuple(DEFAULTS)
_NAME = re.compile(r"[a-z]+[0-9]*")
_MOMENT = re.compile(r"(?P<name>[a-z]+[0-9]*)@(?P<moment>.+)")


def key(name: str) -> UUID:
    """Return the key of a name: ``d1``, or ``m1@2026-03-01T10:00:00Z`` for one made then."""
    made = _MOMENT.fullmatch(name)
    if made is None:
        # Of version 4: its version must not be one that tells a moment.
        return UUID(hashlib.md5(name.encode()).hexdigest(), version=4)
    millis = int(datetime.fromisoformat(made["moment"]).timestamp() * 1000)
    rest = int.from_bytes(hashlib.md5(made["name"].encode()).digest()[:8])
    return UUID(int=millis << 80 | 0x7 << 76 | 0b10 << 62 | rest & (1 << 62) - 1)


class Magazijn:
    """A hub database with a warehouse, loaded under its role."""

    def __init__(self, database: HubDatabase) -> None:
        self.owner = database.engine("hub_eigenaar")
        self.engine = database.engine("hub_rapportage")
        self.keyring = KEYRING

    def empty(self) -> None:
        """Forget everything, also of the warehouse."""
        tables = [*TABELLEN, *(f"rapportage.{one}" for one in FEITEN)]
        tables += ["rapportage.pseudoniem", "rapportage.woning_wijk", "rapportage.lading"]
        self.do(f"TRUNCATE {', '.join(tables)}, hub.te_rapporteren CASCADE")

    def do(self, statement: str, **given: object) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(statement), given)

    def rows(self, statement: str, **given: object) -> list[tuple[Any, ...]]:
        with self.owner.begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement), given)]

    def land(self, tabel: str, **given: Any) -> None:
        """Add a row; keys may be given by name."""
        with self.owner.begin() as connection:
            land(connection, tabel, given)

    def load(self, **options: Any) -> dict[str, int]:
        return load_rapportage(self.engine, self.keyring, **options)

    def pseudonym(self, doel: str, name: str) -> str:
        return make_pseudoniemen(self.keyring).make(doel, key(name))

    def content(self, tables: tuple[str, ...] = FEITEN + DIMENSIES) -> dict[str, list[str]]:
        """Return every table of the warehouse as PostgreSQL writes it out, in order."""
        with self.owner.connect() as connection:
            return {one: read_table(connection, one) for one in tables}


def land(connection: Connection, tabel: str, given: Mapping[str, Any]) -> None:
    row = DEFAULTS[tabel] | {name: _read(name, value) for name, value in given.items()}
    if tabel == "hub.woning":
        row.setdefault("adres_id", str(row["woning_id"]))
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {tabel} ({columns}) VALUES ({values})"), row)


def _read(column: str, value: Any) -> Any:
    if column == "object_id" and isinstance(value, str):
        return str(key(value))
    is_key = column.endswith("_id") and column not in {"voortgang_id", "adres_id", "sleutel_id"}
    if is_key and isinstance(value, str):
        return key(value)
    if column == "sleutel" and isinstance(value, str) and ":" in value:
        kind, name = value.split(":", 1)
        return f"{kind}:{key(name)}"
    return value


def read_table(connection: Connection, table: str) -> list[str]:
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(f"COPY rapportage.{table} TO STDOUT") as copy:
        return sorted(b"".join(copy).decode().splitlines())
