"""Aanmeldingen as files over SFTP: what leaves at the same moment shares a batch.

The partner processes later: its receipt confirms a line or refuses it with the reason. It knows a
line by its key, so that a line that comes twice has one effect.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from connectors.aanmelding.bestanden import Antwoord, Regel, write_batch
from connectors.aanmelding.sftp_client import Stand
from connectors.transport.errors import ConnectorError, UnknownOutcomeError
from hub.channels.aanmelding import open_aanmelding
from hub.kill_point import kill_point
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.receipts import Receipt
from hub.partners import Partner

# Together with the second in which a message is fresh, this bounds the age of the consent it left
# with.
GATHER_SECONDS = 0.2
_LARGEST_BATCH = 200
# So many threads that ask at once are answered by one look.
_SAME_LOOK_SECONDS = 0.2


class Bestanden(Protocol):
    """The part of the files client that delivering needs."""

    def put_batch(self, *, regels: Sequence[Regel], on_step: Callable[[str], None]) -> str: ...

    def read_stand(self) -> Stand: ...


class BestandenKanaal:
    """Deliver to a partner that takes files; safe to share between threads."""

    def __init__(
        self, partner: Partner, client: Bestanden, *, gather_seconds: float = GATHER_SECONDS
    ) -> None:
        self._partner = partner
        self._client = client
        self._gather_seconds = gather_seconds
        self._lock = threading.Lock()
        self._gathering: _Batch | None = None
        self._look_lock = threading.Lock()
        self._looked: tuple[float, Stand | ConnectorError] | None = None

    def send(self, bericht: Bericht) -> Ontvangst:
        """Put the message in the batch that is gathering; return once that was handed in."""
        regel = self._regel(bericht)
        # A line that breaks the contract must not take the others of its batch along.
        write_batch(self._partner.code, [regel])
        with self._lock:
            batch = self._gathering
            is_first = batch is None
            if batch is None:
                batch = self._gathering = _Batch()
            batch.regels.append(regel)
            if len(batch.regels) >= _LARGEST_BATCH:
                self._gathering = None
                batch.is_full.set()
        if is_first:
            self._hand_in(batch)
        batch.is_over.wait()
        if batch.error is not None:
            raise copy.copy(batch.error)
        return Ontvangst(later=True)

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        """Look whether the line waits at the partner or was answered; its receipt follows."""
        stand = self._look(anew=True)
        if bericht.sleutel in stand.antwoorden or bericht.sleutel in stand.wachtend:
            return Ontvangst(later=True)
        return None

    def receipt(self, bericht: Bericht) -> Receipt | None:
        """Return what the partner answered to this very line."""
        answer = self._look().antwoorden.get(bericht.sleutel)
        return None if answer is None else _receipt(answer)

    def _regel(self, bericht: Bericht) -> Regel:
        withdraws = bericht.soort == "intrekking"
        return Regel(
            bericht.sleutel,
            UUID(bericht.inhoud["aanmelding_id"]),
            bericht.bericht_id,
            None if withdraws else open_aanmelding(self._partner, bericht),
        )

    def _hand_in(self, batch: _Batch) -> None:
        try:
            batch.is_full.wait(self._gather_seconds)
            with self._lock:
                if self._gathering is batch:
                    self._gathering = None
            self._client.put_batch(
                regels=batch.regels, on_step=lambda step: kill_point(f"batch_{step}")
            )
        except ConnectorError as error:
            batch.error = error
        except BaseException:
            # The others in the batch cannot know how far this one came.
            batch.error = UnknownOutcomeError(
                self._partner.code, "put_batch", "batch", "whoever wrote the batch was broken off"
            )
            raise
        finally:
            batch.is_over.set()

    def _look(self, *, anew: bool = False) -> Stand:
        """Return what lies at the partner, as one look tells all who ask at about that moment.

        With ``anew`` it is seen after this call began: what is not there then never arrived.
        """
        begun = time.monotonic()
        oldest = begun if anew else begun - _SAME_LOOK_SECONDS
        with self._look_lock:
            if self._looked is None or self._looked[0] < oldest:
                moment = time.monotonic()
                try:
                    self._looked = (moment, self._client.read_stand())
                except ConnectorError as error:
                    self._looked = (moment, error)
            found = self._looked[1]
        if isinstance(found, ConnectorError):
            raise copy.copy(found)
        return found


class _Batch:
    """Lines that leave together."""

    def __init__(self) -> None:
        self.regels: list[Regel] = []
        self.is_full = threading.Event()
        self.is_over = threading.Event()
        self.error: ConnectorError | None = None


def _receipt(answer: Antwoord) -> Receipt:
    """Return the receipt with a reference that no other line of the dossier has."""
    if not answer.is_accepted:
        return Receipt(f"geweigerd ({answer.bestand})", False, answer.fouten)
    if answer.ontvangst is not None:
        number = answer.ontvangst.ontvangst_nummer
        return Receipt(number or f"{answer.ontvangst.referentie}", True)
    assert answer.intrekking is not None, "accepted is one or the other"
    duty = answer.intrekking.bewaarplicht
    told = f"{answer.intrekking.uitkomst}: {duty.rechtsgrond}" if duty else "verwijderd"
    return Receipt(f"{told} ({answer.bestand})", True)
