"""What the ledger's tests share: a receiver that obeys, and the ledger under its roles."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from connectors.transport.errors import ConnectorError
from hub.keys import Keyring
from hub.ledger.bericht import Bericht, NieuwBericht, Ontvangst
from hub.ledger.deliver import deliver
from hub.ledger.enqueue import enqueue
from tests.postgres_cluster import HubDatabase


class Receiver:
    """A receiver that keeps what it got and answers as it is told, message by message."""

    def __init__(self, answer: Callable[[Bericht], Ontvangst | None] | None = None) -> None:
        self.got: list[str] = []
        self.asked: list[str] = []
        self.answer_with = answer
        self._lock = threading.Lock()

    def send(self, bericht: Bericht) -> Ontvangst:
        with self._lock:
            self.got.append(bericht.sleutel)
        answer = self.answer_with(bericht) if self.answer_with else None
        return answer or Ontvangst("ref")

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        self.asked.append(bericht.sleutel)
        return Ontvangst("held") if bericht.sleutel in self.got else None


class Ledger:
    """The ledger under the roles that use it."""

    def __init__(self, database: HubDatabase, keyring: Keyring) -> None:
        self.writer = database.engine("hub_enrich")
        self.push = database.engine("hub_push")
        self.owner = database.engine("hub_eigenaar")
        self.keyring = keyring

    def add(self, *berichten: NieuwBericht) -> int:
        with self.writer.begin() as connection:
            return len(enqueue(connection, self.keyring, berichten))

    def deliver(
        self, receiver: Receiver, bestemming: str = "dialoog", **options: Any
    ) -> dict[str, int]:
        return deliver(self.push, receiver, self.keyring, bestemming=bestemming, **options)

    def states(self) -> dict[str, str]:
        return dict(self.rows("SELECT sleutel, stand FROM hub.bericht"))

    def rows(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        with self.owner.begin() as connection:
            return [tuple(row) for row in connection.execute(text(statement), parameters)]

    def change(self, statement: str, **parameters: object) -> None:
        with self.owner.begin() as connection:
            connection.execute(text(statement), parameters)

    def end_leases(self) -> None:
        """Let the workers that hold messages be taken for dead."""
        self.change("UPDATE hub.bericht SET lease_tot = now() WHERE stand = 'onderweg'")

    def make_due(self) -> None:
        self.change("UPDATE hub.bericht SET klaar_vanaf = now() WHERE stand = 'klaar'")


def make_bericht(sleutel: str, *, dossier: UUID | None = None, **options: Any) -> NieuwBericht:
    return NieuwBericht(
        bestemming=options.pop("bestemming", "dialoog"),
        sleutel=sleutel,
        soort="aanmelding",
        dossier_id=dossier or uuid4(),
        inhoud={"geheim": "Fien Voorbeeld"},
        **options,
    )


def failing(kind: type[ConnectorError], **options: Any) -> Callable[[Bericht], None]:
    def answer(bericht: Bericht) -> None:
        raise kind("dialoog", "put", bericht.sleutel, "answered badly", **options)

    return answer
