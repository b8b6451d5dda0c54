"""What every check works with: test aanmeldingen, expectations, and a list of what was made."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import requests

from cli.conformance.caller import Caller, FailedError, read_json
from cli.conformance.contract import Rule, find_faults

Body = dict[str, Any]
# More pages than a test environment has: whoever goes on longer walks in a circle.
MOST_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class Check:
    """One rule to prove. `needs` are checks without which this one would say nothing."""

    name: str
    title: str
    where: Rule
    run: Callable[[Kit], None]
    needs: tuple[str, ...] = ()


CHECKS: list[Check] = []


def check(
    name: str, title: str, where: Rule, *needs: str
) -> Callable[[Callable[[Kit], None]], Callable[[Kit], None]]:
    """Add a function to the checks, in the order of the files."""

    def add(run: Callable[[Kit], None]) -> Callable[[Kit], None]:
        CHECKS.append(Check(name, title, where, run, needs))
        return run

    return add


class Kit:
    """One run against one partner."""

    def __init__(self, caller: Caller, soort: str) -> None:
        self.caller = caller
        self.run_id = secrets.token_hex(4)
        # What only this run knows: wherever it comes back, it leaked.
        self.personal = {
            "voornaam": f"Voornaam{self.run_id}",
            "naam": f"Proefpersoon{self.run_id}",
            "email": f"proef.{self.run_id}@example.org",
            "telefoon": f"+32 999 {int(self.run_id, 16):010d}",
        }
        # Every reference that was sent, and what became of it.
        self.made: dict[str, str] = {}
        self.begun = datetime.now(UTC) - timedelta(hours=1)
        self._soort = soort

    def new(self, draaiboek: str = "gewoon", **fields: Any) -> Body:
        """Write a test aanmelding of one of the contract's scenarios."""
        return {
            "referentie": str(uuid4()),
            "soort": self._soort,
            "dossierNummer": f"proef-{draaiboek}-{self.run_id}",
            "ingediendOp": datetime.now(UTC).isoformat(timespec="seconds"),
            "aanvrager": dict(self.personal),
            "gebouw": {
                "straat": "Diestsesteenweg",
                "huisnummer": "7",
                "postcode": "3010",
                "gemeente": "Leuven",
            },
            "vraag": "Dit is een proef.",
        } | fields

    def put(
        self, body: Body, key: str, *, raw: bytes | None = None, patient: bool = True,
        **headers: str,
    ) -> requests.Response:  # fmt: skip
        """Send an aanmelding; `raw` writes the same body in another way."""
        self.made.setdefault(body["referentie"], "")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.caller.send(
            "PUT", f"aanmeldingen/{body['referentie']}", patient=patient,
            headers={"Content-Type": "application/json", "Idempotency-Key": key} | given,
            data=json.dumps(body).encode() if raw is None else raw,
        )  # fmt: skip

    def create(self, body: Body, key: str | None = None) -> tuple[Body, str]:
        """Send a new aanmelding that must be made; return the receipt and its ETag."""
        answer = self.put(body, key or self.key(body))
        expect_status(answer, 201)
        return read_json(answer), answer.headers.get("ETag", "")

    @staticmethod
    def key(body: Body, number: int = 1) -> str:
        """Write an idempotency key for a request about this aanmelding."""
        return f"proef:{body['referentie']}:{number}"

    def get(self, referentie: str) -> requests.Response:
        """Ask what the partner holds."""
        return self.caller.send("GET", f"aanmeldingen/{referentie}")

    def delete(self, referentie: str) -> requests.Response:
        """Withdraw."""
        answer = self.caller.send("DELETE", f"aanmeldingen/{referentie}")
        if answer.status_code in (200, 404):
            self.made[referentie] = "ingetrokken"
        return answer

    def pages(self, path: str, limit: int, **params: str) -> Iterator[list[Body]]:
        """Follow the pages of a list to its end."""
        schema = {"aanmeldingen": "VoortgangBladzijde", "standen": "StandenBladzijde"}[path]
        asked = params | {"limiet": str(limit)}
        for _ in range(MOST_PAGES):
            answer = self.caller.send("GET", path, params=asked)
            expect_status(answer, 200)
            page = read_json(answer)
            expect_schema(schema, page)
            if len(page["items"]) > limit:
                raise FailedError(f"een bladzijde heeft {len(page['items'])} items, limiet {limit}")
            yield page["items"]
            if "volgende" not in page:
                return
            asked = params | {"limiet": str(limit), "pagina": page["volgende"]}
        raise FailedError("de bladzijden houden niet op")

    def events(self, referenties: set[str], limit: int = 100) -> list[Body]:
        """Return all that happened to some aanmeldingen since this run began."""
        since = write_moment(self.begun)
        pages = self.pages("aanmeldingen", limit, gewijzigdNa=since)
        return [e for page in pages for e in page if e["referentie"] in referenties]


def write_moment(moment: datetime) -> str:
    """Write a moment for a query."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Read a moment; without a zone it counts as UTC, which another check tells."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def expect(good: bool, why: str) -> None:
    """Fail the check unless `good`."""
    if not good:
        raise FailedError(why)


def expect_status(answer: requests.Response, *statuses: int) -> None:
    """Fail the check unless an answer has one of these statuses."""
    asked = answer.request.method
    wanted = " of ".join(str(status) for status in statuses)
    expect(answer.status_code in statuses, f"{asked} gaf {answer.status_code}, verwacht {wanted}")


def expect_schema(schema: str, body: Any) -> None:
    """Fail the check unless a body keeps to a schema of the contract."""
    faults = find_faults(schema, body)
    expect(not faults, f"het antwoord volgt {schema} niet op {', '.join(faults[:5])}")


def expect_problem(answer: requests.Response, status: int) -> None:
    """Fail the check unless an answer is this error as problem+json."""
    expect_status(answer, status)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    expect(kind == "application/problem+json", f"de fout {status} is {kind or 'zonder mediatype'}")
    try:
        body = json.loads(answer.content)
    except ValueError:
        raise FailedError(f"de fout {status} is geen JSON") from None
    expect_schema("Probleem", body)
    expect(body["status"] == status, f"de fout {status} zegt zelf status {body['status']}")
