"""Between a bundle and its JSON; pure, checked by what is known of the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator

from connectors.mijnburgerprofiel.notificaties.models import (
    NotificatieBundel,
    Ontvangen,
    OntvangenBladzijde,
)
from connectors.transport.fields import JsonObject

_FOLDER: Final = Path(__file__).parent


@cache
def load_vorm() -> Mapping[str, Any]:
    """Read how the parts are written whose schema is not known."""
    vorm: Mapping[str, Any] = yaml.safe_load((_FOLDER / "vorm.yml").read_text(encoding="utf-8"))
    return vorm


@cache
def load_categorieen() -> Mapping[str, Mapping[str, list[str]]]:
    """Read which pairs each category asks and allows."""
    text = (_FOLDER / "contract" / "categorieen.json").read_text(encoding="utf-8")
    categorieen: Mapping[str, Mapping[str, list[str]]] = json.loads(text)
    return categorieen


@cache
def _validator() -> Draft202012Validator:
    text = (_FOLDER / "contract" / "notificatiebundel.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(
        json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def bundel_to_json(bundel: NotificatieBundel) -> dict[str, object]:
    """Write a bundle as the body of a request; what is not known is left out."""
    vorm = load_vorm()
    paren = vorm["paren"]
    body: dict[str, object] = {
        "Id": str(bundel.bundel_id),
        "AanbiederUri": bundel.aanbieder_uri,
        "Bestemmelingen": [{vorm["bestemmeling"]: insz} for insz in bundel.bestemmelingen],
        "Categorie": bundel.categorie,
        "DatumNotificatie": bundel.datum.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "Kanalen": [{vorm["kanaal"]: kanaal} for kanaal in bundel.kanalen],
        "ProductId": bundel.product_id,
        "MerkCode": bundel.merk_code,
        paren["lijst"]: [
            {paren["sleutel"]: sleutel, paren["waarde"]: waarde}
            for sleutel, waarde in bundel.waarden.items()
        ],
    }
    if bundel.transactie_id is not None:
        body["TransactieId"] = bundel.transactie_id
    if bundel.vervaldatum is not None:
        body["Vervaldatum"] = bundel.vervaldatum.isoformat()
    return body


def find_faults(bundel: NotificatieBundel, body: object) -> list[str]:
    """Return where a bundle breaks what is known of the contract, by which rule; never values."""
    faults = [
        f"/{'/'.join(str(step) for step in error.absolute_path)} {error.validator}"
        for error in _validator().iter_errors(body)
    ]
    asked = load_categorieen().get(bundel.categorie)
    if asked is None:
        return [*faults, "/Categorie is not in contract/categorieen.json"]
    filled = {sleutel for sleutel, waarde in bundel.waarden.items() if waarde.strip()}
    faults += [f"/{sleutel} is missing" for sleutel in asked["verplicht"] if sleutel not in filled]
    known = {*asked["verplicht"], *asked["facultatief"]}
    begins = tuple(asked["facultatief_begint_met"])
    return faults + [
        f"/{sleutel} is no key of this category"
        for sleutel in bundel.waarden
        if sleutel not in known and not sleutel.startswith(begins)
    ]


def map_ontvangen(raw: JsonObject) -> OntvangenBladzijde:
    """Read a page of what a receiver holds."""
    items = []
    for item in raw.children("berichten"):
        aantal = item.optional_integer("aantal")
        items.append(Ontvangen(item.uuid("Id"), 1 if aantal is None else aantal))
    return OntvangenBladzijde(tuple(items), raw.optional_text("volgende"))
