"""Judges a bundle by what is known of the contract; what is not known is a setting."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.magda.dosis import is_insz

_CONTRACT = (
    Path(__file__).resolve().parents[2]
    / "connectors" / "mijnburgerprofiel" / "notificaties" / "contract"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundel:
    """A bundle that is taken in."""

    bundel_id: str
    inszs: tuple[str, ...] = field(repr=False)
    dossiernummer: str
    categorie: str
    waarden: dict[str, str] = field(repr=False)
    vervaldatum: date | None


class RefusedBundelError(Exception):
    """Not taken in: a code, and the field it is about; never what was in it."""

    def __init__(self, status: int, code: str, veld: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.veld = status, code, veld


class Keuring:
    """The checks on a bundle; ``settings`` are the simulator's, read at every bundle."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._schema = Draft202012Validator(
            _read("notificatiebundel.schema.json"),
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        self._categorieen = _read("categorieen.json")

    def read(self, body: Any) -> Bundel:
        """Return the bundle of a body.

        Raises:
            RefusedBundelError: the service does not take it in.
        """
        for error in self._schema.iter_errors(body):
            path = "/".join(str(step) for step in error.absolute_path)
            missing = sorted(set(error.validator_value) - set(body)) if _is_missing(error) else []
            raise RefusedBundelError(400, f"contract.{error.validator}", (missing or [path])[0])
        _check_moment(body["DatumNotificatie"])
        if body["MerkCode"] not in self._settings["merken"].split():
            raise RefusedBundelError(422, "merk.onbekend", "MerkCode")
        if not 1 <= body["ProductId"] <= self._settings["grootste_product"]:
            raise RefusedBundelError(422, "product.onbekend", "ProductId")
        known = self._settings["kanalen"].split()
        for kanaal in self._texts(body, "Kanalen", self._settings["kanaal"]):
            if kanaal not in known:
                raise RefusedBundelError(422, "kanaal.onbekend", "Kanalen")
        inszs = self._texts(body, "Bestemmelingen", self._settings["bestemmeling"])
        if not all(is_insz(insz) for insz in inszs):
            raise RefusedBundelError(422, "bestemmeling.ongeldig", "Bestemmelingen")
        waarden = self._pairs(body)
        self._check_category(body["Categorie"], waarden)
        end = body.get("Vervaldatum")
        return Bundel(
            bundel_id=body["Id"].lower(),
            inszs=tuple(dict.fromkeys(inszs)),
            dossiernummer=waarden["DossierNummer"],
            categorie=body["Categorie"],
            waarden=waarden,
            vervaldatum=None if end is None else date.fromisoformat(end),
        )

    def _texts(self, body: dict[str, Any], lijst: str, veld: str) -> list[str]:
        """Return one text of each object of a list, which holds nothing else."""
        for item in body[lijst]:
            if set(item) != {veld} or not isinstance(item[veld], str) or not item[veld]:
                raise RefusedBundelError(400, "contract.vorm", lijst)
        return [item[veld] for item in body[lijst]]

    def _pairs(self, body: dict[str, Any]) -> dict[str, str]:
        names = (self._settings[name] for name in ("paren", "paar_sleutel", "paar_waarde"))
        lijst, sleutel, waarde = names
        pairs = body.get(lijst)
        if not isinstance(pairs, list):
            raise RefusedBundelError(400, "contract.required", lijst)
        found: dict[str, str] = {}
        for pair in pairs:
            if not isinstance(pair, dict) or set(pair) != {sleutel, waarde}:
                raise RefusedBundelError(400, "contract.vorm", lijst)
            name, value = pair[sleutel], pair[waarde]
            if not isinstance(name, str) or not isinstance(value, str) or name in found:
                raise RefusedBundelError(400, "contract.vorm", lijst)
            if len(value) > self._settings["langste_waarde"]:
                raise RefusedBundelError(422, "waarde.te-lang", name)
            found[name] = value
        return found

    def _check_category(self, categorie: str, waarden: dict[str, str]) -> None:
        asked = self._categorieen.get(categorie)
        if asked is None:
            raise RefusedBundelError(422, "categorie.onbekend", "Categorie")
        for sleutel in asked["verplicht"]:
            if not waarden.get(sleutel, "").strip():
                raise RefusedBundelError(422, "sleutel.ontbreekt", sleutel)
        known = {*asked["verplicht"], *asked["facultatief"]}
        begins = tuple(asked["facultatief_begint_met"])
        for sleutel in waarden:
            if sleutel not in known and not sleutel.startswith(begins):
                raise RefusedBundelError(422, "sleutel.onbekend", "Categorie")


def _read(name: str) -> Any:
    return json.loads((_CONTRACT / name).read_text(encoding="utf-8"))


def _is_missing(error: Any) -> bool:
    return error.validator == "required" and isinstance(error.instance, dict)


def _check_moment(text: str) -> None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise RefusedBundelError(400, "contract.vorm", "DatumNotificatie")
