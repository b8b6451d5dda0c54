"""Checks of what changes something: sign up, repeat, correct, withdraw."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta

from cli.conformance.caller import read_json
from cli.conformance.contract import rule
from cli.conformance.kit import (
    Body,
    Kit,
    check,
    expect,
    expect_problem,
    expect_schema,
    expect_status,
    read_moment,
)

ONE = ("paths", "/aanmeldingen/{referentie}")
INFO = ("info", "description")
STRONG_ETAG = re.compile(r'"[^"]+"\Z')


@check(
    "aanmelden", "Een nieuwe aanmelding geeft 201, een ontvangst en een ETag",
    rule(*INFO, prose="| `PUT`, referentie nog niet gekend |"),
)  # fmt: skip
def sign_up(kit: Kit) -> None:
    """The first request makes it."""
    body = kit.new()
    receipt, etag = kit.create(body)
    expect_schema("Ontvangst", receipt)
    expect(receipt["referentie"] == body["referentie"], "de ontvangst noemt een andere referentie")
    expect(bool(STRONG_ETAG.match(etag)), "de ETag ontbreekt of is geen sterke ETag")
    # A partner may write whole seconds, and what follows may come within the same one.
    kit.begun = read_moment(receipt["ontvangenOp"]) - timedelta(seconds=2)


def _repeat(kit: Kit, number: int, raw: bytes | None = None, body: Body | None = None) -> None:
    body = body or kit.new()
    receipt, etag = kit.create(body)
    again = kit.put(body, kit.key(body, number), raw=raw)
    expect_status(again, 200)
    expect(read_json(again) == receipt, "de herhaling geeft een andere ontvangst")
    expect(again.headers.get("ETag") == etag, "de herhaling geeft een andere ETag")


@check(
    "herhaling", "Hetzelfde verzoek met dezelfde sleutel geeft 200 en dezelfde ontvangst",
    rule(*INFO, prose="| `PUT`, dezelfde inhoud opnieuw |"), "aanmelden",
)  # fmt: skip
def repeat(kit: Kit) -> None:
    """Same key, same body."""
    _repeat(kit, 1)


@check(
    "herhaling_nieuwe_sleutel", "Dezelfde inhoud met een nieuwe sleutel geeft 200",
    rule(*INFO, prose="Dat geldt ook als de `Idempotency-Key`"), "aanmelden",
)  # fmt: skip
def repeat_with_new_key(kit: Kit) -> None:
    """New key, same body."""
    _repeat(kit, 2)


@check(
    "herhaling_anders_geschreven", "Andere veldvolgorde of witruimte is dezelfde inhoud",
    rule(*INFO, prose="Twee inhouden zijn dezelfde"), "herhaling",
)  # fmt: skip
def repeat_written_otherwise(kit: Kit) -> None:
    """Equal JSON, other bytes."""
    body = kit.new()
    turned = json.dumps(dict(reversed(list(body.items()))), indent=1).encode()
    _repeat(kit, 1, turned, body)


@check(
    "andere_inhoud", "Een andere inhoud zonder If-Match geeft 409 en verandert niets",
    rule(*INFO, prose="| `PUT`, andere inhoud zonder `If-Match` |"), "aanmelden",
)  # fmt: skip
def conflict(kit: Kit) -> None:
    """A conflicting repeat."""
    body = kit.new()
    _, etag = kit.create(body)
    other = body | {"vraag": "Dit is een andere vraag."}
    expect_problem(kit.put(other, kit.key(body, 2)), 409)
    held = kit.get(body["referentie"])
    expect_status(held, 200)
    same = held.headers.get("ETag") == etag
    same = same and read_json(held).get("idempotencyKey") == kit.key(body)
    expect(same, "na de 409 is de aanmelding toch gewijzigd")


@check(
    "sleutel_hergebruikt", "Een sleutel die bij een ander verzoek hoort, geeft 422",
    rule("components", "parameters", "IdempotencyKey", prose="bij een ander verzoek hoort"),
    "aanmelden", "fout_404",
)  # fmt: skip
def reused_key(kit: Kit) -> None:
    """One key for two aanmeldingen."""
    body, other = kit.new(), kit.new()
    kit.create(body)
    expect_problem(kit.put(other, kit.key(body)), 422)
    expect_status(kit.get(other["referentie"]), 404)


@check(
    "verbetering", "Een verbetering met de huidige ETag vervangt en geeft een nieuwe ETag",
    rule(*INFO, prose="in `If-Match` | 200"), "aanmelden",
)  # fmt: skip
def correct(kit: Kit) -> None:
    """A correction."""
    body = kit.new()
    _, etag = kit.create(body)
    better = body | {"vraag": "Dit is een betere vraag."}
    answer = kit.put(better, kit.key(body, 2), If_Match=etag)
    expect_status(answer, 200)
    expect_schema("Ontvangst", read_json(answer))
    expect(answer.headers.get("ETag") != etag, "na de verbetering is de ETag dezelfde")


@check(
    "verouderde_verbetering", "Een verouderde If-Match geeft 412 en verandert niets",
    rule(*ONE, "put", "responses", "412"), "aanmelden",
)  # fmt: skip
def stale(kit: Kit) -> None:
    """A correction of an old version."""
    body = kit.new()
    _, first = kit.create(body)
    answer = kit.put(body | {"vraag": "Tweede vraag."}, kit.key(body, 2), If_Match=first)
    expect_status(answer, 200)
    second = answer.headers.get("ETag", "")
    old = first if first != second else '"proef-bestaat-niet"'
    third = kit.put(body | {"vraag": "Derde vraag."}, kit.key(body, 3), If_Match=old)
    expect_problem(third, 412)
    held = kit.get(body["referentie"])
    expect(held.headers.get("ETag") == second, "na de 412 is de aanmelding toch gewijzigd")


@check(
    "verbetering_onbekend", "If-Match op een onbekende referentie geeft 412 en maakt niets",
    rule(*INFO, prose="`If-Match` op een onbekende referentie"), "aanmelden", "fout_404",
)  # fmt: skip
def correct_unknown(kit: Kit) -> None:
    """A correction of nothing."""
    body = kit.new()
    expect_problem(kit.put(body, kit.key(body), If_Match='"proef-bestaat-niet"'), 412)
    expect_status(kit.get(body["referentie"]), 404)


@check(
    "navragen", "GET zegt welk verzoek het laatst aanvaard is",
    rule(*ONE, "get", prose="van het laatst aanvaarde verzoek"), "aanmelden",
)  # fmt: skip
def ask(kit: Kit) -> None:
    """What is held, after a correction."""
    body = kit.new()
    _, etag = kit.create(body)
    expect_status(kit.put(body | {"vraag": "Betere vraag."}, kit.key(body, 2), If_Match=etag), 200)
    answer = kit.get(body["referentie"])
    expect_status(answer, 200)
    stand = read_json(answer)
    expect_schema("AanmeldingStand", stand)
    expect(stand["referentie"] == body["referentie"], "het antwoord is voor een andere referentie")
    expect(
        stand["idempotencyKey"] == kit.key(body, 2),
        "idempotencyKey is niet die van de aanvaarde verbetering",
    )


@check(
    "navraag_na_breuk", "Wie wegviel na het versturen, krijgt met GET de waarheid",
    rule(*INFO, prose="vraagt ze met `GET /aanmeldingen/{referentie}`"), "aanmelden", "fout_404",
)  # fmt: skip
def ask_after_drop(kit: Kit) -> None:
    """The client leaves after the last byte, asks, and sends again."""
    body = kit.new()
    referentie, key = body["referentie"], kit.key(body)
    kit.made[referentie] = ""
    path, raw = f"aanmeldingen/{referentie}", json.dumps(body).encode()
    with kit.caller.half_sent(path, raw, {"Idempotency-Key": key}) as sent:
        sent.send_rest()
    told = kit.get(referentie)
    for _ in range(20):
        if told.status_code == 200:
            break
        expect_status(told, 404)
        time.sleep(0.1)
        told = kit.get(referentie)
    again = kit.put(body, key)
    expect_status(again, 200, 201)
    held = kit.get(referentie)
    expect(
        held.status_code == 200,
        f"het verzoek opnieuw gaf {again.status_code}, en daarna geeft GET {held.status_code}",
    )
    for answer in (told, held):
        if answer.status_code == 200:
            expect(read_json(answer).get("idempotencyKey") == key, "GET noemt een andere sleutel")


@check(
    "intrekken", "Een intrekking geeft verwijderd, en dan weet GET van niets",
    rule(*ONE, "delete", prose="Na `verwijderd` kent de partner"), "aanmelden", "fout_404",
)  # fmt: skip
def withdraw(kit: Kit) -> None:
    """Withdraw what may be removed."""
    body = kit.new()
    kit.create(body)
    answer = kit.delete(body["referentie"])
    expect_status(answer, 200)
    intrekking = read_json(answer)
    expect_schema("Intrekking", intrekking)
    expect(intrekking["uitkomst"] == "verwijderd", "de uitkomst is niet verwijderd")
    expect_status(kit.get(body["referentie"]), 404)


@check(
    "nogmaals_intrekken", "Een herhaalde intrekking geeft hetzelfde antwoord, of 404",
    rule(*ONE, "delete", prose="Een herhaalde `DELETE`"), "intrekken",
)  # fmt: skip
def withdraw_twice(kit: Kit) -> None:
    """Withdraw again."""
    body = kit.new()
    kit.create(body)
    first = kit.delete(body["referentie"])
    expect_status(first, 200)
    again = kit.delete(body["referentie"])
    expect_status(again, 200, 404)
    if again.status_code == 200:
        expect(read_json(again) == read_json(first), "de tweede intrekking antwoordt iets anders")


@check(
    "intrekken_bewaard", "Wie moet bewaren, noemt de plicht, ook in GET",
    rule("components", "schemas", "Intrekking", "then"), "aanmelden",
)  # fmt: skip
def withdraw_kept(kit: Kit) -> None:
    """Withdraw what must be kept, twice."""
    body = kit.new("bewaard")
    kit.create(body)
    answers = [kit.delete(body["referentie"]) for _ in range(2)]
    for answer in answers:
        expect_status(answer, 200)
        intrekking = read_json(answer)
        expect_schema("Intrekking", intrekking)
        expect(intrekking["uitkomst"] == "bewaard", "proef-bewaard- wordt niet bewaard")
    expect(read_json(answers[0]) == read_json(answers[1]), "de tweede keer is het antwoord anders")
    held = kit.get(body["referentie"])
    expect_status(held, 200)
    stand = read_json(held)
    expect_schema("AanmeldingStand", stand)
    expect("intrekking" in stand, "GET zegt niet dat de aanmelding ingetrokken is")
    kit.made[body["referentie"]] = "bewaard"


@check(
    "na_intrekking", "Een ingetrokken aanmelding komt niet terug: 409",
    rule(*INFO, prose="| `PUT` na een intrekking |"), "intrekken",
)  # fmt: skip
def put_after_withdrawal(kit: Kit) -> None:
    """A late repeat."""
    body = kit.new()
    kit.create(body)
    expect_status(kit.delete(body["referentie"]), 200)
    answer = kit.put(body, kit.key(body))
    if answer.status_code in (200, 201):
        kit.made[body["referentie"]] = ""
    expect_problem(answer, 409)
    expect_status(kit.get(body["referentie"]), 404)
