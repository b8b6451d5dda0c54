"""What the woningfiche says, and what it says when a source says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.woning.beeld import Woningbeeld
from hub.woningfiche.inhoud import compose_fiche
from hub.woningfiche.model import Regel, Woningfiche, fingerprint, to_plain
from hub.woningfiche.tekst import clean_text, show_number, show_price
from tests.hub.woningfiche.beelden import (
    KENGETAL,
    STANDEN,
    VANDAAG,
    aanbeveling,
    beeld,
    stand,
    typisch,
    waarde,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
LABELS = ("A+", "A", "B", "C", "D", "E", "F")


def fiche(made: Woningbeeld, vandaag: date = VANDAAG) -> Woningfiche:
    return compose_fiche(made, dossiernummer="RD-0001-000001", vandaag=vandaag)


def line(regels: tuple[Regel, ...], naam: str) -> Regel:
    found = [regel for regel in regels if regel.naam == naam]
    assert len(found) == 1, f"{naam}: {[regel.naam for regel in regels]}"
    return found[0]


@pytest.mark.parametrize(
    ("bron", "naam", "says"),
    [
        ("bodem", "Bodem", "geen gegevens bekend (dat wil niet zeggen: niet verontreinigd)"),
        ("erfgoed", "Erfgoed", "geen aanduiding gekend"),
        ("vergunningen", "Vergunning", "geen vergunning gekend in deze lagen"),
        ("overstroming", "Overstroming (regen)", "klasse A: geen overstroming gemodelleerd"),
    ],
)
def test_a_source_that_answered_and_holds_nothing_is_worded_for_that_source(
    bron: str, naam: str, says: str
) -> None:
    regel = line(fiche(beeld(standen=(stand(bron, "geen"),))).omgeving.regels, naam)
    assert regel.waarde == says
    assert regel.herkomst is not None
    assert regel.herkomst.datum == "24/11/2026"


@pytest.mark.parametrize("uitkomst", ["geweigerd", "opnieuw", "geen_recht", "niet_gevraagd"])
@pytest.mark.parametrize(
    ("bron", "naam"),
    [
        ("bodem", "Bodem"),
        ("erfgoed", "Erfgoed"),
        ("vergunningen", "Vergunning"),
        ("overstroming", "Overstroming"),
    ],
)
def test_a_source_that_gave_no_answer_concludes_nothing(
    bron: str, naam: str, uitkomst: str
) -> None:
    made = fiche(beeld(standen=(stand(bron, uitkomst, "De reden in gewone taal."),)))
    regel = line(made.omgeving.regels, naam)
    assert regel.waarde == "niet gekend: de reden in gewone taal"
    assert regel.herkomst is None
    told = next(b for b in made.bronnen if "de reden" in b.uitkomst)
    assert told.ontbreekt


def test_a_source_without_any_state_is_said_not_to_be_asked() -> None:
    made = fiche(beeld())
    assert all(bron.ontbreekt and bron.datum is None for bron in made.bronnen)
    assert len(made.bronnen) == 7
    assert "nog niet gevraagd" in (made.kaart.melding or "")


def test_every_line_of_a_typical_dwelling_has_its_source_and_day() -> None:
    made = fiche(typisch())
    for regel in (*made.energie.regels, *made.woning.regels, *made.omgeving.regels):
        assert regel.herkomst is not None, regel.naam
        assert regel.herkomst.bron
        assert regel.herkomst.datum == "24/11/2026", "the day in Brussels, not in UTC"
    assert made.energie.werken_herkomst is not None
    assert made.kaart.herkomst is not None


def test_the_next_label_says_how_much_less_it_takes() -> None:
    hierna = fiche(typisch()).energie.hierna
    assert hierna[0] == "Label D vraagt hoogstens 400 kWh/m²jaar: 31 minder dan nu, of 7\u00a0%."
    assert hierna[1] == "Na alle aanbevelingen samen: 96 kWh/m²jaar, label A (afgeleid)."


def test_a_label_that_the_source_gives_for_afterwards_is_not_called_derived() -> None:
    score = {"waarde": "431", "na_aanbevelingen": "96", "label_na_aanbevelingen": "B"}
    given_label = typisch(waarde("epc_score", score, onderdeel=KENGETAL), zonder=("epc_score",))
    assert fiche(given_label).energie.hierna[1].endswith("label B.")


def test_the_best_label_has_nothing_after_it() -> None:
    best = typisch(waarde("epc_label", "A+"), zonder=("epc_label", "epc_score"))
    assert fiche(best).energie.hierna == ("Label A+ is het beste label.",)


def test_an_expired_certificate_is_marked_and_promises_no_next_label() -> None:
    energie = fiche(typisch(), date(2029, 4, 2)).energie
    assert line(energie.regels, "Verlopen op").waarde == "01/04/2029"
    assert "verlopen" in energie.meldingen[0]
    assert energie.hierna == ()
    assert energie.tekening is not None
    assert "verlopen" in energie.tekening.alt
    assert fiche(typisch(), date(2029, 4, 1)).energie.hierna != (), "the last day still counts"


def test_recommendations_go_by_priority_with_indicative_cost() -> None:
    made = beeld(
        aanbeveling(1, prioriteit="10", omschrijving="laatst"),
        aanbeveling(2, prioriteit=None, omschrijving="zonder prioriteit"),
        aanbeveling(3, prioriteit="2", omschrijving="eerst", prijs_van=None, prijs_tot=750),
    )
    energie = fiche(made).energie
    assert [w.omschrijving for w in energie.werken] == ["eerst", "laatst", "zonder prioriteit"]
    assert energie.werken[0].prijs == "€\u00a0750"
    assert energie.werken_samen == "€\u00a010.750 – 17.750"


def test_a_total_says_how_many_works_name_no_price() -> None:
    samen = fiche(typisch()).energie.werken_samen
    assert samen == "€\u00a020.500 – 31.000, zonder 1 werk(en) waarvan geen prijs gekend is"


def test_the_duty_to_renovate_is_told_as_possible_with_how_sure_the_rule_is() -> None:
    derived = waarde("renovatieplicht", "mogelijk", afgeleid=True)
    plicht = fiche(beeld(waarde("epc_label", "F"), derived)).plicht
    assert plicht is not None
    assert plicht.waarde == "kan van toepassing zijn"
    assert "weet de hub niet" in (plicht.toelichting or "")
    assert plicht.herkomst is not None
    assert "onbevestigd" in plicht.herkomst.bron
    assert plicht.herkomst.datum == "23/11/2026"


def test_the_duty_follows_what_was_derived() -> None:
    derived = waarde("renovatieplicht", "niet_van_toepassing", afgeleid=True)
    assert fiche(beeld(waarde("epc_label", "F"), derived)).plicht is None


def test_without_a_valid_label_the_duty_cannot_be_judged() -> None:
    plicht = fiche(beeld(waarde("epc_label", "F"), waarde("epc_geldig_tot", "2020-01-01"))).plicht
    assert plicht is not None
    assert plicht.waarde == "niet te beoordelen zonder geldig label"


def test_envelope_parts_of_a_kind_stand_together_with_their_mean_insulation() -> None:
    woning = fiche(typisch()).woning
    muur = line(woning.regels, "Muur")
    assert muur.waarde == "60 m², U\u00a01,6\u00a0W/m²K"
    assert muur.herkomst is not None and muur.herkomst.afgeleid
    dak = line(woning.regels, "Dak")
    assert dak.herkomst is not None and not dak.herkomst.afgeleid


def test_an_unreadable_element_is_counted_and_the_others_stay() -> None:
    broken = waarde("erfgoed", "{geen json", onderdeel="x", bron="erfgoed")
    good = waarde("erfgoed", {"naam": "Hoeve", "type": "beschermd monument"}, bron="erfgoed")
    omgeving = fiche(beeld(broken, good)).omgeving
    assert line(omgeving.regels, "Erfgoed").waarde == "Hoeve"
    assert omgeving.meldingen == ("Erfgoed: 1 gegeven(s) van de bron zijn niet leesbaar.",)


def test_many_permits_are_counted_beyond_what_the_page_tells() -> None:
    permits = [
        waarde("vergunning", {"soort": "verkaveling"}, onderdeel=f"P{i}", bron="vergunningen")
        for i in range(9)
    ]
    omgeving = fiche(beeld(*permits)).omgeving
    assert sum(regel.naam == "Vergunning" for regel in omgeving.regels) == 6
    assert "Vergunning: nog 3 andere, zie de bron." in omgeving.meldingen


def test_the_newest_permits_and_the_heritage_that_holds_are_told_first() -> None:
    permits = [
        waarde(
            "vergunning",
            {"soort": "verkaveling", "datum_indiening": f"20{year}-01-01"},
            onderdeel=f"P{year}",
            bron="vergunningen",
        )
        for year in range(10, 19)
    ]
    heritage = [
        waarde("erfgoed", {"naam": naam, "tot": tot}, onderdeel=naam, bron="erfgoed")
        for naam, tot in (("Geschrapt", "2019-01-01"), ("Hoeve", None))
    ]
    regels = fiche(beeld(*permits, *heritage)).omgeving.regels
    assert [r.waarde[-3:] for r in regels if r.naam == "Vergunning"] == [
        "P18", "P17", "P16", "P15", "P14", "P13",
    ]  # fmt: skip
    assert [r.waarde for r in regels if r.naam == "Erfgoed"] == ["Hoeve", "Geschrapt"]
    assert any("tot 01/01/2019" in (r.toelichting or "") for r in regels)


def test_asking_again_without_news_makes_no_other_page() -> None:
    later = typisch()
    again = Woningbeeld(
        later.woning_id,
        {
            veld: tuple(
                replace(w, opgehaald_op=w.opgehaald_op + timedelta(days=40), bron_versie="v2")
                for w in values
            )
            for veld, values in later.waarden.items()
        },
        {
            s.bron: replace(s, gevraagd_op=s.gevraagd_op + timedelta(days=40))
            for s in later.bronnen.values()
            if s.gevraagd_op is not None
        },
    )
    first, second = (to_plain(fiche(one, day)) for one, day in (
        (later, VANDAAG), (again, VANDAAG + timedelta(days=40)),
    ))  # fmt: skip
    assert first != second
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(
    "changed",
    [
        waarde("epc_kengetal", "430"),
        waarde("bouwjaar", "1932"),
        waarde("overstroming_pluviaal", "C", bron="overstroming"),
        waarde("adres", "Voorbeeldstraat 14", bron="basisregisters"),
        waarde("positie", "POINT(173009 174006)", bron="basisregisters"),
        waarde("epc_label", "E", afgeleid=False),
    ],
    ids=lambda value: value.veld,
)
def test_any_changed_value_makes_another_page(changed: Any) -> None:
    before = fingerprint(to_plain(fiche(typisch())))
    after = fingerprint(to_plain(fiche(typisch(changed, zonder=(changed.veld,)))))
    assert before != after


def test_a_source_that_falls_away_makes_another_page() -> None:
    silent = tuple(stand("bodem", "opnieuw") if s.bron == "bodem" else s for s in STANDEN)
    known = tuple(value for values in typisch().waarden.values() for value in values)
    before, after = (
        fingerprint(to_plain(fiche(beeld(*known, standen=standen))))
        for standen in (STANDEN, silent)
    )
    assert before != after


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["perceel", "epc_score", "schildeel", "installatie", "aanbeveling", "erfgoed",
                 "vergunning", "bodemuitspraak", "epc_label", "epc_kengetal", "epc_geldig_tot",
                 "positie", "gebouw_geometrie", "overstroming_zee", "adres", "bouwjaar",
                 "beschermd_volume", "renovatieplicht", "overstroming_pluviaal"]
            ),
            st.text(max_size=40) | JSON,
            st.text(max_size=20) | st.just(KENGETAL),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_a_source_wrote_the_page_is_composed(
    given_values: list[tuple[str, Any, str]],
) -> None:
    values = [waarde(veld, value, onderdeel=deel) for veld, value, deel in given_values]
    made = fiche(beeld(*values, standen=STANDEN))
    assert to_plain(made)["bronnen"], "a page always says where it looked"


@settings(deadline=None)
@given(st.sampled_from(LABELS), st.decimals(-50, 900, places=1))
def test_the_step_to_the_next_label_is_never_negative(label: str, figure: Decimal) -> None:
    made = fiche(beeld(waarde("epc_label", label), waarde("epc_kengetal", str(figure))))
    assert made.energie.hierna
    assert all("-" not in step.partition("vraagt")[2] for step in made.energie.hierna)


@settings(deadline=None)
@given(st.text())
def test_clean_text_is_one_line_without_anything_invisible(text: str) -> None:
    cleaned = clean_text(text)
    assert len(cleaned) <= 240
    assert cleaned == clean_text(cleaned)
    assert not any(c in cleaned for c in "\n\r\t\x00\u202e\u200b\u2066\ufeff")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("1234567.5", 1, "1.234.567,5"), ("0.5", 0, "1"), ("-0.2", 0, "0"), ("1998", 0, "1.998"),
        ("12.50", 2, "12,5"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_in_flanders(value: str, digits: int, shown: str) -> None:
    assert show_number(Decimal(value), digits) == shown


def test_a_range_of_prices_is_put_in_order() -> None:
    assert show_price(Decimal(900), Decimal(100)) == "€\u00a0100 – 900"
    assert show_price(Decimal(-1), None) is None
