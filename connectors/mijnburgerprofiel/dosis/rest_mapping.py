"""Between a dossier and the JSON of DOSIS REST v1; `rest_velden.yml` has the spelling. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from connectors.mijnburgerprofiel.dosis.mapping import ROL_LEZER, TYPE_DOSSIER
from connectors.mijnburgerprofiel.dosis.models import (
    DosisDossier,
    MislukteRegistratie,
    Resultaat,
)
from connectors.transport.fields import JsonObject
from connectors.transport.magda import read_moment

_BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Velden:
    """The owner's names: of paths, of questions, and of the fields of a dossier and a receipt."""

    paden: Mapping[str, str]
    vraag: Mapping[str, str]
    dossier: Mapping[str, str]
    product: Mapping[str, str]
    agent: Mapping[str, str]
    resultaat: Mapping[str, str]

    @classmethod
    def load(cls, path: Path | None = None) -> Velden:
        """Read the names; without a path, those of this package."""
        chosen = path or Path(__file__).with_name("rest_velden.yml")
        return cls(**yaml.safe_load(chosen.read_text(encoding="utf-8")))

    def write_dossier(self, dossier: DosisDossier) -> dict[str, Any]:
        """Return the body of a registration: the moment in Belgian time, whole seconds, offset.

        Raises:
            ValueError: `datum_modificatie` has no offset.
        """
        if dossier.datum_modificatie.tzinfo is None:
            raise ValueError("datum_modificatie needs an offset")
        moment = dossier.datum_modificatie.astimezone(_BRUSSELS).replace(microsecond=0)
        status = dossier.status
        values: dict[str, Any] = {
            "bron": dossier.bron,
            "dossiernummer": dossier.dossiernummer,
            "upload_id": str(dossier.upload_id),
            "naam": dossier.naam,
            "datum_modificatie": moment.isoformat(),
            "code": status.code,
            "fase": status.fase,
            "detail": status.detail,
            "actie_nodig": status.actie_nodig,
            "actie": status.actie,
            "doorverwijzing": dossier.doorverwijzing,
            "type": TYPE_DOSSIER,
            "dienst": dossier.beheerder_dienst,
        }
        body: dict[str, Any] = {}
        for name, value in values.items():
            if value is not None:
                _put(body, self.dossier[name], value)
        agent = self.agent
        body[self.product["lijst"]] = [{self.product["id"]: dossier.product}]
        rights = [{agent["recht"]: ROL_LEZER}]
        body[agent["lijst"]] = [{agent["insz"]: dossier.insz, agent["rechten"]: rights}]
        return body

    def read_resultaat(self, answer: JsonObject) -> Resultaat:
        """Return a receipt.

        Raises:
            ContractError: it does not say whether it went well, or a moment is none.
        """
        gelukt = answer.values.get(self.resultaat["gelukt"])
        if not isinstance(gelukt, bool):
            answer.refuse(self.resultaat["gelukt"], "is not true or false")
        return Resultaat(True, gelukt, self._read_moment(answer), self._read_fouten(answer))

    def read_mislukt(self, answer: JsonObject) -> MislukteRegistratie:
        """Return an upload that failed.

        Raises:
            ContractError: a field is of another kind.
        """
        key = answer.optional_child(self.resultaat["identificatie"])
        number = key.optional_text(self.resultaat["dossiernummer"]) if key is not None else None
        return MislukteRegistratie(number, self._read_moment(answer), self._read_fouten(answer))

    def _read_fouten(self, answer: JsonObject) -> tuple[str, ...]:
        name = self.resultaat["fouten"]
        if answer.values.get(name) is None:
            return ()
        omschrijving = self.resultaat["omschrijving"]
        return tuple(fout.optional_text(omschrijving) or "" for fout in answer.children(name))

    def _read_moment(self, answer: JsonObject) -> datetime | None:
        name = self.resultaat["tijdstip"]
        text = answer.optional_text(name)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None:
            answer.refuse(name, "is not a moment")
        return read_moment(moment)


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    for name in parents:
        body = body.setdefault(name, {})
    body[last] = value
