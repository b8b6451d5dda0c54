"""The partner's SFTP server: two folders, strict on names, and it breaks off on command.

Ordered faults (``operatie`` sftp_write, sftp_rename, sftp_list or sftp_read): ``reset`` closes the
connection before the act, ``bevestig_en_verbreek`` after it, ``5xx`` refuses the act as a full disk
does, ``vertraging`` waits first.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
from pathlib import Path

import asyncssh

from sandbox.journal import Regel
from sandbox.world import World

IN, UIT = "naar_partner", "naar_stad"
DOCUMENTEN = f"{UIT}/documenten"
_NAME = re.compile(
    rb"/naar_partner/aanmeldingen-\d{8}T\d{12}Z-[0-9a-f]{8}\.jsonl(\.deel|\.sha256)?\Z"
)


class Toegang(asyncssh.SSHServer):
    """Who may come in: one login, with the password or the key that was agreed."""

    def __init__(self, login: str, wachtwoord: str) -> None:
        self._login = login
        self._wachtwoord = wachtwoord

    def password_auth_supported(self) -> bool:
        """Offer a password."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Compare both."""
        good = hmac.compare_digest(password.encode(), self._wachtwoord.encode())
        return good and username == self._login


class Mappen(asyncssh.SFTPServer):
    """The two folders of one partner, for one visitor."""

    def __init__(self, chan: asyncssh.SSHServerChannel, world: World, folder: Path) -> None:
        super().__init__(chan, chroot=os.fsencode(folder))
        self._world = world

    async def _break(self, operatie: str) -> bool:
        """Carry out what was ordered before the act; True when the line breaks after it."""
        fault = self._world.faults.take("igo", operatie)
        if fault is None:
            return False
        if fault.soort == "reset":
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("reset")
        if fault.soort == "5xx":
            raise asyncssh.SFTPFailure("No space left on device")
        if fault.soort == "vertraging":
            await asyncio.sleep(fault.seconden or 1.0)
        return fault.soort == "bevestig_en_verbreek"

    def _end(self, breaks: bool) -> None:
        if breaks:
            self.connection.abort()

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open: new files only, with a name of the agreement; receipts are for reading."""
        if pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND):
            if not _NAME.match(b"/" + path.lstrip(b"/")) or not pflags & asyncssh.FXF_EXCL:
                raise asyncssh.SFTPPermissionDenied("not a name of the agreement")
        elif await self._break("sftp_read"):
            self.connection.abort()
        return super().open(path, pflags, attrs)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write; broken off after half of it, or before."""
        breaks = await self._break("sftp_write")
        written = super().write(file_obj, offset, data[: len(data) // 2] if breaks else data)
        self._end(breaks)
        assert isinstance(written, int)
        return written

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Hand a batch in: only from its passing name to its name, never over another."""
        if oldpath != newpath + b".deel" or not _NAME.match(b"/" + newpath.lstrip(b"/")):
            raise asyncssh.SFTPPermissionDenied("not a rename of the agreement")
        breaks = await self._break("sftp_rename")
        super().rename(oldpath, newpath)
        with self._world.state.write():
            self._world.journal.record(
                Regel("igo", "sftp_rename", 200, sleutel=newpath.rpartition(b"/")[2].decode())
            )
        self._end(breaks)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Refuse the rename that replaces."""
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied("no replacing")

    async def scandir(self, path: bytes):  # type: ignore[no-untyped-def]
        """List a folder."""
        breaks = await self._break("sftp_list")
        async for name in super().scandir(path):
            yield name
        self._end(breaks)

    def remove(self, path: bytes) -> None:
        """Remove what was never handed in."""
        if not path.endswith((b".deel", b".sha256")):
            raise asyncssh.SFTPPermissionDenied("a batch that was handed in is the partner's")
        super().remove(path)


async def serve(world: World, folder: Path, host: str, port: int) -> asyncssh.SSHAcceptor:
    """Listen: the city signs on with the password, or with its key when one was agreed."""
    for name in (IN, UIT, DOCUMENTEN):
        (folder / name).mkdir(parents=True, exist_ok=True)
    secrets = world.secrets.igo_sftp
    agreed = secrets.get("stadsleutel")
    authorized = asyncssh.import_authorized_keys(agreed) if agreed else None
    return await asyncssh.listen(
        host,
        port,
        server_factory=lambda: Toegang(secrets["login"], secrets["wachtwoord"]),
        server_host_keys=[asyncssh.import_private_key(secrets["hostsleutel"])],
        authorized_client_keys=authorized,
        sftp_factory=lambda chan: Mappen(chan, world, folder),
        allow_scp=False,
        process_factory=None,
    )
