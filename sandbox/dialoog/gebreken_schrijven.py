"""Broken builds of Dialoog: what goes wrong when it is written to. One mistake each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.dialoog import opslag
from sandbox.dialoog.opslag import Aanmelding
from sandbox.dialoog.partner import Partner, Result, write_json, write_receipt
from sandbox.dialoog.probleem import ProbleemError


class RepeatIsNew(Partner):
    """A repeat of a request gets 201 and a receipt as if it were the first."""

    def repeat(self, held: Aanmelding, key: str) -> Result:
        if key != held.idempotency_key:
            return super().repeat(held, key)
        return Result(write_receipt(201, held), False, held.dossiernummer)


class NewKeyConflicts(Partner):
    """The key counts, not the body: the same body under a new key is refused."""

    def repeat(self, held: Aanmelding, key: str) -> Result:
        if key != held.idempotency_key:
            raise ProbleemError(409, "andere-inhoud")
        return super().repeat(held, key)


class BytesCount(Partner):
    """Two bodies are compared byte by byte."""

    def write_inhoud(self, body: dict[str, Any], raw: bytes) -> str:
        return raw.decode()


class ConflictOverwrites(Partner):
    """Another body without If-Match replaces what was there."""

    def meet_conflict(
        self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding
    ) -> Result:
        return self.replace(key, body, inhoud, held)


class ConflictStillStores(Partner):
    """Another body is refused, and stored all the same."""

    def meet_conflict(
        self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding
    ) -> Result:
        self.replace(key, body, inhoud, held)
        raise ProbleemError(409, "andere-inhoud")


class StaleIsTaken(Partner):
    """An old version in If-Match replaces a newer one."""

    def meet_stale(
        self, request: Request, key: str, body: dict[str, Any], inhoud: str,
        held: Aanmelding | None,
    ) -> Result:  # fmt: skip
        if held is None:
            return super().meet_stale(request, key, body, inhoud, held)
        return self.replace(key, body, inhoud, held)


class IfMatchCreates(Partner):
    """A correction of what is not there makes it."""

    def meet_stale(
        self, request: Request, key: str, body: dict[str, Any], inhoud: str,
        held: Aanmelding | None,
    ) -> Result:  # fmt: skip
        if held is None:
            return self.create(request, key, body, inhoud)
        return super().meet_stale(request, key, body, inhoud, held)


class EtagStays(Partner):
    """A correction keeps the old ETag."""

    def replace(self, key: str, body: dict[str, Any], inhoud: str, held: Aanmelding) -> Result:
        versie = held.versie
        super().replace(key, body, inhoud, held)
        held.versie = versie
        opslag.save(self.state, held)
        return Result(write_receipt(200, held), True, held.dossiernummer)


class KeyIsForgotten(Partner):
    """A key may be used again for another request."""

    def claim_key(self, key: str, referentie: str, inhoud: str) -> None:
        return


class WithdrawnRevives(Partner):
    """A late repeat brings a withdrawn aanmelding back."""

    def meet_withdrawn(
        self, request: Request, key: str, body: dict[str, Any], inhoud: str
    ) -> Result:
        return self.create(request, key, body, inhoud)


class WithdrawTwiceFails(Partner):
    """Withdrawing again what is gone is a conflict."""

    def delete(self, referentie: str) -> Result:
        held = opslag.find(self.state, referentie)
        if held is not None and held.uitkomst == "verwijderd":
            raise ProbleemError(409, "ingetrokken")
        return super().delete(referentie)


class WithdrawnStaysVisible(Partner):
    """It says removed, and still has it."""

    def get(self, referentie: str) -> Result:
        held = opslag.find(self.state, referentie)
        if held is None or held.uitkomst != "verwijderd":
            return super().get(referentie)
        body = {
            "referentie": held.referentie, "soort": held.soort, "status": held.status,
            "ontvangenOp": held.ontvangen_op, "gewijzigdOp": held.gewijzigd_op,
            "idempotencyKey": held.idempotency_key,
        }  # fmt: skip
        return Result(write_json(200, body, held.etag), False, held.dossiernummer)


class KeptWithoutDuty(Partner):
    """It keeps what was withdrawn without saying why."""

    def delete(self, referentie: str) -> Result:
        result = super().delete(referentie)
        body = orjson.loads(result.response.body)
        body.pop("bewaarplicht", None)
        return result._replace(response=write_json(200, body))


class UnknownFieldIsTaken(Partner):
    """A field outside the contract is taken in."""

    def read(self, request: Request, raw: bytes) -> dict[str, Any]:
        try:
            return super().read(request, raw)
        except ProbleemError as problem:
            if {f["code"] for f in problem.body.get("fouten", ())} != {"onbekend_veld"}:
                raise
            body: dict[str, Any] = orjson.loads(raw)
            return body


class AnyMediaType(Partner):
    """Whatever Content-Type says is read as JSON."""

    def read(self, request: Request, raw: bytes) -> dict[str, Any]:
        try:
            return super().read(request, raw)
        except ProbleemError as problem:
            if problem.status != 415:
                raise
            body: dict[str, Any] = orjson.loads(raw)
            return body


class BusyWithoutPause(Partner):
    """429 does not say how long to wait."""

    def be_busy(self, request: Request, key: str, body: dict[str, Any]) -> None:
        raise ProbleemError(429, "te-veel-verzoeken")


class BusyButStored(Partner):
    """429, and the aanmelding was stored."""

    def be_busy(self, request: Request, key: str, body: dict[str, Any]) -> None:
        self.create(request, key, body, self.write_inhoud(body, b""))
        super().be_busy(request, key, body)


class CheckThenAct(Partner):
    """Looks, waits, then writes: calls at the same time each make one."""

    _unseen: frozenset[str] = frozenset()

    async def prepare(self, request: Request, path: str) -> None:
        referentie = path.partition("/")[2]
        if request.method == "PUT" and opslag.find(self.state, referentie) is None:
            await asyncio.sleep(0.1)
            request.state.unseen = True

    def carry_out(self, request: Request, path: str, body: bytes) -> Result:
        referentie = path.partition("/")[2]
        held = opslag.find(self.state, referentie)
        if held is not None and getattr(request.state, "unseen", False):
            key = request.headers["idempotency-key"]
            return self.create(request, key, orjson.loads(body), held.inhoud or "")
        return super().carry_out(request, path, body)


class OneAtATime(Partner):
    """A client that sends slowly keeps all others waiting."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        async with self._lock:
            yield


class ForgetsWhenLeft(Partner):
    """A client that leaves before the answer undoes the aanmelding, but the key stays answered."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._left: dict[str, Aanmelding] = {}

    async def prepare(self, request: Request, path: str) -> None:
        if request.method == "PUT":
            await asyncio.sleep(0.2)
            request.state.left = await request.is_disconnected()

    def create(self, request: Request, key: str, body: dict[str, Any], inhoud: str) -> Result:
        gone = self._left.get(key)
        if gone is not None:
            return Result(write_receipt(200, gone), False, gone.dossiernummer)
        result = super().create(request, key, body, inhoud)
        if getattr(request.state, "left", False):
            made = opslag.find(self.state, body["referentie"])
            if made is not None:
                self._left[key] = made
            for tabel in ("dialoog_aanmelding", "dialoog_voortgang"):
                self.state.execute(
                    f"DELETE FROM {tabel} WHERE referentie = ?", (body["referentie"],)
                )
        return result


class RefusalNamesResident(Partner):
    """A refusal tells who was refused."""

    def refuse(self, body: dict[str, Any]) -> None:
        try:
            super().refuse(body)
        except ProbleemError as problem:
            problem.body["detail"] = f"{body['aanvrager']['naam']} wordt niet aanvaard"
            raise


class UnsignedIsHtml(Partner):
    """A login page in HTML instead of a problem."""

    def carry_out(self, request: Request, path: str, body: bytes) -> Result:
        try:
            return super().carry_out(request, path, body)
        except ProbleemError as problem:
            if problem.status != 401:
                raise
            return Result(Response("<h1>Log in</h1>", 401, media_type="text/html"))


BUILDS: dict[str, type[Partner]] = {
    "herhaling_201": RepeatIsNew,
    "nieuwe_sleutel_409": NewKeyConflicts,
    "bytes_tellen": BytesCount,
    "conflict_overschrijft": ConflictOverwrites,
    "conflict_toch_bewaard": ConflictStillStores,
    "verouderde_etag_aanvaard": StaleIsTaken,
    "if_match_maakt_aan": IfMatchCreates,
    "etag_blijft": EtagStays,
    "sleutel_hergebruikt": KeyIsForgotten,
    "intrekking_herleeft": WithdrawnRevives,
    "tweede_intrekking_409": WithdrawTwiceFails,
    "verwijderd_blijft_zichtbaar": WithdrawnStaysVisible,
    "bewaard_zonder_plicht": KeptWithoutDuty,
    "onbekend_veld_aanvaard": UnknownFieldIsTaken,
    "mediatype_genegeerd": AnyMediaType,
    "druk_zonder_retry_after": BusyWithoutPause,
    "druk_toch_verwerkt": BusyButStored,
    "gelijktijdig_dubbel": CheckThenAct,
    "traag_houdt_op": OneAtATime,
    "vergeet_na_breuk": ForgetsWhenLeft,
    "fout_noemt_bewoner": RefusalNamesResident,
    "fout_als_html": UnsignedIsHtml,
}
