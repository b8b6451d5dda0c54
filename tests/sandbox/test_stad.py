"""The city is a pure function of (seed, i); addresses, numbers and EPCs hold together."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from shapely import Point, Polygon, STRtree, box

from sandbox.basisregisters.gebeurtenissen import FEEDS, count_beginnings, list_beginnings
from sandbox.stad.bewoner import build_bewoner, build_tst_insz
from sandbox.stad.city import City
from sandbox.stad.epcs import KENGETAL
from sandbox.stad.gebouwen import list_gebouwen, list_percelen
from sandbox.stad.gevallen import VAST, get_geval
from sandbox.stad.vlakken import find_capakey, find_in_box
from sandbox.stad.woning import get_woning

CAPAKEY = re.compile(r"[0-9]{5}[A-Z][0-9]{4}/[0-9]{2}[A-Z_][0-9]{3}")


def grown(residents: int) -> City:
    """Return a city with dwellings."""
    city = City()
    city.grow(residents)
    return city


def test_a_resident_is_the_same_every_time_and_differs_by_seed() -> None:
    assert build_bewoner(5, 77) == build_bewoner(5, 77)
    assert build_bewoner(5, 77).guid("dossier") != build_bewoner(6, 77).guid("dossier")
    assert build_bewoner(5, 77).guid("dossier") != build_bewoner(5, 77).guid("profiel")


def test_no_address_exists_twice_in_a_city_of_thousands() -> None:
    texts = Counter(
        (adres.straat.straatnaam_id, adres.huisnummer, adres.busnummer)
        for i in range(6000)
        for adres in get_woning(i).adressen
    )
    assert texts.most_common(1)[0][1] == 1


def test_ids_of_addresses_units_and_buildings_never_meet() -> None:
    woningen = [get_woning(i) for i in range(2000)]
    adressen = {a.adres_id for w in woningen for a in w.adressen}
    eenheden = {e.gebouweenheid_id for w in woningen for e in w.eenheden}
    gebouwen = {e.gebouw_id for w in woningen for e in w.eenheden}
    assert adressen.isdisjoint(eenheden)
    assert adressen.isdisjoint(gebouwen)
    assert eenheden.isdisjoint(gebouwen)


def test_about_sixty_two_percent_has_nothing_special() -> None:
    for seed in (1, 2, 42):
        share = Counter(get_geval(seed, i) for i in range(25, 5025))
        assert 0.58 <= share["normal"] / 5000 <= 0.66
        assert set(VAST) <= set(share)


def test_every_insz_is_a_valid_test_number_except_in_its_own_case() -> None:
    seen = set()
    for i in range(3000):
        bewoner = build_bewoner(1, i)
        if bewoner.insz is None:
            assert bewoner.geval == "geen_insz"
            continue
        first, check = bewoner.insz[:9], int(bewoner.insz[9:])
        assert 61 <= int(first[2:4]) <= 72
        valid = check in (97 - int(first) % 97, 97 - int("2" + first) % 97)
        assert valid == (bewoner.geval != "crm_fout_insz")
        seen.add(bewoner.insz)
    assert len(seen) > 2800


def test_a_birth_from_2000_puts_a_two_before_the_check() -> None:
    insz = build_tst_insz(date(2001, 3, 4), 12)
    assert insz.startswith("016304012")
    assert int(insz[9:]) == 97 - int("2016304012") % 97


def test_an_epc_is_found_by_unit_building_address_and_attest() -> None:
    city = grown(300)
    for i in (0, 6, 11, 15):
        woning = get_woning(i)
        adres, eenheid = woning.adressen[woning.bewoond], woning.eenheden[woning.bewoond]
        epcs = city.epcs_for_gebouweenheid(eenheid.gebouweenheid_id)
        assert epcs
        found = city.epcs_for_adres(
            adres.straat.naam.upper(), adres.huisnummer, adres.busnummer, adres.postcode, "Leuven"
        )
        assert found == epcs
        assert set(epcs) <= set(city.epcs_for_gebouw(eenheid.gebouw_id))
        for epc in epcs:
            assert city.epcs_for_attest(epc.attestnummer) == (epc,)
            assert epc.kengetal == next(s.waarde for s in epc.scores if s.type == KENGETAL)
            assert 2 <= len(epc.aanbevelingen) <= 3
    assert city.epcs_for_gebouweenheid(1) == ()
    assert city.epcs_for_attest("20200101-9999999999-1") == ()


def test_the_cases_of_epcs_are_what_their_names_say() -> None:
    city = grown(25)
    today = date(2026, 11, 23)

    def epcs(case: str) -> list[tuple[bool, bool, bool]]:
        woning = get_woning(VAST.index(case))
        eenheid = woning.eenheden[woning.bewoond]
        own = (woning.adressen[woning.bewoond].adres_id, (eenheid.gebouweenheid_id,))
        return [
            (
                epc.datum_geldigheid >= today,
                epc.label is not None,
                (epc.adres_id, epc.gebouweenheid_ids) == own,
            )
            for epc in city.epcs_for_gebouweenheid(eenheid.gebouweenheid_id)
        ]

    assert epcs("geen_epc") == []
    assert [valid for valid, _, _ in epcs("meerdere_epcs")] == [False, True, True]
    assert [valid for valid, _, _ in epcs("epc_verlopen")] == [False]
    assert [(valid, label) for valid, label, _ in epcs("epc_zonder_label")] == [(True, False)]
    assert [own for _, _, own in epcs("epc_ander_adres")] == [False]
    assert [own for _, _, own in epcs("normal")] == [True]


def test_most_epcs_carry_no_label() -> None:
    city = grown(1000)
    labels = [
        epc.label
        for i in range(1000)
        for eenheid in get_woning(i).eenheden[:1]
        for epc in city.epcs_for_gebouweenheid(eenheid.gebouweenheid_id)
    ]
    assert 0.05 <= sum(label is not None for label in labels) / len(labels) <= 0.25


def test_every_dwelling_with_a_unit_stands_in_a_building_on_a_parcel_of_its_own() -> None:
    seen = set()
    for i in range(1500):
        woning = get_woning(i)
        gebouwen, percelen = list_gebouwen(woning), list_percelen(woning)
        assert {g.gebouw_id for g in gebouwen} == {e.gebouw_id for e in woning.eenheden}
        for perceel in percelen:
            assert CAPAKEY.fullmatch(perceel.capakey)
            assert perceel.capakey not in seen
            seen.add(perceel.capakey)
            assert find_capakey(perceel.capakey) == i
            assert find_capakey(perceel.capakey.replace("/", "-")) == i
        for gebouw in gebouwen:
            outline = Polygon(gebouw.voetafdruk.buiten, gebouw.voetafdruk.gaten)
            (parcel,) = (p for p in percelen if p.capakey == gebouw.capakey)
            assert outline.is_valid
            assert Polygon(parcel.vlak.buiten).contains(outline)
            assert gebouw.gebouw_id in parcel.gebouw_ids
            units = [e for e in woning.eenheden if e.gebouw_id == gebouw.gebouw_id]
            assert all(outline.contains(Point(e.positie)) for e in units)


def test_parcels_lie_side_by_side_and_never_on_each_other() -> None:
    shapes = [Polygon(p.vlak.buiten) for i in range(1500) for p in list_percelen(get_woning(i))]
    first, second = STRtree(shapes).query(shapes, predicate="overlaps")
    assert not len(first)
    assert not len(second)
    _, beside = STRtree(shapes).query(shapes, predicate="touches")
    # The smallest part of the city has few dwellings, far apart.
    assert len(set(beside.tolist())) > len(shapes) / 2


def test_a_box_finds_the_parcels_it_touches() -> None:
    size = 400
    shapes = {
        p.capakey: Polygon(p.vlak.buiten) for i in range(size) for p in list_percelen(get_woning(i))
    }
    x, y = get_woning(40).eenheden[0].positie
    here = box(x - 30, y - 20, x + 30, y + 20)
    found = find_in_box(here.bounds, size)
    touching = {find_capakey(key) for key, shape in shapes.items() if shape.intersects(here)}
    assert touching <= found
    assert len(found) < 100


def test_the_feed_counts_the_events_of_a_dwelling_without_making_them() -> None:
    for i in range(300):
        for feed in FEEDS:
            assert count_beginnings(i, feed) == len(list_beginnings(i, feed))
