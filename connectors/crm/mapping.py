"""Our tables and fields against the CRM's: read from mapping.yml, converts both ways, pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import UUID

import yaml

from connectors.crm.models import CrmChange, CrmRecord, Waarde
from connectors.transport.fields import parse_datetime

MAPPING_FILE: Final = Path(__file__).with_name("mapping.yml")


class MappingError(ValueError):
    """A table, field or value does not fit the mapping; the text holds names only."""


@dataclass(frozen=True, slots=True)
class Veld:
    """One field: its column (or navigation property) and the kind of value."""

    naam: str
    soort: str
    tabel: str | None = None

    @property
    def kolom(self) -> str:
        """The name under which the value is read."""
        return f"_{self.naam}_value" if self.soort == "lookup" else self.naam


@dataclass(frozen=True, slots=True)
class Tabel:
    """One table: its entity set, keys and fields."""

    naam: str
    set: str
    key: str
    alternate_key: str | None
    fields: Mapping[str, Veld]


class CrmMapping:
    """The tables of one CRM."""

    def __init__(self, tables: Mapping[str, Tabel]) -> None:
        self.tables = tables

    @classmethod
    def load(cls, path: Path = MAPPING_FILE) -> CrmMapping:
        """Read and check a mapping file.

        Raises: MappingError that names what is wrong.
        """
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = {str(naam): _table(str(naam), inhoud) for naam, inhoud in _dict(raw, "").items()}
        for table in tables.values():
            for naam, veld in table.fields.items():
                if veld.soort == "lookup" and veld.tabel not in tables:
                    raise MappingError(f"{table.naam}.{naam} looks up an unknown table")
            if table.alternate_key is not None and (
                table.alternate_key not in table.fields
                or table.fields[table.alternate_key].soort != "text"
            ):
                raise MappingError(f"the alternate key of {table.naam} is not a text field")
        return cls(tables)

    def table(self, tabel: str) -> Tabel:
        """Return a table by our name."""
        if tabel not in self.tables:
            raise MappingError(f"unknown table {tabel}")
        return self.tables[tabel]

    def columns(self, tabel: str, velden: Sequence[str] | None = None) -> str:
        """Return the columns to ask for: all that is mapped or these, and when a row changed."""
        table = self.table(tabel)
        fields = _chosen(table, velden)
        return ",".join([table.key, "modifiedon", *(veld.kolom for veld in fields.values())])

    def record(
        self, tabel: str, row: Mapping[str, object], velden: Sequence[str] | None = None
    ) -> CrmRecord:
        """Turn a row of the CRM into a record, of all fields that are mapped or of these.

        Raises: MappingError when a column is missing or holds another kind of value.
        """
        table = self.table(tabel)
        etag = row.get("@odata.etag")
        if not isinstance(etag, str) or not etag:
            raise MappingError(f"a row of {tabel} has no etag")
        object_id = _read(f"{tabel}.{tabel}_id", "lookup", _column(row, table.key, tabel))
        gewijzigd = _read(f"{tabel}.modifiedon", "datetime", _column(row, "modifiedon", tabel))
        if not isinstance(object_id, UUID) or not isinstance(gewijzigd, datetime):
            raise MappingError(f"a row of {tabel} has no key or no modification time")
        values = {
            naam: _read(f"{tabel}.{naam}", veld.soort, _column(row, veld.kolom, tabel))
            for naam, veld in _chosen(table, velden).items()
        }
        return CrmRecord(tabel, object_id, etag, gewijzigd, values)

    def address(self, tabel: str, object_id: UUID | None, sleutel: str | None) -> str:
        """Return the path of one row, by its primary or its alternate key."""
        table = self.table(tabel)
        if object_id is not None:
            return f"{table.set}({object_id})"
        if table.alternate_key is None or not sleutel:
            raise MappingError(f"{tabel} cannot be addressed by an alternate key")
        literal = quote(sleutel.replace("'", "''"), safe="")
        return f"{table.set}({table.fields[table.alternate_key].naam}='{literal}')"

    def body(self, change: CrmChange) -> dict[str, object]:
        """Return the JSON body of a change.

        Values may be typed, or texts that spell such a value. The alternate key stands in the
        address and not in the body.
        """
        table = self.table(change.tabel)
        body: dict[str, object] = {}
        for naam, waarde in change.velden.items():
            veld = table.fields.get(naam)
            if veld is None:
                raise MappingError(f"unknown field {change.tabel}.{naam}")
            if naam == table.alternate_key and change.sleutel is not None:
                continue
            value = _write(f"{change.tabel}.{naam}", veld.soort, waarde)
            if veld.soort == "lookup":
                target = self.table(veld.tabel or "").set
                body[f"{veld.naam}@odata.bind"] = None if value is None else f"/{target}({value})"
            else:
                body[veld.naam] = value
        return body


def _chosen(table: Tabel, velden: Sequence[str] | None) -> Mapping[str, Veld]:
    if velden is None:
        return table.fields
    if unknown := [naam for naam in velden if naam not in table.fields]:
        raise MappingError(f"unknown field {table.naam}.{unknown[0]}")
    return {naam: table.fields[naam] for naam in velden}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _int(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError
    return value


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return number


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_text(value))


def _datetime(value: object) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError
        return value.astimezone(UTC)
    return parse_datetime(_text(value))


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(_text(value))


_SOORTEN: Final[Mapping[str, Callable[[object], Waarde]]] = {
    "text": _text,
    "bool": _bool,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "lookup": _uuid,
}


def _read(where: str, soort: str, value: object) -> Waarde:
    try:
        return None if value is None else _SOORTEN[soort](value)
    except (ValueError, OverflowError):
        pass
    raise MappingError(f"{where} is not of kind {soort}")


def _write(where: str, soort: str, value: object) -> str | bool | int | float | None:
    if isinstance(value, str) and soort in ("int", "decimal"):
        try:
            value = int(value) if soort == "int" else Decimal(value)
        except (ValueError, InvalidOperation):
            value = object()
    typed = _read(where, soort, value)
    if isinstance(typed, Decimal):
        number = float(typed)
        if Decimal(str(number)) != typed:
            raise MappingError(f"{where} has more digits than a JSON number keeps")
        return number
    if isinstance(typed, datetime):
        return typed.isoformat().replace("+00:00", "Z")
    if isinstance(typed, date):
        return typed.isoformat()
    if isinstance(typed, UUID):
        return str(typed)
    return typed


def _column(row: Mapping[str, object], name: str, tabel: str) -> object:
    if name not in row:
        raise MappingError(f"a row of {tabel} has no column {name}")
    return row[name]


def _table(naam: str, raw: object) -> Tabel:
    inhoud = _dict(raw, naam)
    fields: dict[str, Veld] = {}
    for veld, deel in _dict(inhoud.get("fields"), f"{naam}.fields").items():
        where = f"{naam}.{veld}"
        parts = _dict(deel, where)
        soort = _name(parts.get("soort"), f"{where}.soort")
        if soort not in _SOORTEN:
            raise MappingError(f"{where} is of an unknown kind")
        tabel = _name(parts.get("tabel"), f"{where}.tabel") if soort == "lookup" else None
        fields[str(veld)] = Veld(_name(parts.get("naam"), f"{where}.naam"), soort, tabel)
    alternate = inhoud.get("alternate_key")
    return Tabel(
        naam,
        _name(inhoud.get("set"), f"{naam}.set"),
        _name(inhoud.get("key"), f"{naam}.key"),
        None if alternate is None else _name(alternate, f"{naam}.alternate_key"),
        fields,
    )


def _dict(raw: object, where: str) -> dict[object, object]:
    if not isinstance(raw, dict) or not raw:
        raise MappingError(f"{where or 'the mapping'} is not a table of names")
    return raw


def _name(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not raw:
        raise MappingError(f"{where} is not a name")
    return raw
