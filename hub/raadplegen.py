"""Ask an authentic source for many dossiers: what may be asked is logged, then the calls go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine

from connectors.transport.errors import ConnectorError, GeenRechtError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging, RaadplegingLog
from hub.asking import Asking, Job
from hub.bronbudget.grens import Grens, read_grens
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
    engine: Engine,
    log: RaadplegingLog,
    *,
    bron: str,
    operatie: str,
    asks: Sequence[Vraagstelling[Q]],
    fetch: Callable[[Q, GelogdeRaadpleging], Any],
    read: Callable[[Any], A] | None = None,
    grens: Grens | None = None,
    doel: str = DOEL,
) -> Iterator[tuple[Vraagstelling[Q], A | ConnectorError]]:
    """Yield each question with its answer, or the error of that one question, as they arrive.

    ``fetch`` asks the source; its requests share the budget of the source's host with every other
    task and worker. What it brings is the answer, unless ``read`` still has to make one of it:
    that happens outside the budget, and of many answers in processes of their own, so it must be
    a function of a module. A question that the source found too many is asked again, a few times.
    ``grens`` takes the place of the limits that the configuration gives.

    A source that may not be asked for a dossier is a GeenRechtError, and is not called.

    Raises:
        AuthenticationError: the source does not let the hub in; asking on would only repeat it.
        KeyError: ``hub/config/bronrecht.yml`` does not know this purpose.
    """
    if not asks:
        return
    jobs: list[Job] = []
    for ask, verdict in zip(asks, _record(log, bron, operatie, doel, asks), strict=True):
        if isinstance(verdict, GeenRechtError):
            yield ask, verdict
        else:
            jobs.append(Job(ask, ask.vraag, verdict))
    if not jobs:
        return
    asking = Asking(engine, grens or read_grens(bron), fetch, read)
    yield from track(asking.run(jobs), f"{bron} {operatie}", len(jobs))


def _record(
    log: RaadplegingLog,
    bron: str,
    operatie: str,
    doel: str,
    asks: Sequence[Vraagstelling[Any]],
) -> Sequence[GelogdeRaadpleging | GeenRechtError]:
    """Return per question the proof that it was logged, or why it may not be asked."""
    recht, dienst = load_bronrechten()[doel], load_config("bronnen")["dienst"]
    return log.record(
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
                namens=ask.namens or dienst,
            )
            for ask in asks
        ]
    )
