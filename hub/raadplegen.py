"""Ask an authentic source for many dossiers: what may be asked is logged, then the calls go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from connectors.transport.errors import AuthenticationError, ConnectorError, GeenRechtError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging, RaadplegingLog
from hub.bronrecht import load_bronrechten
from hub.config import load_config
from hub.progress import track

Q = TypeVar("Q")
A = TypeVar("A")
# The purpose of a dossier that the resident agreed to start.
DOEL = "renovatiebegeleiding"


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
    doel: str = DOEL,
) -> Mapping[UUID, A | ConnectorError]:
    """Return per dossier the answer, or the error of that one question.

    A source that may not be asked for a dossier is a GeenRechtError, and is not called.

    Raises:
        AuthenticationError: the source does not let the hub in; asking on would only repeat it.
        KeyError: ``hub/config/bronrecht.yml`` does not know this purpose.
    """
    recht, config = load_bronrechten()[doel], load_config("bronnen")
    judged = log.record(
        [
            Raadpleging(
                correlatie_id=uuid4(),
                dossier_id=ask.dossier_id,
                bron=bron,
                operatie=operatie,
                object=ask.object,
                doel=doel,
                rechtsgrond=recht.rechtsgrond,
                hoedanigheid=recht.hoedanigheid,
                namens=ask.namens or config["dienst"],
            )
            for ask in asks
        ]
    )

    answers: dict[UUID, A | ConnectorError] = {}
    allowed: list[Vraagstelling[Q]] = []
    logged: list[GelogdeRaadpleging] = []
    for ask, verdict in zip(asks, judged, strict=True):
        if isinstance(verdict, GeenRechtError):
            answers[ask.dossier_id] = verdict
        else:
            allowed.append(ask)
            logged.append(verdict)

    def answer(ask: Vraagstelling[Q], look: GelogdeRaadpleging) -> A | ConnectorError:
        try:
            return call(ask.vraag, look)
        except AuthenticationError:
            raise
        except ConnectorError as error:
            return error

    with ThreadPoolExecutor(max_workers=config["gelijktijdig"]) as pool:
        try:
            results = track(pool.map(answer, allowed, logged), f"{bron} {operatie}", len(allowed))
            for ask, result in zip(allowed, results, strict=True):
                answers[ask.dossier_id] = result
        except AuthenticationError:
            pool.shutdown(cancel_futures=True)
            raise
    return answers
