"""Rows as they land: personal columns sealed, the rest as the CRM gave it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from connectors.crm.models import CrmRecord
from hub.canonical import to_canonical
from hub.config import load_config
from hub.insz import insz_status
from hub.keys import Keyring
from hub.persoon import persoon_context

_LONGEST_CHOICE = 80
_LONGEST_NAME = 80


def make_rows(
    records: Sequence[CrmRecord], tabel: str, keyring: Keyring
) -> list[tuple[object, ...]]:
    """Return one row per object, in the order of the columns its landing copies; the last wins."""
    latest = {record.object_id: record for record in records}
    make = _ROW_MAKERS[tabel]
    return [
        (
            record.object_id,
            *(_storable(value) for value in make(record, keyring)),
            record.etag,
            keyring.content_hash(_content(record)),
            record.gewijzigd_op,
        )
        for record in latest.values()
    ]


def _storable(value: object) -> object:
    # PostgreSQL text holds neither a NUL nor half a surrogate pair.
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _content(record: CrmRecord) -> bytes:
    # The etag counts as content: a write to the CRM needs the version it was decided on.
    velden = {name: to_canonical(value) for name, value in record.velden.items()}
    return json.dumps([record.etag, velden], sort_keys=True).encode()


def _seal(record: CrmRecord, names: Sequence[str], keyring: Keyring) -> tuple[bytes, str]:
    plain = json.dumps({name: record.velden.get(name) for name in names}).encode()
    return keyring.encrypt(plain, context=persoon_context(record.tabel, record.object_id))


def _profiel_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    insz = record.velden.get("insz")
    sealed, key_id = _seal(record, ("voornaam", "naam", "insz", "email", "telefoon"), keyring)
    status = insz_status(insz if isinstance(insz, str) else None)
    return (record.velden.get("contact_voorkeur"), status, sealed, key_id)


def _vraag_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    velden = record.velden
    sealed, key_id = _seal(record, ("onderwerp", "tekst"), keyring)
    return (
        velden.get("profiel_id"),
        velden.get("kanaal"),
        velden.get("ontvangen_op"),
        sealed,
        key_id,
    )


def _dossier_row(record: CrmRecord, keyring: Keyring) -> tuple[object, ...]:
    velden = record.velden
    filled = {
        veld: canonical
        for veld in load_config("velden")
        if (canonical := to_canonical(velden.get(veld))) is not None
    }
    plain = (
        "dossiernummer", "profiel_id", "vraag_id", "status", "start_akkoord", "start_akkoord_op",
        "consulent", "straat", "huisnummer", "busnummer", "postcode", "gemeente",
    )  # fmt: skip
    values = [velden.get(name) for name in plain]
    values[plain.index("start_akkoord")] = bool(velden.get("start_akkoord"))
    return (*values, json.dumps(filled), keyring.pseudonym(f"dossier:{record.object_id}"))


def _toestemming_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    return tuple(record.velden.get(n) for n in ("profiel_id", "doel", "ontvanger", "van", "tot"))


def _aanmelding_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    names = ("dossier_id", "soort", "partner", "volgnummer", "status")
    return tuple(record.velden.get(name) for name in names)


def _aanvraag_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    names = ("nummer", "dossier_id", "soort", "regeling", "status")
    values = (record.velden.get(name) for name in names)
    # A name of a scheme is short: what is longer is something else, and stays in the CRM.
    return tuple(one[:_LONGEST_NAME] if isinstance(one, str) else one for one in values)


def _stap_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    names = ("sleutel", "dossier_id", "soort", "status")
    choice = to_canonical(record.velden.get("keuze"))
    return (
        *(record.velden.get(name) for name in names),
        # A choice is a number: what is longer is something else, and stays in the CRM.
        choice and choice[:_LONGEST_CHOICE],
        record.velden.get("gebeurd_op"),
        record.velden.get("vervaldatum"),
    )


def _gegeven_row(record: CrmRecord, _: Keyring) -> tuple[object, ...]:
    names = ("suggestie", "beslissing")
    values = (to_canonical(record.velden.get(name)) for name in names)
    return (record.velden.get("dossier_id"), record.velden.get("veld"), *values)


_ROW_MAKERS: dict[str, Callable[[CrmRecord, Keyring], tuple[object, ...]]] = {
    "profiel": _profiel_row,
    "vraag": _vraag_row,
    "dossier": _dossier_row,
    "toestemming": _toestemming_row,
    "aanmelding": _aanmelding_row,
    "aanvraag": _aanvraag_row,
    "stap": _stap_row,
    "gegeven": _gegeven_row,
}
