"""Speaks clamd's protocol: PING, VERSION and INSTREAM, and finds the test file of EICAR.

It finds EICAR anywhere in a stream, which a real scanner does only where it unpacks. The setting
``stroomgrens`` is StreamMaxLength (bytes). Ordered faults (system ``viruskeuring``, ``operatie``
instream): ``vertraging`` waits before the answer, ``reset`` hangs up without one, ``5xx`` answers
that the scanner failed, ``onzin`` answers something else.
"""

from __future__ import annotations

import asyncio
import hashlib
import struct
from contextlib import suppress

from sandbox.journal import Regel
from sandbox.world import World

SYSTEEM = "viruskeuring"
_GARBAGE = "HTTP/1.1 400 Bad Request"
# In two halves, so that no scanner takes this file for the test file.
_EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_COMMAND_SECONDS = 30.0
_LONGEST_COMMAND = 1024


class Keurder:
    """Answers one visitor after the other; a connection is one command."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(OSError, EOFError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_COMMAND_SECONDS):
                command, end = await _read_command(reader)
                said = await self._carry_out(command, reader)
            if said is not None:
                writer.write(said.encode() + end)
                await writer.drain()
        writer.close()

    async def _carry_out(self, command: str, reader: asyncio.StreamReader) -> str | None:
        """Return the answer, None to hang up without one."""
        if command == "PING":
            return "PONG"
        if command == "VERSION":
            return "ClamAV 1.4.3/27900/Tue Nov 24 09:00:00 2026"
        if command != "INSTREAM":
            return "UNKNOWN COMMAND"
        settings = self._world.settings.get(SYSTEEM)
        stream = await _read_stream(reader, settings["stroomgrens"])
        await asyncio.sleep(settings["antwoordtijd"])
        said = await self._judge(stream)
        self._note(said, stream)
        return said

    async def _judge(self, stream: bytes | None) -> str | None:
        fault = self._world.faults.take(SYSTEEM, "instream")
        if fault is not None:
            if fault.soort == "reset":
                return None
            if fault.soort == "5xx":
                return "stream: Can't allocate memory ERROR"
            if fault.soort == "onzin":
                return _GARBAGE
            await asyncio.sleep(fault.seconden or 1.0)
        if stream is None:
            return "INSTREAM size limit exceeded. ERROR"
        return "stream: Eicar-Test-Signature FOUND" if _EICAR in stream else "stream: OK"

    def _note(self, said: str | None, stream: bytes | None) -> None:
        """Write down what was answered, and about which bytes by their hash."""
        key = None if stream is None else hashlib.sha256(stream).hexdigest()
        status = 0 if said is None else 200
        with self._world.state.write():
            self._world.journal.record(Regel(SYSTEEM, "instream", status, sleutel=key, inhoud=said))


async def serve_keuring(world: World, host: str, port: int) -> asyncio.Server:
    """Listen."""
    return await asyncio.start_server(Keurder(world).answer, host, port)


async def _read_command(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return the command and what ends it: z and a null byte, or n and a new line."""
    first = await reader.readexactly(1)
    end = {b"z": b"\0", b"n": b"\n"}.get(first)
    if end is None:
        return "", b"\n"
    command = await reader.readuntil(end)
    return command[:-1].decode("ascii", "replace")[:_LONGEST_COMMAND], end


async def _read_stream(reader: asyncio.StreamReader, limit: float | None) -> bytes | None:
    """Return what the chunks hold, None as soon as it is more than the limit."""
    parts, size = [], 0
    while True:
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        if not length:
            return b"".join(parts)
        size += length
        if limit is not None and size > limit:
            return None
        parts.append(await reader.readexactly(length))
