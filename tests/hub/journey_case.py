"""What the journey's tests share: the hard cases and ways to look at both sides."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.journey import Journey

RESIDENTS = 26
CASES = {
    "normal": 0, "geen_start": 1, "geen_toestemming": 2, "toestemming_verlopen": 3, "geen_insz": 4,
    "geen_epc": 5, "meerdere_epcs": 6, "epc_verlopen": 7, "epc_zonder_label": 8,
    "adres_dubbelzinnig": 9, "adres_onbekend": 10, "appartement": 11, "appartement_zonder_bus": 12,
    "adres_verwijderd": 13, "huisnummer_bus": 15, "epc_ander_adres": 16, "typed_value": 17,
}  # fmt: skip


def dossiernummer(case: str) -> str:
    return f"RD-0001-{CASES[case] + 1:06d}"


def read_rows(journey: Journey, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
    with journey.engines["eigenaar"].begin() as connection:
        return [tuple(row) for row in connection.execute(text(statement), parameters)]


def crm_dossier(journey: Journey, case: str) -> dict[str, Any]:
    dossier_id = read_rows(
        journey,
        "SELECT dossier_id FROM bron.crm_dossier WHERE dossiernummer = :n",
        n=dossiernummer(case),
    )[0][0]
    record = journey.crm.get(tabel="dossier", object_id=dossier_id)
    assert record is not None
    return dict(record.velden) | {"dossier_id": dossier_id}


def crm_gegeven(journey: Journey, case: str, veld: str) -> dict[str, Any]:
    dossier_id = crm_dossier(journey, case)["dossier_id"]
    record = journey.crm.get(tabel="gegeven", sleutel=f"{dossier_id}:{veld}")
    assert record is not None, f"{case} has no gegeven {veld}"
    return dict(record.velden)
