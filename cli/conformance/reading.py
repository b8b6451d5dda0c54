"""Checks of what is read: progress in pages, documents, and all that is held."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import unquote, urlsplit

import requests

from cli.conformance.caller import read_json
from cli.conformance.contract import rule
from cli.conformance.kit import (
    Body,
    Kit,
    check,
    expect,
    expect_problem,
    expect_status,
    read_moment,
    write_moment,
)

LIST = ("paths", "/aanmeldingen", "get")
STANDEN = ("paths", "/standen", "get")
DOCUMENT = ("components", "schemas", "DocumentVerwijzing")
# How long an advice may take in a test environment, in seconds.
ADVICE_SECONDS = 10.0
# So close to the end of a PDF stands its mark, in bytes.
PDF_END = 1024


def _make(kit: Kit, number: int) -> list[str]:
    bodies = [kit.new() for _ in range(number)]
    for body in bodies:
        kit.create(body)
    return [body["referentie"] for body in bodies]


def _expect_once(events: list[Body], referenties: list[str]) -> None:
    found = [e["referentie"] for e in events if e["status"] == "ontvangen"]
    lost = sum(1 for referentie in referenties if referentie not in found)
    twice = sum(1 for referentie in referenties if found.count(referentie) > 1)
    expect(not lost, f"{lost} van de {len(referenties)} gebeurtenissen ontbreken in de bladzijden")
    expect(not twice, f"{twice} van de {len(referenties)} gebeurtenissen komen meer dan eens voor")


@check(
    "voortgang_bladeren", "Bladeren mist niets, herhaalt niets en gaat van oud naar nieuw",
    rule(*LIST, prose="alle bladzijden"), "aanmelden",
)  # fmt: skip
def page_through(kit: Kit) -> None:
    """All pages of a list that stands still."""
    made = _make(kit, 5)
    since = write_moment(kit.begun)
    events = [e for page in kit.pages("aanmeldingen", 2, gewijzigdNa=since) for e in page]
    _expect_once(events, made)
    ids = [e["id"] for e in events]
    expect(len(ids) == len(set(ids)), "een id komt in de bladzijden meer dan eens voor")
    moments = [read_moment(e["gewijzigdOp"]) for e in events]
    expect(moments == sorted(moments), "de gebeurtenissen staan niet op volgorde van gewijzigdOp")
    whole = [e["id"] for e in kit.events(set(made))]
    mine = [e["id"] for e in events if e["referentie"] in made]
    expect(whole == mine, "een andere limiet geeft andere gebeurtenissen of een andere id")


@check(
    "voortgang_tijdens_bladeren", "Bladeren mist niets als er ondertussen iets wijzigt",
    rule(*LIST, prose="ondertussen gebeurtenissen bijkomen"), "voortgang_bladeren", "intrekken",
)  # fmt: skip
def page_while_changing(kit: Kit) -> None:
    """What was read is withdrawn and something new comes, between two pages."""
    first, *others = _make(kit, 5)
    events: list[Body] = []
    changed = False
    for page in kit.pages("aanmeldingen", 2, gewijzigdNa=write_moment(kit.begun)):
        events += page
        if not changed and any(e["referentie"] == first for e in page):
            changed = True
            expect_status(kit.delete(first), 200)
            others += _make(kit, 1)
    *before, _later = others
    _expect_once(events, before)
    ids = [e["id"] for e in events]
    expect(len(ids) == len(set(ids)), "een id komt meer dan eens voor")


@check(
    "voortgang_sinds", "gewijzigdNa geeft enkel wat er strikt na kwam, en al wat erna kwam",
    rule(*LIST, "parameters", prose="strikt na dit tijdstip"), "voortgang_bladeren",
)  # fmt: skip
def since_moment(kit: Kit) -> None:
    """Ask from the moment of an event."""
    made = _make(kit, 3)
    events = kit.events(set(made))
    moments = [read_moment(e["gewijzigdOp"]) for e in events]
    cut = moments[0]
    later = {e["id"] for e, moment in zip(events, moments, strict=True) if moment > cut}
    given = events[0]["gewijzigdOp"]
    since = given if read_moment(given).isoformat() == given else write_moment(cut)
    pages = list(kit.pages("aanmeldingen", 100, gewijzigdNa=since))
    found = {e["id"] for page in pages for e in page if e["referentie"] in made}
    again = all(read_moment(e["gewijzigdOp"]) > cut for page in pages for e in page)
    expect(again, "een gebeurtenis van dat tijdstip zelf, of van ervoor, komt terug")
    expect(found == later, "een gebeurtenis van na dat tijdstip ontbreekt")


def _advise(kit: Kit) -> tuple[list[Body], Body]:
    body = kit.new("advies")
    kit.create(body)
    deadline = time.monotonic() + ADVICE_SECONDS
    while True:
        events = kit.events({body["referentie"]})
        advice = next((e for e in events if e["status"] == "advies_opgemaakt"), None)
        if advice is not None:
            return events, advice
        expect(time.monotonic() < deadline, "proef-advies- krijgt geen advies_opgemaakt")
        time.sleep(0.5)


@check(
    "advies", "Van ontvangst tot advies komt elke stap, en het advies noemt zijn soort",
    rule("components", "schemas", "Voortgang", "properties", "adviesSoort"), "voortgang_bladeren",
)  # fmt: skip
def advise(kit: Kit) -> None:
    """The scenario of an advice."""
    events, advice = _advise(kit)
    statuses = {e["status"] for e in events}
    missing = {"ontvangen", "ingepland", "plaatsbezoek"} - statuses
    expect(not missing, f"in de voortgang ontbreekt {', '.join(sorted(missing))}")
    expect("adviesSoort" in advice, "advies_opgemaakt heeft geen adviesSoort")


@check(
    "document_adres", "Een document staat onder het basisadres zelf en verwijst niet door",
    rule(*DOCUMENT, "properties", "href"), "voortgang_bladeren",
)  # fmt: skip
def locate_document(kit: Kit) -> None:
    """Every document of the advice is where the token may go."""
    for document in _find_documents(kit):
        href, base = document["href"], f"{kit.caller.base_url}/"
        expect(href.startswith(base), "href staat niet onder het basisadres van de partner")
        steps = set(unquote(urlsplit(href).path).split("/"))
        expect(steps.isdisjoint({".", ".."}), "href klimt met punten uit het basisadres")
        expect_status(kit.caller.send("GET", href), 200)


@check(
    "document", "Een document heeft de grootte, de sha256 en het mediatype van zijn verwijzing",
    rule(*DOCUMENT, "properties", "sha256"), "document_adres",
)  # fmt: skip
def fetch_document(kit: Kit) -> None:
    """Fetch every document of the advice twice."""
    for document in _find_documents(kit):
        for name in ("grootte", "sha256"):
            expect(name in document, f"de verwijzing heeft geen {name}")
        for _ in range(2):
            _judge(kit.caller.send("GET", document["href"]), document)


def _judge(answer: requests.Response, document: Body) -> None:
    expect_status(answer, 200)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    expect(kind == document["mediatype"], f"het document is {kind or 'zonder mediatype'}")
    size = len(answer.content)
    expect(size == document["grootte"], f"{size} bytes in plaats van {document['grootte']}")
    digest = hashlib.sha256(answer.content).hexdigest()
    expect(digest == document["sha256"], "de sha256 van de bytes is een andere")
    expect(answer.content.startswith(b"%PDF-"), "het document begint niet met %PDF-")
    expect(b"%%EOF" in answer.content[-PDF_END:], "het document eindigt niet met %%EOF")


@check(
    "document_afgeschermd", "Een document vraagt het token",
    rule("paths", "/documenten/{documentId}", "get", "responses", "401"), "document_adres",
)  # fmt: skip
def guard_document(kit: Kit) -> None:
    """Fetch the advice without token, and one that is not there."""
    for document in _find_documents(kit):
        expect_status(kit.caller.send("GET", document["href"], signed=False), 401)
    expect_problem(kit.caller.send("GET", "documenten/proef-bestaat-niet"), 404)


def _find_documents(kit: Kit) -> list[Body]:
    _, advice = _advise(kit)
    documents: list[Body] = advice.get("documenten", [])
    expect(bool(documents), "advies_opgemaakt verwijst naar geen document")
    return documents


@check(
    "standen", "De lijst van alles is volledig, op volgorde, en zonder wat verwijderd is",
    rule(*STANDEN, prose="Geeft de stand van elke aanmelding"), "intrekken", "intrekken_bewaard",
)  # fmt: skip
def list_all(kit: Kit) -> None:
    """Running, kept and removed."""
    running = _make(kit, 3)
    removed = _make(kit, 1)[0]
    expect_status(kit.delete(removed), 200)
    body = kit.new("bewaard")
    kit.create(body)
    kept = body["referentie"]
    expect_status(kit.delete(kept), 200)
    kit.made[kept] = "bewaard"
    items = [item for page in kit.pages("standen", 2) for item in page]
    order = [item["referentie"] for item in items]
    expect(order == sorted(order), "de standen staan niet op volgorde van referentie")
    counts = [order.count(referentie) for referentie in [*running, kept]]
    expect(0 not in counts, "een lopende of bewaarde aanmelding ontbreekt")
    expect(max(counts) == 1, "een aanmelding komt meer dan eens voor")
    expect(removed not in order, "een verwijderde aanmelding staat er nog in")
    stand = items[order.index(kept)]
    expect("intrekking" in stand, "een bewaarde aanmelding staat er zonder haar intrekking in")


@check(
    "onbekende_parameter", "Een onbekende parameter of hoofding wordt overgeslagen",
    rule("info", "description", prose="De partner slaat"), "aanmelden",
)  # fmt: skip
def ignore_unknown(kit: Kit) -> None:
    """What a later version may add."""
    params = {"gewijzigdNa": write_moment(kit.begun), "proefParameter": "1"}
    answer = kit.caller.send(
        "GET", "aanmeldingen", params=params, headers={"X-Proef-Hoofding": "1"}
    )
    expect_status(answer, 200)
    read_json(answer)
