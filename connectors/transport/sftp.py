"""One visit to an SFTP server: signed on to a known host, over within its time, errors sorted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import asyncssh

from connectors.transport.deadline import seconds_left
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    RetryableError,
)

Gevonden = TypeVar("Gevonden")
_SECONDS: Final = 30.0
_SIGN_ON_SECONDS: Final = 10.0
_LEAVE_SECONDS: Final = 1.0
_LARGEST: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SftpAdres:
    """Where the server is and how we sign on: with a password or a private key (PEM or OpenSSH).

    `hostsleutel` is the server's public key as ``ssh-ed25519 AAAA…``; another key is refused.
    """

    host: str
    port: int
    login: str
    hostsleutel: str
    wachtwoord: str | None = field(default=None, repr=False)
    sleutel: str | None = field(default=None, repr=False)


class OversizedError(Exception):
    """A file holds more bytes than we are willing to read."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a file holds more than {most} bytes")
        self.most = most


class SftpBezoek:
    """What can be done while we are there; paths lie below the folder where we arrive."""

    def __init__(self, client: asyncssh.SFTPClient, *, changes: bool) -> None:
        self._client = client
        self._changes = changes

    async def list_names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder, sorted."""
        return sorted(
            str(name) for name in await self._client.listdir(folder) if name not in (".", "..")
        )

    async def read(self, path: str, *, most: int = _LARGEST) -> bytes | None:
        """Return a file's content, None when it is not there (any more).

        Raises: OversizedError when it holds more than `most` bytes.
        """
        try:
            async with self._client.open(path, "rb") as stream:
                content: bytes = await stream.read(most + 1)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        if len(content) > most:
            raise OversizedError(most)
        return content

    async def upload(self, path: str, content: bytes) -> None:
        """Write a file that is not there yet, and look whether all of it arrived.

        Raises: OSError when the server holds fewer bytes than were written.
        """
        self._must_change()
        async with self._client.open(path, "xb") as stream:
            await stream.write(content)
        size = (await self._client.stat(path)).size
        if size != len(content):
            raise OSError("the file did not arrive whole")

    async def rename(self, path: str, to: str) -> None:
        """Rename a file; one that has the new name already is never replaced."""
        self._must_change()
        await self._client.rename(path, to)

    async def remove(self, path: str) -> None:
        """Remove a file."""
        self._must_change()
        await self._client.remove(path)

    def _must_change(self) -> None:
        if not self._changes:
            raise RuntimeError("this visit was announced as one that changes nothing")


class SftpServer:
    """One partner's server; a visit is one connection. Safe to share between threads."""

    def __init__(self, system: str, adres: SftpAdres, *, seconds: float = _SECONDS) -> None:
        self.system = system
        self._adres = adres
        self._seconds = seconds

    def visit(
        self,
        work: Callable[[SftpBezoek], Awaitable[Gevonden]],
        *,
        operation: str,
        key: str,
        changes: bool,
    ) -> Gevonden:
        """Do the work in one connection and return what it found; it only reads unless `changes`.

        Raises:
            AuthenticationError: the host shows another key, or does not let us in or at a folder.
            RetryableError: it could not be reached, broke off, or was not over in time. What the
                work had changed by then, the work itself must know.
            ContractError: a folder of the agreement is not there, or a file is too large.
        """
        left = seconds_left()
        seconds = self._seconds if left is None else min(self._seconds, left)
        if seconds <= 0:
            raise RetryableError(self.system, operation, key, "no time was left to begin")
        try:
            return asyncio.run(self._visit(work, seconds, changes=changes))
        except (ConnectorError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise self._sorted(error, operation, key) from error

    async def _visit(
        self,
        work: Callable[[SftpBezoek], Awaitable[Gevonden]],
        seconds: float,
        *,
        changes: bool,
    ) -> Gevonden:
        end = time.monotonic() + seconds
        connection = await asyncio.wait_for(self._connect(), seconds)

        async def do() -> Gevonden:
            client = await connection.start_sftp_client()
            return await work(SftpBezoek(client, changes=changes))

        doing = asyncio.ensure_future(do())
        try:
            done, _ = await asyncio.wait({doing}, timeout=max(0.0, end - time.monotonic()))
        finally:
            # Not the polite way out: a server that says nothing would hold us beyond our time.
            connection.abort()
        if not done:
            doing.cancel()
            await asyncio.wait({doing}, timeout=_LEAVE_SECONDS)
            raise TimeoutError
        return doing.result()

    async def _connect(self) -> asyncssh.SSHClientConnection:
        adres = self._adres
        known = asyncssh.import_public_key(adres.hostsleutel)
        keys = [asyncssh.import_private_key(adres.sleutel)] if adres.sleutel else None
        return await asyncssh.connect(
            adres.host,
            adres.port,
            username=adres.login,
            password=adres.wachtwoord,
            client_keys=keys,
            known_hosts=([known], [], []),
            config=None,
            agent_path=None,
            login_timeout=_SIGN_ON_SECONDS,
            connect_timeout=_SIGN_ON_SECONDS,
        )

    def _sorted(self, error: Exception, operation: str, key: str) -> ConnectorError:
        """Return the error of the family, with the kind only: a library's text may quote a path."""
        name = type(error).__name__
        match error:
            case asyncssh.HostKeyNotVerifiable():
                return AuthenticationError(
                    self.system,
                    operation,
                    key,
                    "the host shows another key than the one we know",
                    advice="Ask the partner whether it changed its host key; only then put the new "
                    "one in the connection and open the channel",
                )
            case asyncssh.PermissionDenied() | asyncssh.SFTPPermissionDenied():
                return AuthenticationError(self.system, operation, key, f"refused: {name}")
            case asyncssh.KeyImportError():
                observed = "a key in the connection cannot be read"
                return AuthenticationError(self.system, operation, key, observed)
            case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath():
                observed = "a folder of the agreement is not there"
                return ContractError(self.system, operation, key, observed)
            case OversizedError():
                return ContractError(self.system, operation, key, str(error))
            case asyncssh.Error() | OSError() | TimeoutError():
                return RetryableError(self.system, operation, key, f"broke off: {name}")
        raise error
