"""Ask an authentic source for many dossiers: first all looks are logged, then the calls go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from connectors.transport.errors import AuthenticationError, ConnectorError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging, RaadplegingLog
from hub.config import load_config
from hub.progress import track

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Vraagstelling(Generic[Q]):
    """One thing to ask for one dossier; ``object`` is an identifier, never a person or address."""

    dossier_id: UUID
    namens: str | None
    object: str
    vraag: Q


def consult(
    log: RaadplegingLog,
    *,
    bron: str,
    operatie: str,
    asks: Sequence[Vraagstelling[Q]],
    call: Callable[[Q, GelogdeRaadpleging], A],
) -> Mapping[UUID, A | ConnectorError]:
    """Return per dossier the answer, or the error of that one question.

    Raises:
        AuthenticationError: the source does not let the hub in; asking on would only repeat it.
    """
    settings, config = load_config("bronnen")[bron], load_config("bronnen")
    logged = log.record(
        [
            Raadpleging(
                correlatie_id=uuid4(),
                dossier_id=ask.dossier_id,
                bron=bron,
                operatie=operatie,
                object=ask.object,
                doel=settings["doel"],
                rechtsgrond=settings["rechtsgrond"],
                hoedanigheid=settings["hoedanigheid"],
                namens=ask.namens or config["dienst"],
            )
            for ask in asks
        ]
    )

    def answer(ask: Vraagstelling[Q], look: GelogdeRaadpleging) -> A | ConnectorError:
        try:
            return call(ask.vraag, look)
        except AuthenticationError:
            raise
        except ConnectorError as error:
            return error

    answers: dict[UUID, A | ConnectorError] = {}
    with ThreadPoolExecutor(max_workers=config["gelijktijdig"]) as pool:
        try:
            results = track(pool.map(answer, asks, logged), f"{bron} {operatie}", len(asks))
            for ask, result in zip(asks, results, strict=True):
                answers[ask.dossier_id] = result
        except AuthenticationError:
            pool.shutdown(cancel_futures=True)
            raise
    return answers
