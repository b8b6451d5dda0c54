"""Both sides of the partners' progress compared: clean is silent, each offender is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.voortgang import Beide, Gebeurtenis, InCrm, Rij, Stand, compare, find_standing

NOW = datetime(2026, 11, 25, 9, 30, 15, 250_000, tzinfo=UTC)
NR, OTHER = "RD-0001-000001", "RD-0001-000002"
HASH, FALSE_HASH = "ab" * 32, "cd" * 32

RECEIVED = Gebeurtenis("dialoog", "1", "a1", NR, "ontvangen", NOW, NOW)
ADVISED = Gebeurtenis(
    "dialoog", "2", "a1", NR, "advies_opgemaakt", NOW + timedelta(days=1), NOW + timedelta(days=2),
    "Ada Adviseur", {"77": HASH},
)  # fmt: skip
AT_IGO = Gebeurtenis("igo", "1", "a2", NR, "ontvangen", NOW, NOW)


def step(g: Gebeurtenis, **changes: Any) -> Rij:
    row = Rij(f"row {g.sleutel}", g.sleutel, g.dossiernummer, g.tijdstip.replace(microsecond=0))
    return replace(row, **changes)


DOCUMENT = Rij("d1", "document:dialoog:77", NR, inhoud=HASH, genoteerd=HASH)
CLEAN = Beide(
    gebeurtenissen=[RECEIVED, ADVISED, AT_IGO],
    standen=[Stand("dialoog", "a1", NR, "advies_opgemaakt"), Stand("igo", "a2", NR, "ontvangen")],
    stappen=[step(RECEIVED), step(ADVISED), step(AT_IGO)],
    documenten=[DOCUMENT],
    aanmeldingen={
        "a1": InCrm("advies_opgemaakt", "Ada Adviseur"),
        "a2": InCrm("ontvangen"),
        "a3": InCrm(None),
    },
    dossiers={NR: "advies_opgemaakt", OTHER: None},
)  # fmt: skip
GONE = replace(
    CLEAN,
    gebeurtenissen=[AT_IGO],
    standen=[replace(CLEAN.standen[0], intrekking="verwijderd"), CLEAN.standen[1]],
    dossiers=CLEAN.dossiers | {NR: "ontvangen"},
)


def counted(beide: Beide) -> list[tuple[str, str]]:
    return [(v.telling, v.sleutel) for v in compare(beide).verschillen]


def test_both_sides_agree() -> None:
    found = compare(CLEAN)
    assert (found.voortgang, found.documenten, list(found.verschillen)) == (3, 1, [])


def test_a_document_that_two_events_name_is_one_document() -> None:
    again = replace(ADVISED, voortgang_id="3", status="plaatsbezoek")
    both = replace(
        CLEAN,
        gebeurtenissen=[*CLEAN.gebeurtenissen, again],
        stappen=[*CLEAN.stappen, step(again)],
    )
    assert (compare(both).documenten, counted(both)) == (1, [])


OFFENDERS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "an event that the CRM does not hold": (
        {"stappen": [step(RECEIVED), step(AT_IGO)]}, ("lost", ADVISED.sleutel),
    ),
    "an event that it holds twice": (
        {"stappen": [*CLEAN.stappen, step(ADVISED, row_id="x")]},
        ("duplicated", ADVISED.sleutel),
    ),
    "a step of an event that nobody recorded": (
        {"stappen": [*CLEAN.stappen, step(replace(ADVISED, voortgang_id="9"))]},
        ("duplicated", "voortgang:dialoog:9"),
    ),
    "a step without a key": (
        {"stappen": [*CLEAN.stappen, step(ADVISED, row_id="x", sleutel=None)]},
        ("duplicated", "x"),
    ),
    "an event at another dossier": (
        {"stappen": [step(RECEIVED), step(ADVISED, dossiernummer=OTHER), step(AT_IGO)]},
        ("unaccounted", ADVISED.sleutel),
    ),
    "an event at another moment": (
        {"stappen": [step(RECEIVED), step(ADVISED, gebeurd_op=NOW), step(AT_IGO)]},
        ("unaccounted", ADVISED.sleutel),
    ),
    "a document that is not there": ({"documenten": []}, ("lost", "document:dialoog:77")),
    "a document that is there twice": (
        {"documenten": [DOCUMENT, replace(DOCUMENT, row_id="d2")]},
        ("duplicated", "document:dialoog:77"),
    ),
    "a document with other bytes than the partner sent": (
        {"documenten": [replace(DOCUMENT, inhoud=FALSE_HASH)]}, ("lost", "document:dialoog:77"),
    ),
    "a document with another hash written beside it": (
        {"documenten": [replace(DOCUMENT, genoteerd=FALSE_HASH)]},
        ("lost", "document:dialoog:77"),
    ),
    "a document that cannot be read": (
        {"documenten": [replace(DOCUMENT, inhoud=None)]}, ("lost", "document:dialoog:77"),
    ),
    "a document at another dossier": (
        {"documenten": [replace(DOCUMENT, dossiernummer=OTHER)]},
        ("unaccounted", "document:dialoog:77"),
    ),
    "a document that no partner sent": (
        {"documenten": [DOCUMENT, replace(DOCUMENT, sleutel="document:dialoog:78")]},
        ("duplicated", "document:dialoog:78"),
    ),
    "an aanmelding that stands otherwise": (
        {"aanmeldingen": CLEAN.aanmeldingen | {"a1": InCrm("ontvangen", "Ada Adviseur")}},
        ("out_of_order", "a1"),
    ),
    "an aanmelding of which the CRM tells nothing": (
        {"aanmeldingen": CLEAN.aanmeldingen | {"a2": InCrm(None)}}, ("out_of_order", "a2"),
    ),
    "an aanmelding that is not in the CRM": (
        {"aanmeldingen": {"a1": CLEAN.aanmeldingen["a1"]}}, ("out_of_order", "a2"),
    ),
    "an aanmelding with another adviser": (
        {"aanmeldingen": CLEAN.aanmeldingen | {"a1": InCrm("advies_opgemaakt", "Bram")}},
        ("out_of_order", "a1"),
    ),
    "a dossier that is elsewhere": (
        {"dossiers": CLEAN.dossiers | {NR: "ontvangen"}}, ("out_of_order", NR),
    ),
    "a dossier of which no partner spoke": (
        {"dossiers": CLEAN.dossiers | {OTHER: "ontvangen"}}, ("out_of_order", OTHER),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "offender"), OFFENDERS.values(), ids=OFFENDERS)
def test_an_offender_is_named_and_nothing_else_is(
    changes: dict[str, Any], offender: tuple[str, str]
) -> None:
    assert counted(replace(CLEAN, **changes)) == [offender]


def test_what_is_wrong_is_not_counted_as_come_home() -> None:
    found = compare(replace(CLEAN, stappen=[step(RECEIVED), step(AT_IGO)], documenten=[]))
    assert (found.voortgang, found.documenten) == (2, 0)


def test_what_a_partner_removed_may_still_be_in_the_crm_but_once() -> None:
    assert counted(GONE) == []
    twice = [*CLEAN.stappen, step(ADVISED, row_id="x")]
    assert counted(replace(GONE, stappen=twice)) == [("duplicated", ADVISED.sleutel)] * 2


def test_what_one_partner_removed_excuses_no_other_and_no_other_dossier() -> None:
    of_igo = step(replace(AT_IGO, voortgang_id="8"))
    elsewhere = step(replace(ADVISED, voortgang_id="9", dossiernummer=OTHER))
    both = replace(GONE, stappen=[*CLEAN.stappen, of_igo, elsewhere])
    assert counted(both) == [
        ("duplicated", "voortgang:igo:8"),
        ("duplicated", "voortgang:dialoog:9"),
    ]


def test_what_a_partner_keeps_by_law_is_told_in_steps_and_no_more_is_fetched() -> None:
    kept = replace(GONE, gebeurtenissen=CLEAN.gebeurtenissen, standen=[
        replace(CLEAN.standen[0], intrekking="bewaard"), CLEAN.standen[1],
    ])  # fmt: skip
    assert counted(kept) == []
    assert compare(kept).documenten == 1
    before = replace(kept, documenten=[])
    assert (counted(before), compare(before).documenten) == ([], 0)
    false = replace(kept, documenten=[replace(DOCUMENT, inhoud=FALSE_HASH)])
    assert counted(false) == [("lost", "document:dialoog:77")]
    silent = replace(kept, stappen=[step(RECEIVED), step(AT_IGO)])
    assert counted(silent) == [("lost", ADVISED.sleutel)]


def test_the_newest_of_a_dossiers_aanmeldingen_decides() -> None:
    later = replace(AT_IGO, gewijzigd_op=NOW + timedelta(days=3), tijdstip=NOW + timedelta(days=3))
    both = replace(CLEAN, gebeurtenissen=[RECEIVED, ADVISED, later])
    assert find_standing(both)[NR] is later
    # A visit that is planned for later happened when it was recorded.
    planned = replace(later, status="ingepland", gewijzigd_op=NOW)
    assert find_standing(replace(both, gebeurtenissen=[ADVISED, planned]))[NR] is ADVISED


def test_a_difference_is_told_by_identifiers() -> None:
    [found] = compare(replace(CLEAN, documenten=[])).verschillen
    assert str(found) == f"document:dialoog:77 ({NR}): the document is not in the CRM"
