"""Judges a v1 upload at once, field by field, and writes it as the dossier that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from lxml import etree

from sandbox.magda.dosis import CODES, PRODUCTEN, is_insz
from sandbox.magda.xml import Element, make

Fout = tuple[str, str]
"""A field with what is wrong with it."""

_LONGEST = 255
_NAMES = {
    "": {
        "Identificatie", "UploadId", "Naam", "WijzigingsDatum", "Status", "Doorverwijzing",
        "TypeDossierCode", "Producten", "DossierBeheerder", "Agenten",
    },
    "Identificatie": {"Bron", "DossierNummer"},
    "Status": {"VlaamsCode", "VlaamsFase", "Detail1", "Actie"},
    "Status.Actie": {"ActieNodig", "Actie"},
    "DossierBeheerder": {"Naam", "Dienst", "Telefoon", "Email", "Website", "Adres"},
}  # fmt: skip


def judge(body: Mapping[str, Any]) -> list[Fout]:
    """Return everything that is wrong with an upload."""
    fouten: list[Fout] = []
    for path, known in _NAMES.items():
        found = _get(body, path) if path else body
        if isinstance(found, dict):
            fouten += [(_join(path, name), "onbekend veld") for name in found.keys() - known]
        elif found is not None:
            fouten.append((path, "geen object"))
    checks: list[tuple[str, bool, Callable[[Any], bool]]] = [
        ("Identificatie.Bron", True, _is_url),
        ("Identificatie.DossierNummer", True, _is_text),
        ("UploadId", True, _is_uuid),
        ("Naam", True, _is_text),
        ("WijzigingsDatum", True, _is_moment),
        ("Status.VlaamsFase", True, lambda fase: fase in CODES),
        ("Status.VlaamsCode", True, lambda code: _is_code(body, code)),
        ("Status.Detail1", False, _is_text),
        ("Status.Actie.ActieNodig", False, lambda flag: isinstance(flag, bool)),
        ("Status.Actie.Actie", False, _is_text),
        ("Doorverwijzing", False, _is_url),
        ("TypeDossierCode", True, lambda code: code == "DossierStatus"),
        ("DossierBeheerder.Dienst", False, _is_text),
        ("Producten", True, _is_product),
        ("Agenten", True, _are_agents),
    ]
    for path, required, holds in checks:
        value = _get(body, path)
        if value is None:
            if required:
                fouten.append((path, "ontbreekt"))
        elif not holds(value):
            fouten.append((path, "ongeldig of onbekend"))
    return fouten


def write_dossier(body: Mapping[str, Any]) -> tuple[Element, str]:
    """Write a judged upload as MAGDA's dossier; return it, and its message as text."""
    status, beheerder = body["Status"], body.get("DossierBeheerder") or {}
    moment = body["WijzigingsDatum"]
    parts = [
        make(
            "Identificatie",
            None,
            make("Bron", body["Identificatie"]["Bron"]),
            make("Dossiernummer", body["Identificatie"]["DossierNummer"]),
        ),
        make("Naam", body["Naam"]),
        make("DatumModificatie", moment),
        _write_status(status, moment),
        make("Type", body["TypeDossierCode"]),
        make("Producten", None, make("Product", int(body["Producten"][0]["Id"]))),
    ]
    if beheerder.get("Dienst"):
        dienst = make("Dienst", None, make("Omschrijving", beheerder["Dienst"]))
        parts.append(make("Beheerder", None, make("Contact", None, dienst)))
    if body.get("Doorverwijzing"):
        parts.append(make("Doorverwijzing", body["Doorverwijzing"]))
    subjecten = (
        make(
            "Subject",
            None,
            make("Rol", agent["Toegangsrechten"][0]["Code"]),
            make("Type", "PERS"),
            make("Sleutel", agent["Identificatie"]),
        )
        for agent in body["Agenten"]
    )
    dossier = make("Dossier", None, *parts, make("Subjecten", None, *subjecten))
    message = make("Bericht", None, make("Vraag", None, make("Inhoud", None, dossier)))
    return dossier, etree.tostring(message, encoding="unicode")


def _write_status(status: Mapping[str, Any], moment: str) -> Element:
    parts = [make("Code", status["VlaamsCode"]), make("Fase", status["VlaamsFase"])]
    if status.get("Detail1"):
        parts.append(make("Details", None, make("Detail", status["Detail1"])))
    parts.append(make("DatumModificatie", moment))
    if status.get("Actie"):
        action = status["Actie"]
        told = [make("ActieNodig", int(bool(action.get("ActieNodig"))))]
        if action.get("Actie"):
            told.append(make("Omschrijving", action["Actie"]))
        parts.append(make("Actie", None, *told))
    return make("Status", None, *parts)


def _get(body: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _is_url(value: Any) -> bool:
    if not isinstance(value, str) or not value.isascii() or " " in value:
        return False
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_code(body: Mapping[str, Any], code: Any) -> bool:
    return isinstance(code, str) and code in CODES.get(str(_get(body, "Status.VlaamsFase")), ())


def _is_product(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        return False
    number = str(value[0].get("Id"))
    return value[0].keys() == {"Id"} and number.isdigit() and int(number) in PRODUCTEN


def _are_agents(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_agent(one) for one in value)


def _is_agent(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"Identificatie", "Toegangsrechten"}
        and is_insz(str(value["Identificatie"]))
        and value["Toegangsrechten"] == [{"Code": "Raadpleger"}]
    )
