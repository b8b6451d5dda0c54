"""The partner's desk: takes batches, looks at their checksum, handles each line, writes receipts.

A line is handled by the partner's own service, so that files and REST follow the same rules and
share one memory and one journal. A batch is taken away only when every line has its receipt.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message

from sandbox.sftp.server import IN, UIT
from sandbox.world import World

_TICK_SECONDS = 0.05


class Loket:
    """Handles the batches of one partner, one after the other."""

    def __init__(self, world: World, folder: Path, service: ASGIApp, token: str) -> None:
        self._world = world
        self._in, self._uit = folder / IN, folder / UIT
        self._service = service
        self._token = token
        self._seen: dict[str, float] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            settings = self._world.settings.get("igo")
            for path in sorted(self._in.glob("*.jsonl")):
                since = self._seen.setdefault(path.name, loop.time())
                if loop.time() - since >= settings["verwerkingstijd"]:
                    await self._handle(path, settings)

    async def _handle(self, path: Path, settings: dict[str, Any]) -> None:
        content = path.read_bytes()
        checksum = path.with_name(path.name + ".sha256")
        expected = f"{hashlib.sha256(content).hexdigest()}  {path.name}\n"
        if not checksum.is_file() or checksum.read_text() != expected:
            path.rename(path.with_name(path.name + ".geweigerd"))
            return
        lines = [json.loads(line) for line in content.splitlines()]
        done, number = self._answered(path)
        todo = [line for line in lines if line["idempotencyKey"] not in done]
        at_once = settings["regels_per_ontvangst"] or len(lines)
        answers = [await self._answer(line) for line in todo[:at_once]]
        if answers:
            self._write(path, number + 1, answers)
            if settings["dubbele_ontvangst"]:
                self._write(path, number + 2, answers)
        if len(todo) <= at_once:
            path.unlink()
            checksum.unlink()
            self._seen.pop(path.name, None)

    def _answered(self, path: Path) -> tuple[set[str], int]:
        """Return the keys that have a receipt, and how many receipts there are."""
        receipts = sorted(self._uit.glob(f"{path.stem}.ontvangst-*.jsonl"))
        keys = {
            json.loads(line)["idempotencyKey"]
            for receipt in receipts
            for line in receipt.read_bytes().splitlines()
        }
        return keys, len(receipts)

    def _write(self, path: Path, number: int, answers: list[dict[str, Any]]) -> None:
        name = f"{path.stem}.ontvangst-{number}.jsonl"
        passing = self._uit / f"{name}.deel"
        passing.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
        passing.rename(self._uit / name)

    async def _answer(self, line: dict[str, Any]) -> dict[str, Any]:
        withdraws = line["bewerking"] == "intrekken"
        body = None if withdraws else line["aanmelding"]
        status, said = await self._call("DELETE" if withdraws else "PUT", line, body)
        answer: dict[str, Any] = {"idempotencyKey": line["idempotencyKey"]}
        if withdraws and status == 404:
            said = {
                "referentie": line["referentie"], "uitkomst": "verwijderd",
                "ingetrokkenOp": "2026-01-01T00:00:00Z",
            }  # fmt: skip
            status = 200
        if status < 300:
            answer |= {"uitkomst": "aanvaard", "intrekking" if withdraws else "ontvangst": said}
        else:
            answer |= {"uitkomst": "geweigerd", "probleem": said}
        return answer

    async def _call(
        self, method: str, line: dict[str, Any], body: dict[str, Any] | None
    ) -> tuple[int, dict[str, Any]]:
        """Ask the partner's own service, as its desk does."""
        headers = {
            "authorization": f"Bearer {self._token}",
            "content-type": "application/json",
            "idempotency-key": line["idempotencyKey"],
            "x-correlation-id": line.get("correlatieId", ""),
        }
        scope = {
            "type": "http",
            "method": method,
            "path": f"/aanmeldingen/{line['referentie']}",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        raw = b"" if body is None else json.dumps(body).encode()
        status, parts = 0, []

        async def receive() -> Message:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self._service(scope, receive, send)
        return status, json.loads(b"".join(parts))
