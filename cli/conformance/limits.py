"""Checks of errors, of busy and slow moments, and of what no answer may hold."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from cli.conformance.caller import LONGEST_PAUSE, PATIENCE, FailedError, read_json, read_pause
from cli.conformance.contract import rule
from cli.conformance.kit import Kit, check, expect, expect_problem, expect_status, write_moment

ONE = ("paths", "/aanmeldingen/{referentie}")
SHARED = ("components", "responses")
PARALLEL = 20
MOMENTS = ("ontvangenOp", "gewijzigdOp", "tijdstip", "ingetrokkenOp")
WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")


@check(
    "fout_400", "Een onbekend of ontbrekend veld: 400 als problem+json, er verandert niets",
    rule("info", "description", prose="Een verzoek met een onbekend veld"), "fout_404",
)  # fmt: skip
def malformed(kit: Kit) -> None:
    """A field too many, and one too few."""
    extra, short = kit.new(proefVeld=1), kit.new()
    del short["gebouw"]
    for body in (extra, short):
        expect_problem(kit.put(body, kit.key(body)), 400)
        expect_status(kit.get(body["referentie"]), 404)
    since = {"gewijzigdNa": "gisteren"}
    expect_problem(kit.caller.send("GET", "aanmeldingen", params=since), 400)


@check(
    "fout_415", "Een andere inhoud dan application/json: 415 als problem+json",
    rule(*ONE, "put", "responses", "415"), "fout_404",
)  # fmt: skip
def other_media_type(kit: Kit) -> None:
    """JSON that says it is text."""
    body = kit.new()
    expect_problem(kit.put(body, kit.key(body), Content_Type="text/plain"), 415)
    expect_status(kit.get(body["referentie"]), 404)


@check(
    "fout_422", "Wat de partner weigert: 422 als problem+json, er verandert niets",
    rule(*ONE, "put", "responses", "422"), "fout_404",
)  # fmt: skip
def refused(kit: Kit) -> None:
    """The scenario of a refusal."""
    body = kit.new("geweigerd")
    expect_problem(kit.put(body, kit.key(body)), 422)
    expect_status(kit.get(body["referentie"]), 404)


@check(
    "te_veel_verzoeken", "429 zegt hoelang te wachten, en er is niets verwerkt",
    rule(*SHARED, "TeVeelVerzoeken"), "aanmelden", "fout_404",
)  # fmt: skip
def too_many(kit: Kit) -> None:
    """The scenario of a busy moment."""
    body = kit.new("druk")
    busy = kit.put(body, kit.key(body), patient=False)
    expect_problem(busy, 429)
    pause = read_pause(busy)
    if pause is None:
        raise FailedError("429 zonder een Retry-After met seconden of een tijdstip")
    expect_status(kit.get(body["referentie"]), 404)
    time.sleep(min(pause, LONGEST_PAUSE))
    expect_status(kit.put(body, kit.key(body)), 201)
    busy_answers = [answer for answer in kit.caller.answers if answer.status_code == 429]
    mute = sum(1 for answer in busy_answers if read_pause(answer) is None)
    expect(not mute, f"{mute} andere antwoorden 429 hadden geen Retry-After")


@check(
    "gelijktijdig", f"{PARALLEL} keer tegelijk hetzelfde verzoek maakt één aanmelding",
    rule("info", "description", prose="dezelfde aanmelding twee keer"), "voortgang_bladeren",
)  # fmt: skip
def at_once(kit: Kit) -> None:
    """The same request from many threads."""
    body = kit.new()
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(lambda _: kit.put(body, kit.key(body)), range(PARALLEL)))
    for answer in answers:
        expect_status(answer, 200, 201)
    receipts = {json.dumps(read_json(answer), sort_keys=True) for answer in answers}
    expect(len(receipts) == 1, f"{len(receipts)} verschillende ontvangsten voor één referentie")
    events = [e for e in kit.events({body["referentie"]}) if e["status"] == "ontvangen"]
    expect(len(events) == 1, f"{len(events)} keer ontvangen voor één referentie")


@check(
    "traag", "Een verzoek dat traag binnenkomt, lukt en houdt anderen niet op",
    rule(*ONE, "put", "responses", "201"), "aanmelden",
)  # fmt: skip
def slow(kit: Kit) -> None:
    """Half a body, another call, the other half."""
    body = kit.new()
    kit.made[body["referentie"]] = ""
    path, raw = f"aanmeldingen/{body['referentie']}", json.dumps(body).encode()
    status = 429
    for _ in range(PATIENCE):
        with kit.caller.half_sent(path, raw, {"Idempotency-Key": kit.key(body)}) as sent:
            time.sleep(0.5)
            try:
                other = kit.caller.send("GET", f"aanmeldingen/{uuid4()}", timeout=10)
            except FailedError:
                raise FailedError("zolang een verzoek traag binnenkomt, wacht elk ander") from None
            expect(other.status_code < 500, f"een ander verzoek gaf {other.status_code}")
            sent.send_rest()
            status = sent.read_status()
        if status != 429:
            break
        time.sleep(1.0)
    expect(status == 201, f"het trage verzoek gaf {status}")


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name, item
            yield from _walk(item)


@check(
    "tijdstippen", "Elk tijdstip volgt RFC 3339 en draagt zijn tijdzone",
    rule("info", "description", prose="Elk tijdstip volgt RFC 3339"), "aanmelden",
)  # fmt: skip
def moments(kit: Kit) -> None:
    """Every answer of this run, and a page of each list."""
    since = {"gewijzigdNa": write_moment(kit.begun)}
    kit.caller.send("GET", "aanmeldingen", params=since)
    kit.caller.send("GET", "standen")
    wrong: set[str] = set()
    for answer in kit.caller.answers:
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            for name, value in _walk(answer.json()):
                if name in MOMENTS and not (isinstance(value, str) and WITH_ZONE.match(value)):
                    wrong.add(f"{name} ({answer.request.method} {_kind(answer.url)})")
    expect(not wrong, f"zonder tijdzone of niet volgens RFC 3339: {', '.join(sorted(wrong))}")


@check(
    "persoonsgegevens", "Geen persoonsgegevens in een adres, een hoofding of een antwoord",
    rule("info", "description", prose="## Wat nooit in een adres"),
)  # fmt: skip
def personal_data(kit: Kit) -> None:
    """Every answer of this run, errors included; documents aside."""
    leaks: set[str] = set()
    for answer in kit.caller.answers:
        texts = {"hoofding": str(dict(answer.headers))}
        if not answer.headers.get("Content-Type", "").startswith("application/pdf"):
            texts["inhoud"] = answer.text
        for place, text in texts.items():
            for name, value in kit.personal.items():
                if value in text:
                    what = f"{answer.request.method} {_kind(answer.url)} {answer.status_code}"
                    leaks.add(f"{name} in de {place} van {what}")
    expect(not leaks, "; ".join(sorted(leaks)))


def _kind(url: str) -> str:
    """Name the path of an address without what identifies."""
    for name in ("standen", "documenten"):
        if f"/{name}" in url:
            return f"/{name}"
    return "/aanmeldingen"
