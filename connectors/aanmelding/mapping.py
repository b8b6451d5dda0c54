"""Between our records and the JSON of the aanmelding contract; pure, checked by its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from jsonschema import Draft202012Validator

from connectors.aanmelding.models import (
    Aanmelding,
    AanmeldingStand,
    Bewaarplicht,
    Intrekking,
    Ontvangst,
    Soort,
    StandenBladzijde,
    Status,
    Uitkomst,
)
from connectors.transport.fields import JsonObject

CONTRACT_FILE: Final = Path(__file__).parent / "contract" / "aanmelding.openapi.yaml"

Keuze = TypeVar("Keuze", bound=StrEnum)


@cache
def load_contract() -> Mapping[str, Any]:
    """Read the published contract, once."""
    contract: Mapping[str, Any] = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    return contract


@cache
def _validator() -> Draft202012Validator:
    schemas = load_contract()["components"]["schemas"]
    # With its references filled in, one check takes a third of the time.
    return Draft202012Validator(
        _filled(schemas["Aanmelding"], schemas),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def _filled(schema: Any, schemas: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_filled(item, schemas) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _filled(schemas[str(schema["$ref"]).rpartition("/")[2]], schemas)
    return {name: _filled(item, schemas) for name, item in schema.items()}


def find_faults(body: object) -> list[str]:
    """Return where a request body breaks the contract and by which rule, never its values."""
    return [
        f"/{'/'.join(str(step) for step in error.absolute_path)} {error.validator}"
        for error in _validator().iter_errors(body)
    ]


def aanmelding_to_json(aanmelding: Aanmelding) -> dict[str, object]:
    """Write an aanmelding as the body of a request; what is not known is left out."""
    aanvrager, gebouw = aanmelding.aanvrager, aanmelding.gebouw
    return _known(
        referentie=str(aanmelding.referentie),
        soort=aanmelding.soort.value,
        dossierNummer=aanmelding.dossiernummer,
        ingediendOp=aanmelding.ingediend_op.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        aanvrager=_known(
            voornaam=aanvrager.voornaam,
            naam=aanvrager.naam,
            email=aanvrager.email,
            telefoon=aanvrager.telefoon,
        ),
        gebouw=_known(
            straat=gebouw.straat,
            huisnummer=gebouw.huisnummer,
            busnummer=gebouw.busnummer,
            postcode=gebouw.postcode,
            gemeente=gebouw.gemeente,
            adresId=gebouw.adres_id,
            gebouweenheidId=gebouw.gebouweenheid_id,
            bouwjaar=gebouw.bouwjaar,
            energielabel=gebouw.energielabel,
            kengetal=_number(gebouw.kengetal),
        ),
        vraag=aanmelding.vraag,
    )


def map_ontvangst(raw: JsonObject, etag: str | None) -> Ontvangst:
    """Read a receipt."""
    return Ontvangst(
        raw.uuid("referentie"),
        raw.moment("ontvangenOp"),
        etag,
        raw.optional_text("ontvangstnummer"),
    )


def map_stand(raw: JsonObject, etag: str | None) -> AanmeldingStand:
    """Read what the partner holds."""
    intrekking = raw.optional_child("intrekking")
    return AanmeldingStand(
        referentie=raw.uuid("referentie"),
        soort=read_choice(raw, "soort", Soort),
        status=read_choice(raw, "status", Status),
        ontvangen_op=raw.moment("ontvangenOp"),
        gewijzigd_op=raw.moment("gewijzigdOp"),
        idempotency_key=raw.text("idempotencyKey"),
        etag=etag,
        ontvangst_nummer=raw.optional_text("ontvangstnummer"),
        intrekking=None if intrekking is None else map_intrekking(intrekking),
    )


def map_standen(raw: JsonObject) -> StandenBladzijde:
    """Read a page of what the partner holds."""
    return StandenBladzijde(
        tuple(map_stand(item, None) for item in raw.children("items")),
        raw.optional_text("volgende"),
    )


def map_intrekking(raw: JsonObject) -> Intrekking:
    """Read what became of a withdrawn aanmelding; keeping it needs a duty."""
    uitkomst = read_choice(raw, "uitkomst", Uitkomst)
    plicht = None
    if uitkomst is Uitkomst.BEWAARD:
        duty = raw.child("bewaarplicht")
        plicht = Bewaarplicht(
            duty.text("reden"), duty.text("rechtsgrond"), duty.optional_day("bewarenTot")
        )
    return Intrekking(raw.uuid("referentie"), uitkomst, raw.moment("ingetrokkenOp"), plicht)


def read_choice(raw: JsonObject, name: str, keuze: type[Keuze]) -> Keuze:
    """Return one of the contract's values, which must be there."""
    text = raw.text(name)
    if text not in keuze.__members__.values():
        raw.refuse(name, "is not a known value")
    return keuze(text)


def _known(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
