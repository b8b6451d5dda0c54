"""What a certificate says becomes values, each element under a name that stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

from connectors.woningpas.epc.models import (
    KENGETAL,
    Aanbeveling,
    Epc,
    EpcAdres,
    NieuweAanbeveling,
    Score,
    Uitvoeringsmethode,
)
from connectors.woningpas.epc.models_gebouw import Installaties
from hub.provenance import Waarneming
from hub.woning.epc_waarden import choose_epc, read_values
from tests.connectors.epc.lees_epc import lees_epc

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def score(waarde: str | None, label: str | None = None) -> Score:
    figure = Decimal(waarde) if waarde is not None else None
    return Score(
        KENGETAL, figure, "kWh/m²", label, None, None, None, None, None, None, None, None,
        Decimal("465.70"), None, Decimal("420.02"),
    )  # fmt: skip


EPC = Epc(
    epc_id="1", attestnummer="20210401-0001000004-1", bouwjaar=1931, bouwjaar_gekend=True,
    datum_modificatie=datetime(2021, 4, 2, tzinfo=UTC), actief=True, status="Geldig",
    datum_ingediend=date(2021, 4, 1), datum_geldigheid=date(2031, 4, 1), type_aangifte=None,
    eenheid_type="EPC bestaand", alle_scores=(score("430"),), kleurcode=None,
    adres=EpcAdres(None, None, None, None, None, None), gebouweenheid_ids=(), gebouw_ids=(),
    aard_van_de_werken=None, omschrijving=None, bestemming="Wonen", bouwvorm="gesloten",
    gebouwtypes=("eengezinswoning",), beschermd_volume=Decimal("512.00"),
    bruto_vloeroppervlakte=None, luchtdichtheid=None, verlies_oppervlakte=None, schildelen=(),
    installaties=Installaties(), aanbevelingen=(), nieuwe_aanbevelingen=(), documenten=(),
)  # fmt: skip


def read(epc: Epc) -> dict[tuple[str, str], Waarneming]:
    values = read_values(epc, today=TODAY, now=NOW)
    found = {(value.veld, value.onderdeel): value for value in values}
    assert len(found) == len(values), "two values stand under one name"
    return found


def test_a_label_the_source_gives_is_not_derived_and_one_it_omits_is() -> None:
    derived = read(EPC)["epc_label", ""]
    assert (derived.waarde, derived.afgeleid) == ("E", True)
    given = read(replace(EPC, alle_scores=(score("430", "D"),)))["epc_label", ""]
    assert (given.waarde, given.afgeleid) == ("D", False)


def test_the_renovatieplicht_may_apply_from_label_e_and_is_derived() -> None:
    assert read(EPC)["renovatieplicht", ""].waarde == "mogelijk"
    assert read(EPC)["renovatieplicht", ""].afgeleid
    better = read(replace(EPC, alle_scores=(score("180"),)))
    assert better["renovatieplicht", ""].waarde == "niet_van_toepassing"


def test_a_certificate_without_key_figure_gives_no_label_and_no_duty() -> None:
    values = read(replace(EPC, alle_scores=()))
    assert not {"epc_label", "epc_kengetal", "renovatieplicht"} & {veld for veld, _ in values}


def test_of_an_expired_certificate_only_the_building_remains() -> None:
    old = replace(
        EPC,
        datum_geldigheid=date(2026, 11, 23),
        aanbevelingen=(Aanbeveling("Standaard", "Gevel", "Isolatie", "10 m²", None),),
    )
    assert {veld for veld, _ in read(old)} == {
        "epc_attestnummer", "epc_geldig_tot", "bouwjaar", "gebouwtype", "bouwvorm", "bestemming",
        "beschermd_volume",
    }  # fmt: skip


def test_the_last_day_of_validity_still_counts() -> None:
    assert ("epc_label", "") in read(replace(EPC, datum_geldigheid=TODAY))


def test_averages_stand_beside_their_score() -> None:
    held = json.loads(read(EPC)["epc_score", KENGETAL].waarde)
    assert held["waarde"] == "430"
    assert held["gemiddelde_gemeente"] == "465.7"
    assert held["gemiddelde_provincie"] is None


def test_a_new_recommendation_carries_the_price_range_over_all_its_methods() -> None:
    advice = NieuweAanbeveling(
        "Dak", "Isolatie dak", None, "Het dak is niet geïsoleerd.",
        (
            Uitvoeringsmethode("Langs buiten", 2, 14000, 21000),
            Uitvoeringsmethode("Langs binnen", 1, 6000, None),
        ),
        None, 1, None, None, Decimal("300"),
    )  # fmt: skip
    held = json.loads(
        read(replace(EPC, nieuwe_aanbevelingen=(advice,)))["aanbeveling", "Isolatie dak / "].waarde
    )
    assert (held["prijs_van"], held["prijs_tot"]) == ("6000", "21000")
    assert held["omschrijving"] == "Het dak is niet geïsoleerd. – Langs binnen – Langs buiten"


def test_an_added_recommendation_leaves_the_names_of_the_others() -> None:
    one = Aanbeveling("Standaard", "Plafond", "Isolatie", "28,4 m²", None)
    two = Aanbeveling("Standaard", "Gevel", "Isolatie", "10 m²", None)
    before = read(replace(EPC, aanbevelingen=(one, one)))
    after = read(replace(EPC, aanbevelingen=(two, one, one)))
    assert {name for name in before if name[0] == "aanbeveling"} == {
        ("aanbeveling", "Plafond / Isolatie"),
        ("aanbeveling", "Plafond / Isolatie #2"),
    }
    assert all(after[name].waarde == before[name].waarde for name in before)


def test_the_owners_answer_gives_every_part_and_installation_a_name(voorbeelden: Path) -> None:
    answer = etree.parse(str(voorbeelden / "geefepc" / "antwoord_bestaande_woning.xml"))
    epc = lees_epc(next(iter(answer.iterfind(".//Epc"))))
    values = read(replace(epc, datum_geldigheid=None))
    parts = [deel for schildeel in epc.schildelen for deel in schildeel.constructiedelen]
    assert sum(veld == "schildeel" for veld, _ in values) == len(parts) > 10
    assert sum(veld == "aanbeveling" for veld, _ in values) == len(epc.aanbevelingen) == 7
    assert ("installatie", "ruimteverwarming") in values


def test_the_newest_certificate_in_force_counts_whatever_the_order() -> None:
    old = replace(EPC, datum_geldigheid=date(2020, 1, 1), datum_ingediend=date(2026, 1, 1))
    inactive = replace(EPC, actief=False, datum_ingediend=date(2026, 2, 1))
    assert choose_epc([old, inactive, EPC], TODAY) is EPC
    assert choose_epc([old, inactive], TODAY) is old
    assert choose_epc([inactive], TODAY) is None
