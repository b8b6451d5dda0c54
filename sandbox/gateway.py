"""In front of every simulator: ordered faults, answer time and the count of open requests.

A MAGDA exception that was ordered is handed on in ``scope["sandbox.fout"]`` (a Fault or None), the
number of requests now open at that system in ``scope["sandbox.gelijktijdig"]``: how such an answer
looks is the simulator's own affair.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import time
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Fault
from sandbox.journal import Regel
from sandbox.world import World

Identify = Callable[[Scope], tuple[str, str]]
"""Tells (systeem, operatie) of a request from its method, path and headers."""

TRANSPORT = "sandbox.transport"


def get_header(scope: Scope, name: bytes) -> str | None:
    """Return one request header by its lower-case name, or None."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def build_error(systeem: str, status: int, retry_after: str | None = None) -> Response:
    """Build the answer of a system that is broken or too busy, in the system's own format."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    busy = status == 429
    if systeem == "crm":
        code = "0x80072322" if busy else "0x80040224"
        message = (
            "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
            if busy
            else "An unexpected error occurred."
        )
        return Response(
            json.dumps({"error": {"code": code, "message": message}}),
            status,
            headers | {"OData-Version": "4.0"},
            media_type="application/json; odata.metadata=minimal",
        )
    if systeem in ("basisregisters", "dialoog", "igo", "grb"):
        urn = "urn:be.vlaanderen.basisregisters.api:" if systeem == "basisregisters" else "urn:"
        problem = {
            "type": urn + ("throttled" if busy else "internal-server-error"),
            "title": "Te veel aanvragen." if busy else "Er is een fout opgetreden.",
            "status": status,
        }
        return Response(json.dumps(problem), status, headers, media_type="application/problem+json")
    return Response(
        "<html><body><h1>Service Unavailable</h1></body></html>", status, headers,
        media_type="text/html",
    )  # fmt: skip


def abort_connection(scope: Scope) -> None:
    """Close the client's socket at once with a TCP reset, without an answer."""
    transport = scope[TRANSPORT]
    handle = transport.get_extra_info("socket")
    if handle is not None:
        with socket.socket(fileno=os.dup(handle.fileno())) as duplicate:
            duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Gateway:
    """Wraps one mounted simulator."""

    def __init__(self, app: ASGIApp, world: World, identify: Identify) -> None:
        self._app = app
        self._world = world
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        systeem, operatie = self._identify(scope)
        settings, load = self._world.settings.get(systeem), self._world.load
        scope["sandbox.gelijktijdig"] = load.begin(systeem, settings.get("max_gelijktijdig"))
        scope["sandbox.fout"] = None
        answer_at = time.monotonic() + settings["antwoordtijd"]
        is_open = True

        def end() -> None:
            nonlocal is_open
            if is_open:
                is_open = False
                load.end(systeem)

        async def count_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The time it takes to make the answer is part of the answer time.
                await _sleep_until(answer_at)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                # Before the last byte: with it the client may ask again.
                end()
            await send(message)

        try:
            fault = self._world.faults.take(systeem, operatie)
            if fault is None:
                await self._app(scope, receive, count_and_send)
            elif fault.soort == "uitzondering" or fault.uitzondering:
                scope["sandbox.fout"] = fault
                await self._app(scope, receive, count_and_send)
            else:
                await _sleep_until(answer_at)
                await self._carry_out(fault, operatie, scope, receive, count_and_send)
        finally:
            end()

    async def _carry_out(
        self, fault: Fault, operatie: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.soort == "vertraging":
            await asyncio.sleep(1.0 if fault.seconden is None else fault.seconden)
            await self._app(scope, receive, send)
        elif fault.soort == "bevestig_en_verbreek":
            await self._app(scope, receive, _swallow)
            await self._cut(scope, receive)
        elif fault.soort == "half":
            await self._app(scope, receive, _halve(send))
            # Not a reset: that could take the first half with it.
            scope[TRANSPORT].close()
            await _until_closed(receive)
        elif fault.soort == "reset":
            self._note(fault.systeem, operatie, scope, 0)
            await self._cut(scope, receive)
        elif fault.soort == "onzin":
            status = fault.status or 200
            self._note(fault.systeem, operatie, scope, status)
            await _answer_garbage(fault.systeem, status)(scope, receive, send)
        else:
            status = 429 if fault.soort == "429" else (fault.status or 503)
            self._note(fault.systeem, operatie, scope, status)
            retry_after = fault.retry_after
            if retry_after is None and status == 429:
                retry_after = "1"
            await build_error(fault.systeem, status, retry_after)(scope, receive, send)

    def _note(self, systeem: str, operatie: str, scope: Scope, status: int) -> None:
        with self._world.state.write():
            self._world.journal.record(
                Regel(
                    systeem,
                    operatie,
                    status,
                    correlatie_id=get_header(scope, b"x-correlation-id"),
                    idempotency_key=get_header(scope, b"idempotency-key"),
                )
            )

    @staticmethod
    async def _cut(scope: Scope, receive: Receive) -> None:
        abort_connection(scope)
        await _until_closed(receive)


async def _sleep_until(moment: float) -> None:
    if (left := moment - time.monotonic()) > 0:
        await asyncio.sleep(left)


async def _until_closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _swallow(message: Message) -> None:
    """Take an answer that will never leave."""


def _halve(send: Send) -> Send:
    """Send the head of an answer, which promises all of it, and the first half of its body."""
    parts: list[bytes] = []

    async def send_half(message: Message) -> None:
        if message["type"] != "http.response.body":
            await send(message)
            return
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            body = b"".join(parts)
            half = {"type": "http.response.body", "body": body[: len(body) // 2]}
            await send({**half, "more_body": True})

    return send_half


def _answer_garbage(systeem: str, status: int) -> Response:
    media_type = "text/xml; charset=UTF-8" if systeem in ("epc", "dosis") else "application/json"
    return Response(b'\x00{"<onzin' + bytes(range(128, 192)), status, media_type=media_type)
