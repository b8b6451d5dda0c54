"""Ask an authentic source for many dossiers: first all looks are logged, then the calls go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine

from connectors.transport.errors import ConnectorError
from connectors.transport.raadpleging import GelogdeRaadpleging, Raadpleging, RaadplegingLog
from hub.asking import Asking, Job
from hub.bronbudget.grens import Grens, read_grens
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
    engine: Engine,
    log: RaadplegingLog,
    *,
    bron: str,
    operatie: str,
    asks: Sequence[Vraagstelling[Q]],
    fetch: Callable[[Q, GelogdeRaadpleging], Any],
    read: Callable[[Any], A] | None = None,
    grens: Grens | None = None,
) -> Iterator[tuple[Vraagstelling[Q], A | ConnectorError]]:
    """Yield each question with its answer, or the error of that one question, as they arrive.

    ``fetch`` asks the source; its requests share the budget of the source's host with every other
    task and worker. What it brings is the answer, unless ``read`` still has to make one of it:
    that happens outside the budget, and of many answers in processes of their own, so it must be
    a function of a module. A question that the source found too many is asked again, a few times.
    ``grens`` takes the place of the limits that the configuration gives.

    Raises:
        AuthenticationError: the source does not let the hub in; asking on would only repeat it.
    """
    if not asks:
        return
    logged = _record(log, bron, operatie, asks)
    jobs = [Job(ask, ask.vraag, look) for ask, look in zip(asks, logged, strict=True)]
    asking = Asking(engine, grens or read_grens(bron), fetch, read)
    yield from track(asking.run(jobs), f"{bron} {operatie}", len(jobs))


def _record(
    log: RaadplegingLog, bron: str, operatie: str, asks: Sequence[Vraagstelling[Q]]
) -> list[GelogdeRaadpleging]:
    config = load_config("bronnen")
    settings = config[bron]
    return log.record(
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
