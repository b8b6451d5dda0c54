"""Hand in aanmeldingen as files at a partner over SFTP, ask what waits there, read its receipts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncssh

from connectors.aanmelding.bestanden import (
    BATCH,
    CONTROLESOM,
    DEEL,
    DOCUMENTEN,
    GEWEIGERD,
    NAAR_PARTNER,
    NAAR_STAD,
    ONTVANGST,
    Antwoord,
    Regel,
    name_batch,
    read_keys,
    read_receipt,
    refuse_batch,
    write_batch,
    write_checksum,
)
from connectors.aanmelding.documenten import (
    LARGEST_DOCUMENT,
    OPERATION,
    check_document,
    check_reference,
    name_document,
)
from connectors.aanmelding.models import (
    DocumentVerwijzing,
    Intrekking,
    Uitkomst,
    VoortgangBladzijde,
)
from connectors.aanmelding.voortgang_bestanden import (
    LARGEST_FILE,
    find_files,
    locate_document,
    read_file,
    read_moment,
    refuse_file,
)
from connectors.transport.errors import (
    ConnectorError,
    ContractError,
    PermanentError,
    UnknownOutcomeError,
)
from connectors.transport.sftp import OversizedError, SftpAdres, SftpBezoek, SftpServer

_logger = logging.getLogger("connectors.aanmelding.sftp")


@dataclass(frozen=True, slots=True)
class Stand:
    """What lies at the partner: the answers per key, and the keys of lines without one."""

    antwoorden: Mapping[str, Antwoord]
    wachtend: frozenset[str]


@dataclass(frozen=True, slots=True)
class GehoudenRegel:
    """An aanmelding that the partner accepted and, by its receipts, still holds."""

    referentie: UUID
    idempotency_key: str
    intrekking: Intrekking | None


@dataclass(frozen=True, slots=True)
class GehoudenLijst:
    """All that a partner holds by its receipts; there is no next page."""

    items: tuple[GehoudenRegel, ...]
    volgende: None = None


def open_sftp_client(*, system: str, adres: SftpAdres) -> BestandenClient:
    """Make a client for one partner; `system` is its name in errors. Nothing is sent yet."""
    return BestandenClient(SftpServer(system, adres))


class BestandenClient:
    """The partner's two folders; safe to share between threads.

    A file that has its name does not change any more, so that each is read once.
    """

    def __init__(self, server: SftpServer) -> None:
        self._server = server
        self._batches: dict[str, frozenset[str]] = {}
        self._receipts: dict[str, tuple[Antwoord, ...]] = {}
        self._foreign = 0

    def put_batch(
        self, *, regels: Sequence[Regel], on_step: Callable[[str], None] = lambda _step: None
    ) -> str:
        """Hand in the lines as one batch and return its name.

        First under a passing name, its checksum beside it; the rename hands it in. `on_step` is
        told `written` before the rename and `handed_in` after it.

        Raises:
            ContractError: a body breaks the contract; nothing was written.
            UnknownOutcomeError: it broke off at the rename: only looking can tell.
            RetryableError: it broke off before that: the partner holds nothing.
        """
        system = self._server.system
        content = write_batch(system, regels)
        name = name_batch(datetime.now(UTC), uuid4().hex[:8])
        path, reached = f"{NAAR_PARTNER}/{name}", "writing"

        async def hand_in(bezoek: SftpBezoek) -> None:
            nonlocal reached
            try:
                await bezoek.upload(path + DEEL, content)
                await bezoek.upload(path + CONTROLESOM, write_checksum(name, content))
            except (OSError, asyncssh.SFTPError):
                for left in (path + DEEL, path + CONTROLESOM):
                    with suppress(OSError, asyncssh.Error):
                        await bezoek.remove(left)
                raise
            on_step("written")
            reached = "renaming"
            await bezoek.rename(path + DEEL, path)
            reached = "done"
            on_step("handed_in")

        try:
            self._server.visit(hand_in, operation="put_batch", key=name, changes=True)
        except ConnectorError as error:
            if reached == "renaming":
                raise UnknownOutcomeError(system, "put_batch", name, error.observed) from error
            # What goes wrong while we leave changes nothing.
            if reached == "writing":
                raise
        return name

    def read_stand(self) -> Stand:
        """Look at what lies at the partner: first what waits, then the receipts.

        In that order, because a partner takes a batch away only when its receipts are there.

        Raises: the error family; then nothing is known.
        """

        async def look(bezoek: SftpBezoek) -> Stand:
            lying = await self._read_batches(bezoek)
            answers = await self._read_receipts(bezoek)
            waiting: set[str] = set()
            for name, keys in lying.items():
                if name.endswith(GEWEIGERD):
                    for refused in refuse_batch(name, keys):
                        answers.setdefault(refused.idempotency_key, refused)
                else:
                    waiting |= keys
            return Stand(answers, frozenset(waiting - answers.keys()))

        return self._server.visit(look, operation="read_stand", key=NAAR_STAD, changes=False)

    def list_voortgang(
        self, *, gewijzigd_na: datetime, pagina: str | None = None
    ) -> VoortgangBladzijde:
        """Return the events of one file of progress; `volgende` is the name of the next file.

        Only files with a moment in their name after `gewijzigd_na` are read. A line that cannot
        be read, and a file that is too large or went away, are a `GeweigerdeVoortgang`.

        Raises: the error family; ContractError when `pagina` is no name of such a file.
        """
        system, operation = self._server.system, "list_voortgang"
        if pagina is not None and read_moment(pagina) is None:
            raise ContractError(system, operation, "page", "it is no name of a file of progress")

        async def look(bezoek: SftpBezoek) -> VoortgangBladzijde:
            lying = await bezoek.list_names(NAAR_STAD)
            self._tell_foreign(lying)
            names = find_files(lying, gewijzigd_na)
            if pagina is not None:
                names = [pagina, *(name for name in names if name > pagina)]
            if not names:
                return VoortgangBladzijde((), None)
            name, later = names[0], names[1:]
            try:
                content = await bezoek.read(f"{NAAR_STAD}/{name}", most=LARGEST_FILE)
            except OversizedError as error:
                items = refuse_file(name, f"it holds more than {error.most} bytes")
            else:
                items = read_file(system, operation, name, content)
            return VoortgangBladzijde(items, later[0] if later else None)

        moment = gewijzigd_na.isoformat()
        return self._server.visit(look, operation=operation, key=pagina or moment, changes=False)

    def get_document(self, *, verwijzing: DocumentVerwijzing) -> bytes:
        """Return a document's bytes, which are what its reference says.

        Raises: ContractError when `href` is not the place of this document, or when size, sha256
        or the marks of a PDF are not what was told; PermanentError when it is not there.
        """
        system, key = self._server.system, name_document(verwijzing)
        check_reference(system, verwijzing)
        path = locate_document(system, verwijzing)

        async def fetch(bezoek: SftpBezoek) -> bytes | None:
            return await bezoek.read(path, most=LARGEST_DOCUMENT)

        content = self._server.visit(fetch, operation=OPERATION, key=key, changes=False)
        if content is None:
            raise PermanentError(system, OPERATION, key, "the file is not there")
        return check_document(system, verwijzing, content)

    def list_standen(self, *, pagina: str | None = None) -> GehoudenLijst:
        """Return what the partner holds by its receipts: accepted, and not removed again.

        Raises: the error family.
        """
        del pagina
        answers = self.read_stand().antwoorden.values()
        gone = {a.intrekking.referentie: a.intrekking for a in answers if a.intrekking is not None}
        return GehoudenLijst(
            tuple(
                GehoudenRegel(a.ontvangst.referentie, a.idempotency_key, withdrawn)
                for a in answers
                if a.ontvangst is not None
                for withdrawn in [gone.get(a.ontvangst.referentie)]
                if withdrawn is None or withdrawn.uitkomst is Uitkomst.BEWAARD
            )
        )

    def _tell_foreign(self, names: Sequence[str]) -> None:
        """Log how many files are none of the agreement; their names may hold anything."""
        foreign = sum(not _is_agreed(name) for name in names)
        if foreign and foreign != self._foreign:
            _logger.warning(
                "%s list_voortgang %s: %d files have a name outside the agreement. They were "
                "passed over. Ask the partner what they are.",
                self._server.system,
                NAAR_STAD,
                foreign,
            )
        self._foreign = foreign

    async def _read_batches(self, bezoek: SftpBezoek) -> dict[str, frozenset[str]]:
        lying: dict[str, frozenset[str]] = {}
        for name in await bezoek.list_names(NAAR_PARTNER):
            if not name.endswith((BATCH, BATCH + GEWEIGERD)):
                continue
            if name not in self._batches:
                content = await bezoek.read(f"{NAAR_PARTNER}/{name}")
                if content is None:
                    continue
                self._batches[name] = read_keys(content)
            lying[name] = self._batches[name]
        return lying

    async def _read_receipts(self, bezoek: SftpBezoek) -> dict[str, Antwoord]:
        """Return the first answer per key: a receipt that comes again changes nothing."""
        system = self._server.system
        answers: dict[str, Antwoord] = {}
        for name in await bezoek.list_names(NAAR_STAD):
            if not _is_receipt(name):
                continue
            if name not in self._receipts:
                content = await bezoek.read(f"{NAAR_STAD}/{name}")
                if content is None:
                    continue
                read, faults = read_receipt(system, name, content)
                for fault in faults:
                    _logger.warning(
                        "%s read_stand %s: %s. It was passed over.", system, name, fault
                    )
                self._receipts[name] = tuple(read)
            for answer in self._receipts[name]:
                answers.setdefault(answer.idempotency_key, answer)
        return answers


def _is_receipt(name: str) -> bool:
    return ONTVANGST in name and name.endswith(BATCH)


def _is_agreed(name: str) -> bool:
    passing = name.endswith(DEEL)
    return passing or name == DOCUMENTEN or _is_receipt(name) or read_moment(name) is not None
