"""The messages of the ledger, as they are written down and as they are claimed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from hub.keys import Keyring


@dataclass(frozen=True, slots=True)
class Toestemming:
    """The consent a message needs: of whom and for what; the receiver is its destination."""

    profiel_id: UUID
    doel: str


@dataclass(frozen=True, slots=True)
class NieuwBericht:
    """A message to write down.

    ``sleutel`` is the idempotency key, derived from the business event. ``inhoud`` is JSON-able
    and is stored encrypted; None leaves it to be composed when the message is first claimed. With
    ``overgeslagen`` the message is recorded, with that reason, as one that is not meant to leave.
    ``niet_voor`` (with an offset) keeps it back until that moment.
    """

    bestemming: str
    sleutel: str
    soort: str
    dossier_id: UUID
    inhoud: Mapping[str, Any] | None = field(repr=False)
    kenmerk: str | None = None
    prioriteit: int = 5
    toestemming: Toestemming | None = None
    overgeslagen: str | None = None
    niet_voor: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerzegeldBericht:
    """A claimed message as it is stored; ``nummer`` is the number of this attempt, from 1.

    ``tegenslagen``: attempts so far that must be made again after a pause. ``leeftijd``: seconds
    since the first attempt began. ``te_bevragen``: an earlier attempt has an
    unknown outcome; with ``overgenomen`` because its worker's lease ended. ``mag_verzenden``: the
    consent it needs holds at the moment of claiming.
    """

    bericht_id: UUID
    bestemming: str
    sleutel: str
    soort: str
    kenmerk: str | None
    dossier_id: UUID
    nummer: int
    tegenslagen: int
    leeftijd: float
    te_bevragen: bool
    overgenomen: bool
    mag_verzenden: bool
    inhoud: bytes | None = field(repr=False)
    sleutel_id: str | None

    def open(self, keyring: Keyring) -> Bericht:
        """Return the message with its content.

        Raises:
            KeyringError: the key is missing, or the content was altered or moved.
            LookupError: the message has no content: it was never composed, or it was erased.
        """
        if self.inhoud is None or self.sleutel_id is None:
            raise LookupError(f"Message {self.bericht_id} has no content. It was not sent.")
        plain = keyring.decrypt(
            bytes(self.inhoud), self.sleutel_id, context=seal_context(self.bestemming, self.sleutel)
        )
        return Bericht(
            self.bericht_id,
            self.bestemming,
            self.sleutel,
            self.soort,
            self.te_bevragen,
            self.mag_verzenden,
            json.loads(plain),
        )


@dataclass(frozen=True, slots=True)
class Bericht:
    """A message, opened for its channel."""

    bericht_id: UUID
    bestemming: str
    sleutel: str
    soort: str
    te_bevragen: bool
    mag_verzenden: bool
    inhoud: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ontvangst:
    """What the receiver said: its own reference, and whether a receipt follows later."""

    referentie: str | None = None
    later: bool = False


class Addressed(Protocol):
    """What binds a sealed content to its message."""

    @property
    def bestemming(self) -> str: ...

    @property
    def sleutel(self) -> str: ...


def seal(bericht: Addressed, inhoud: Mapping[str, Any], keyring: Keyring) -> tuple[bytes, str]:
    """Encrypt a message's content, bound to its destination and key."""
    plain = json.dumps(inhoud, sort_keys=True).encode()
    return keyring.encrypt(plain, context=seal_context(bericht.bestemming, bericht.sleutel))


def seal_context(bestemming: str, sleutel: str) -> str:
    """Return what binds a sealed content to its message."""
    return f"hub.bericht:{bestemming}:{sleutel}"
