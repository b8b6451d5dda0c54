"""Broken builds of Dialoog: what goes wrong when it is read, and odd ones that are right."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.dialoog import opslag
from sandbox.dialoog.opslag import Aanmelding
from sandbox.dialoog.partner import Partner, Result, write_json, write_receipt
from sandbox.dialoog.probleem import ProbleemError, refuse_field
from sandbox.dialoog.voortgang import list_voortgang

_KNOWN = {"gewijzigdNa", "pagina", "limiet"}


class FirstKeyStays(Partner):
    """After a correction it still names the key of the first request."""

    def replace(self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding) -> Result:
        return super().replace(held.idempotency_key, body, inhoud, held)


class NothingIsFine(Partner):
    """What it does not know is an empty 200."""

    def get(self, referentie: str) -> Result:
        if opslag.find(self.state, referentie) is None:
            return Result(write_json(200, {}))
        return super().get(referentie)


class PageSkips(Partner):
    """The first event of every later page is lost."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_voortgang(since, page, limit)
        if page is not None:
            body["items"] = body["items"][1:]
        return body


class PageRepeats(Partner):
    """The last event of a page comes again on the next."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_voortgang(since, page, limit)
        if "volgende" in body and limit > 1:
            moment, number = body["items"][-2]["gewijzigdOp"], body["items"][-2]["id"]
            body["volgende"] = base64.urlsafe_b64encode(f"{moment} {number}".encode()).decode()
        return body


class NewestFirst(Partner):
    """A page begins with the newest event."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_voortgang(since, page, limit)
        body["items"].reverse()
        return body


class PageIsOffset(Partner):
    """A page is a place in the list, which moves when something is removed."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        place = int(page or "0")
        everything = list_voortgang(self.state, since, None, 1_000_000)["items"]
        body: dict[str, Any] = {"items": everything[place : place + limit]}
        if len(everything) > place + limit:
            body["volgende"] = str(place + limit)
        return body


class SinceIsInclusive(Partner):
    """The event of the moment itself comes again."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        if page is None:
            page = base64.urlsafe_b64encode(f"{since} 0".encode()).decode()
        return super().list_voortgang(since, page, limit)


class AdviceWithoutKind(Partner):
    """An advice does not say of which kind it is."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_voortgang(since, page, limit)
        for item in body["items"]:
            item.pop("adviesSoort", None)
        return body


class KeptIsNotListed(Partner):
    """What it keeps by law is missing from its list."""

    def list_standen(self, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_standen(page, limit)
        body["items"] = [item for item in body["items"] if "intrekking" not in item]
        return body


class NoTimeZone(Partner):
    """Moments come without a time zone."""

    def list_standen(self, page: str | None, limit: int) -> dict[str, Any]:
        body = super().list_standen(page, limit)
        for item in body["items"]:
            item["gewijzigdOp"] = item["gewijzigdOp"].removesuffix("Z")
        return body


class UnknownParameterFails(Partner):
    """A parameter of a later version is an error."""

    def give_voortgang(self, request: Request) -> Response:
        if unknown := set(request.query_params) - _KNOWN:
            raise refuse_field(sorted(unknown)[0], "onbekend_veld")
        return super().give_voortgang(request)


class ProblemWithoutStatus(Partner):
    """A problem of what is not there lacks what a problem must say."""

    def get(self, referentie: str) -> Result:
        try:
            return super().get(referentie)
        except ProbleemError as problem:
            if opslag.find(self.state, referentie) is None:
                del problem.body["status"]
            raise


class ReceiptOfAnother(Partner):
    """The receipt is for another reference."""

    def create(self, request: Request, key: str, body: dict[str, Any], inhoud: str) -> Result:
        result = super().create(request, key, body, inhoud)
        held = opslag.find(self.state, body["referentie"])
        if held is None:
            return result
        held.referentie = "00000000-0000-4000-8000-000000000000"
        return result._replace(response=write_receipt(201, held))


class MoreFields(Partner):
    """Allowed: answers hold fields of a later version."""

    def carry_out(self, request: Request, path: str, body: bytes) -> Result:
        result = super().carry_out(request, path, body)
        answer = result.response
        if answer.media_type != "application/json":
            return result
        content = orjson.loads(answer.body) | {"nieuwVeld": {"later": True}}
        for item in content.get("items", ()):
            item["nieuwVeld"] = 1
        etag = answer.headers.get("etag")
        return result._replace(response=write_json(answer.status_code, content, etag))


class SmallPages(Partner):
    """Allowed: pages hold fewer than was asked."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        return super().list_voortgang(since, page, min(limit, 3))

    def list_standen(self, page: str | None, limit: int) -> dict[str, Any]:
        return super().list_standen(page, min(limit, 3))


class OwnClock(Partner):
    """Allowed: moments in whole seconds, many events in one, and in the partner's own time zone."""

    def list_voortgang(self, since: str, page: str | None, limit: int) -> dict[str, Any]:
        after = (since[:19], 2**62) if page is None else (page[:19], int(page[19:]))
        found = [
            (item["gewijzigdOp"][:19], int(item["id"]), item)
            for item in list_voortgang(self.state, "", None, 1_000_000)["items"]
        ]
        left = [one for one in found if one[:2] > after]
        items = []
        for moment, _, item in left[:limit]:
            told = datetime.fromisoformat(f"{moment}Z").astimezone(timezone(timedelta(hours=1)))
            items.append(item | {"gewijzigdOp": told.isoformat()})
        body: dict[str, Any] = {"items": items}
        if len(left) > limit:
            moment, number, _ = left[limit - 1]
            body["volgende"] = f"{moment}{number}"
        return body


class ForgetsWithdrawn(Partner):
    """Allowed: withdrawing again what was removed is 404."""

    def delete(self, referentie: str) -> Result:
        held = opslag.find(self.state, referentie)
        if held is not None and held.uitkomst == "verwijderd":
            raise ProbleemError(404, "niet-gekend")
        return super().delete(referentie)


BUILDS: dict[str, type[Partner]] = {
    "eerste_sleutel_blijft": FirstKeyStays,
    "onbekend_is_leeg": NothingIsFine,
    "bladzijde_slaat_over": PageSkips,
    "bladzijde_herhaalt": PageRepeats,
    "nieuwste_eerst": NewestFirst,
    "bladzijde_is_plaats": PageIsOffset,
    "sinds_is_inclusief": SinceIsInclusive,
    "advies_zonder_soort": AdviceWithoutKind,
    "bewaard_niet_in_standen": KeptIsNotListed,
    "tijd_zonder_zone": NoTimeZone,
    "onbekende_parameter_400": UnknownParameterFails,
    "probleem_zonder_status": ProblemWithoutStatus,
    "ontvangst_van_een_ander": ReceiptOfAnother,
}
ODD: dict[str, type[Partner]] = {
    "extra_velden": MoreFields,
    "kleine_bladzijden": SmallPages,
    "eigen_klok": OwnClock,
    "vergeet_na_intrekking": ForgetsWithdrawn,
}
