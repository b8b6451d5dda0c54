"""Checks a body against the published contract, and against what its own words say.

The contract file is read when it is there; without it the same rules are checked by hand, so the
simulator stays strict on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

CONTRACT = (
    Path(__file__).resolve().parents[2]
    / "connectors" / "aanmelding" / "contract" / "aanmelding.openapi.yaml"
)  # fmt: skip
Fout = dict[str, str]
Check = Callable[[Any], list[Fout]]

_CODES = {
    "required": "ontbreekt",
    "additionalProperties": "onbekend_veld",
    "type": "verkeerd_soort",
    "enum": "onbekende_waarde",
    "pattern": "verkeerde_vorm",
    "format": "verkeerde_vorm",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_SHAPES: dict[str, dict[str, tuple[type | tuple[type, ...], bool]]] = {
    "": {
        "referentie": (str, True), "soort": (str, True), "dossierNummer": (str, True),
        "ingediendOp": (str, True), "aanvrager": (dict, True), "gebouw": (dict, True),
        "vraag": (str, False),
    },
    "/aanvrager": {
        "voornaam": (str, True), "naam": (str, True), "email": (str, False),
        "telefoon": (str, False),
    },
    "/gebouw": {
        "straat": (str, True), "huisnummer": (str, True), "busnummer": (str, False),
        "postcode": (str, False), "gemeente": (str, True), "adresId": (str, False),
        "gebouweenheidId": (str, False), "bouwjaar": (int, False), "energielabel": (str, False),
        "kengetal": ((int, float), False),
    },
}  # fmt: skip


def load_check(path: Path = CONTRACT) -> Check:
    """Return the check of an aanmelding's body: an empty list means good."""
    if not path.exists():
        return check_by_hand
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    put = document["paths"]["/aanmeldingen/{referentie}"]["put"]
    schema = put["requestBody"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator(schema | {"components": document["components"]})

    def check(body: Any) -> list[Fout]:
        fouten = [fout for error in validator.iter_errors(body) for fout in _explain(error)]
        return fouten or _check_forms(body)

    return check


def check_by_hand(body: Any) -> list[Fout]:
    """Check names, kinds and forms without the contract file."""
    if not isinstance(body, dict):
        return [{"veld": "", "code": "verkeerd_soort"}]
    fouten: list[Fout] = []
    for pointer, shape in _SHAPES.items():
        part = body.get(pointer[1:], {}) if pointer else body
        if isinstance(part, dict):
            fouten += _check_shape(pointer, shape, part)
    return fouten or _check_forms(body)


def _check_shape(
    pointer: str, shape: dict[str, tuple[type | tuple[type, ...], bool]], part: dict[str, Any]
) -> list[Fout]:
    fouten = [
        {"veld": f"{pointer}/{naam}", "code": "onbekend_veld"} for naam in part if naam not in shape
    ]
    for naam, (kind, needed) in shape.items():
        if naam not in part:
            if needed:
                fouten.append({"veld": f"{pointer}/{naam}", "code": "ontbreekt"})
        elif not isinstance(part[naam], kind) or isinstance(part[naam], bool) or part[naam] == "":
            fouten.append({"veld": f"{pointer}/{naam}", "code": "verkeerd_soort"})
    return fouten


def _check_forms(body: dict[str, Any]) -> list[Fout]:
    """Check the formats that a JSON Schema validator leaves alone."""
    aanvrager, gebouw = body["aanvrager"], body["gebouw"]
    checks = (
        ("/referentie", is_reference(body["referentie"])),
        ("/ingediendOp", is_moment(body["ingediendOp"])),
        ("/aanvrager/email", "email" not in aanvrager or _EMAIL.match(aanvrager["email"])),
        ("/gebouw/postcode", re.fullmatch(r"[1-9]\d{3}", gebouw.get("postcode", "3000"))),
    )
    return [{"veld": veld, "code": "verkeerde_vorm"} for veld, good in checks if not good]


def is_reference(text: str) -> bool:
    """Tell whether a text is a UUID in lower case."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def is_uuid(text: str) -> bool:
    """Tell whether a text is a UUID, in capitals or not."""
    return is_reference(text.lower())


def is_moment(text: str) -> bool:
    """Tell whether a text is a moment with its time zone."""
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _explain(error: ValidationError) -> list[Fout]:
    pointer = "".join(f"/{part}" for part in error.absolute_path)
    code = _CODES.get(str(error.validator), "niet_toegelaten")
    if error.validator == "required":
        present: Any = error.instance
        needed: Any = error.validator_value
        return [{"veld": f"{pointer}/{n}", "code": code} for n in needed if n not in present]
    return [{"veld": pointer, "code": code}]
