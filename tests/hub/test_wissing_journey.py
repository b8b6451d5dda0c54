"""A resident is erased from everything the hub holds, and a pull brings nothing back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.crm.models import CrmChange
from hub.incident import report
from hub.quality.apart import set_apart
from hub.toegang.uittreksel import make_uittreksel
from hub.wissing.attest import describe
from tests.hub.journey_case import read_rows
from tests.hub.test_voortgang_journey import ADVIES, happen, hear
from tests.hub.wissing_case import erase, read_tables, scan
from tests.journey import Journey, make_keyring
from tests.postgres_cluster import Cluster
from tests.sandbox_process import running_sandbox

pytestmark = pytest.mark.postgres
NUMMER = "RD-0001-000001"
GEPLANT = {
    "voornaam": "Plantwolda", "naam": "Zichtbaarmans", "email": "plantwolda@zichtbaar.example",
    "telefoon": "+32471009988", "tekst": "Mijn kelder Spiegelruit is nat",
    "adviseur": "Ada Adviseur",
}  # fmt: skip
# Where what must stay may still be found, and the kind of the certificate that says why.
BLIJFT = {
    ("hub.bericht", "dossier_id"): "dossier",
    ("hub.bericht", "sleutel"): "dossier",
    ("bron.crm_dossier", "dossier_id"): "dossier",
    ("bron.crm_aanvraag", "aanvraag_id"): "dossier",
    ("bron.crm_aanvraag", "dossier_id"): "dossier",
    ("hub.bericht", "toestemming_profiel_id"): "crm_toestemming",
    ("bron.crm_toestemming", "profiel_id"): "crm_toestemming",
    ("bron.crm_toestemming", "toestemming_id"): "crm_toestemming",
    ("hub.toegangslog", "dossier_id"): "toegangslog",
    ("hub.toegangslog", "object"): "toegangslog",
    ("hub.handeling", "onderwerp"): "verantwoording",
}
_TAKEN_BACK = (
    "SELECT bericht_id FROM hub.bericht WHERE soort IN ('intrekking', 'dossierverwijdering', "
    "'aanmelding_ingetrokken')"
)


@pytest.fixture
def journey(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journey]:
    """Four residents; of the first everything there can be."""
    monkeypatch.setenv("RENOVATIEHUB_TST", "1")
    with cluster.fresh_database() as database, running_sandbox(tmp_path) as sandbox:
        sandbox.grow(4)
        made = Journey(database, sandbox, make_keyring())
        made.run()
        plant(made)
        yield made


def plant(journey: Journey) -> None:
    known = ids(journey)
    profiel = {name: GEPLANT[name] for name in ("voornaam", "naam", "email", "telefoon")}
    for tabel, velden in (("profiel", profiel), ("vraag", {"tekst": GEPLANT["tekst"]})):
        change = CrmChange(tabel, known[tabel], None, velden, if_match="*")
        journey.crm.write(changes=[change], key=f"plant {tabel}")
    body = {"dossiernummer": NUMMER, "velden": {"soort": "premie", "regeling": "Mijn VerbouwPremie",
            "status": "aangevraagd"}, "id": None}  # fmt: skip
    journey.sandbox.control("POST", "/crm/aanvraag", json=body)
    body = {"dossiernummer": NUMMER, "soort": "energielening", "partner": "igo"}
    for what in ("toestemming", "aanmelding"):
        journey.sandbox.control("POST", f"/crm/{what}", json=body)
    journey.run()
    happen(journey, **ADVIES)
    hear(journey)
    journey.run()
    with journey.engines["pull"].begin() as connection:
        set_apart(connection, model="crm_profiel", object_id=str(known["profiel"]), redenen=["r"],
                  persoonlijk=(journey.keyring, {"naam": GEPLANT["naam"]}))  # fmt: skip
        report(connection, "proef", f"aanmelding {known['aanmelding']}", f"Dossier {NUMMER} wacht.")
        report(connection, "proef", "een ander", f"Dossier {NUMMER}0 wacht.")
    with journey.database.engine("hub_inzage").begin() as connection:
        make_uittreksel(connection, "profiel", known["profiel"], reden="vraag", wie="fg")


def ids(journey: Journey) -> dict[str, Any]:
    """Return the CRM's ids of the first resident."""
    rows = read_rows(
        journey,
        "SELECT d.dossier_id, d.profiel_id, d.vraag_id, a.aanmelding_id FROM bron.crm_dossier AS d "
        "INNER JOIN bron.crm_aanmelding AS a ON d.dossier_id = a.dossier_id "
        "WHERE d.dossiernummer = :n ORDER BY a.gewijzigd_op LIMIT 1",
        n=NUMMER,
    )
    return dict(zip(("dossier", "profiel", "vraag", "aanmelding"), rows[0], strict=True))


def recognisable(journey: Journey) -> dict[str, str]:
    """Return all by which the first resident can be known: what was planted, and every id."""
    known = ids(journey)
    values = dict(GEPLANT) | {name: str(value) for name, value in known.items()}
    values["dossiernummer"] = NUMMER
    profiel = journey.crm.get(tabel="profiel", object_id=known["profiel"])
    assert profiel is not None
    values["insz"] = str(profiel.velden["insz"])
    for tabel in ("aanmelding", "aanvraag", "stap", "gegeven"):
        rows = read_rows(
            journey,
            f"SELECT {tabel}_id FROM bron.crm_{tabel} WHERE dossier_id = :d ORDER BY 1",
            d=known["dossier"],
        )
        values |= {f"{tabel} {number}": str(row[0]) for number, row in enumerate(rows)}
    rows = read_rows(
        journey,
        "SELECT toestemming_id FROM bron.crm_toestemming WHERE profiel_id = :p ORDER BY 1",
        p=known["profiel"],
    )
    values |= {f"toestemming {number}": str(row[0]) for number, row in enumerate(rows)}
    ((woning, eenheid, adres, pseudoniem, straat, huisnummer),) = read_rows(
        journey,
        "SELECT w.woning_id, w.gebouweenheid_id, w.adres_id, d.pseudoniem, d.straat, d.huisnummer "
        "FROM hub.dossier_woning AS dw INNER JOIN hub.woning AS w ON dw.woning_id = w.woning_id "
        "INNER JOIN bron.crm_dossier AS d ON dw.dossier_id = d.dossier_id WHERE d.dossier_id = :d",
        d=known["dossier"],
    )
    values |= {"woning": str(woning), "eenheid": eenheid, "adres": adres, "pseudoniem": pseudoniem}
    rows = read_rows(
        journey,
        "SELECT pseudoniem FROM rapportage.pseudoniem WHERE object_id::text = any(:v) ORDER BY 1",
        v=list(values.values()),
    )
    values |= {f"pseudoniem {number}": str(row[0]) for number, row in enumerate(rows)}
    assert len(rows) > 3, "of the dossier, the dwelling, the aanmeldingen and the application"
    return values | {"adresregel": f"{straat} {huisnummer}"}


def of_neighbours(journey: Journey, values: dict[str, str]) -> dict[str, list[str]]:
    """Return the rows in which nothing of the resident stands, without what only tells of runs."""
    working = ("hub.wissing", "hub.wissing_stap", "hub.wissing_object", "hub.gewist",
               "hub.incident", "hub.handeling", "hub.cursor", "hub.batch", "rapportage.lading",
               # The days that are counted anew; the scan looks for the resident in it.
               "hub.te_rapporteren",
               "hub.bronbudget", "hub.bronbudget_houder", "hub.bronbudget_minuut", "hub.budget",
               "hub.token", "hub.regelmeting")  # fmt: skip
    found = {}
    for table, rows in read_tables(journey).items():
        if table not in working:
            plain = [json.dumps(row, default=str, sort_keys=True) for row in rows]
            found[table] = sorted(
                row for row in plain if not any(value in row for value in values.values())
            )
    return found


def test_nothing_is_found_save_what_must_stay_and_a_pull_brings_nothing_back(
    journey: Journey,
) -> None:
    values, known = recognisable(journey), ids(journey)
    rows = read_rows(
        journey,
        "SELECT bericht_id FROM hub.bericht WHERE dossier_id IN "
        "(SELECT :d UNION ALL SELECT aanvraag_id FROM bron.crm_aanvraag WHERE dossier_id = :d)",
        d=known["dossier"],
    )
    own = values | {str(row[0]): str(row[0]) for row in rows}
    before = scan(journey, values)
    missing = set(values) - {name for _, _, name in before}
    assert not missing - {"adresregel"}, "plant it, or the scan proves nothing"
    neighbours = of_neighbours(journey, own)

    wissing = erase(journey, known["profiel"])
    assert wissing.stand == "klaar", wissing.wacht_op
    left = scan(journey, values)
    strange = {(*one, values[one[2]]) for one in left if one[:2] not in BLIJFT}
    assert not strange
    assert wissing.attest is not None and wissing.waarmerk is not None and wissing.echt
    attest = json.loads(wissing.attest)
    assert {BLIJFT[one[:2]] for one in left} <= {row["soort"] for row in attest["blijft"]}
    told = wissing.attest + describe(wissing.attest, wissing.waarmerk)
    assert not {name for name, value in values.items() if value.casefold() in told.casefold()}
    assert {(row["ontvanger"], row["gevraagd"]) for row in attest["ontvangers"]} == {
        ("dialoog", "intrekking"), ("igo", "intrekking"), ("dosis", "dossierverwijdering"),
    }  # fmt: skip
    for line in ("hub.gegeven", "bron.epc", "bron.crm_profiel", "bron.partner_document",
                 "hub.quarantaine", "hub.incident", "hub.inbox", "rapportage.fct_dossier",
                 "inhoud van hub.bericht", "hub.woningfiche"):  # fmt: skip
        assert attest["verwijderd"][line] > 0, line
    texts = read_rows(journey, "SELECT tekst FROM hub.incident WHERE soort = 'proef'")
    assert texts == [(f"Dossier {NUMMER}0 wacht.",)]

    own |= {str(row[0]): str(row[0]) for row in read_rows(journey, _TAKEN_BACK)}
    assert of_neighbours(journey, own) == neighbours, "nothing of another may move"

    # The CRM still has everything, and somebody even changes it there: nothing comes back.
    change = CrmChange(
        "vraag", known["vraag"], None, {"tekst": "Spiegelruit nog eens"}, if_match="*"
    )
    journey.crm.write(changes=[change], key="wijziging na de wissing")
    with journey.engines["eigenaar"].begin() as connection:
        connection.exec_driver_sql("UPDATE hub.cursor SET link = NULL, volledig_sinds = now() "
                                   "WHERE bron = 'crm'")  # fmt: skip
    journey.listen()
    journey.run()
    journey.run()
    assert {one for one in scan(journey, values) if one[:2] not in BLIJFT} == set()
    open_incidents = "SELECT onderwerp FROM hub.incident WHERE soort = 'gewist_in_crm' " \
                     "AND opgelost_op IS NULL"  # fmt: skip
    assert read_rows(journey, open_incidents) == [(f"wissing {wissing.wissing_id}",)]

    # The same resident again is the same erasure.
    assert erase(journey, known["profiel"]) == wissing

    # At last the CRM erases too.
    for tabel in ("aanvraag", "aanmelding", "dossier", "vraag", "profiel"):
        rows = {one for name, one in values.items() if name.split(" ")[0] == tabel}
        for row_id in sorted(rows):
            journey.sandbox.control("POST", "/crm/verwijder", json={"tabel": tabel, "id": row_id})
    journey.pull()
    assert read_rows(journey, open_incidents) == []
