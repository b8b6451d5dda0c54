"""Ask the sources of the woningpas about the dwellings of a batch, and record what each says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    GeenRechtError,
    RetryableError,
)
from connectors.transport.raadpleging import GelogdeRaadpleging, RaadplegingLog
from hub.batch import find_batch, mark_again
from hub.bronbudget.grens import Grens
from hub.chunks import in_chunks
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_all
from hub.incident import close, report
from hub.provenance import Waarneming, record_values
from hub.raadplegen import Vraagstelling, consult

A = TypeVar("A")
S = TypeVar("S")
_PATH = "intermediate/bevraag_bron"
_NOT_YET = "De bron gaf nog geen antwoord; de hub vraagt het opnieuw."
_SHUT_OUT = "De bron laat de hub niet toe; de beheerder is verwittigd."
_REFUSED = "De bron gaf een antwoord dat de hub niet aanvaardt; de beheerder is verwittigd."
_NO_RIGHT = "De hub mag deze bron voor dit dossier niet bevragen."


@dataclass(frozen=True, slots=True)
class TeBevragen:
    """A dwelling to ask about, for the dossier that speaks for it.

    ``positie`` is WKT in EPSG:31370; ``percelen`` gives per capakey the outline (WKT), or None when
    it is not known.
    """

    woning_id: UUID
    dossier_id: UUID
    consulent: str | None
    gebouweenheid_id: str | None
    gebouw_id: str | None
    adres_id: str
    straat: str = field(repr=False)
    huisnummer: str = field(repr=False)
    busnummer: str | None = field(repr=False)
    postcode: str | None = field(repr=False)
    gemeente: str = field(repr=False)
    positie: str | None = field(repr=False)
    percelen: Mapping[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Uitslag:
    """What an answer says of a dwelling: its values, and from when asking again has use.

    ``gevonden`` is False when the source holds nothing on it: that too can be a value.
    """

    waarden: Sequence[Waarneming]
    gevonden: bool
    opnieuw_na: datetime | None = None


class OnvraagbaarError(Exception):
    """The source cannot be asked about this dwelling; the text says why to a consultant."""


@dataclass(frozen=True, slots=True)
class Bron(Generic[A]):
    """One source: how it is asked about a dwelling, and what its answer says.

    ``name_object`` names in the access log what is asked for, and raises OnvraagbaarError when it
    cannot be asked. ``fetch`` and ``parse`` are those of `consult`. ``keep`` stores what must be
    kept of the answers as they came. ``volgt_ligging``: ask again when the dwelling's place moved.
    """

    naam: str
    operatie: str
    name_object: Callable[[TeBevragen], str]
    fetch: Callable[[TeBevragen, GelogdeRaadpleging], Any]
    read: Callable[[TeBevragen, A, datetime], Uitslag]
    parse: Callable[[Any], A] | None = None
    keep: Callable[[Connection, Sequence[A], datetime], None] | None = None
    volgt_ligging: bool = True
    grens: Grens | None = None


def opened_once(open_source: Callable[[], S]) -> Callable[[], S]:
    """Return the source, opened when it is first asked and not before.

    A source that cannot be opened (a certificate that expired) then fails as one that refuses a
    question does: the others are asked all the same.
    """
    lock = Lock()
    opened: list[S] = []

    def get() -> S:
        with lock:
            if not opened:
                opened.append(open_source())
            return opened[0]

    return get


def bevraag_bronnen(
    engine: Engine, bronnen: Iterable[Bron[Any]], log: RaadplegingLog, *, naam: str
) -> dict[str, dict[str, int]]:
    """Ask every source about the dwellings of the batch for which it can say something new.

    The sources are asked side by side. What one answers is recorded whatever the others do; one
    that does not answer makes the dossier come back with the next run, and until then the dwelling
    shows that it is missing and why. One that does not let the hub in is not asked on in this run,
    and is an incident. Returns the number of dwellings per outcome, per source.
    """
    chosen = list(bronnen)
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        to_ask = [_to_ask(connection, bron, batch_id) for bron in chosen]
    with ThreadPoolExecutor(max_workers=len(chosen)) as pool:
        runs = [
            pool.submit(_bevraag, engine, bron, log, batch_id, woningen)
            for bron, woningen in zip(chosen, to_ask, strict=True)
        ]
    return {bron.naam: run.result() for bron, run in zip(chosen, runs, strict=True)}


def _to_ask(connection: Connection, bron: Bron[Any], batch_id: UUID) -> list[TeBevragen]:
    rows = fetch_all(
        connection,
        _PATH,
        "to_ask",
        batch_id=batch_id,
        bron=bron.naam,
        volgt_ligging=bron.volgt_ligging,
    )
    return [
        TeBevragen(
            **row | {"percelen": {key: held["geometrie"] for key, held in row["percelen"].items()}}
        )
        for row in rows
    ]


@dataclass(slots=True)
class _Oogst(Generic[A]):
    """What one source brought since it was last stored; ``moment`` is UTC."""

    moment: datetime
    standen: list[tuple[object, ...]] = field(default_factory=list)
    waarden: dict[UUID, Sequence[Waarneming]] = field(default_factory=dict)
    antwoorden: list[A] = field(default_factory=list)
    opnieuw: list[UUID] = field(default_factory=list)
    geweigerd: list[ConnectorError] = field(default_factory=list)


def _bevraag(
    engine: Engine,
    bron: Bron[A],
    log: RaadplegingLog,
    batch_id: UUID,
    woningen: Sequence[TeBevragen],
) -> dict[str, int]:
    asks: list[Vraagstelling[TeBevragen]] = []
    counts: Counter[str] = Counter()
    unaskable: _Oogst[A] = _Oogst(datetime.now(UTC))
    for woning in woningen:
        try:
            named = bron.name_object(woning)
        except OnvraagbaarError as why:
            # Known again as soon as the register knows more of the dwelling.
            _note(unaskable, bron, woning, "niet_gevraagd", str(why))
        else:
            asks.append(Vraagstelling(woning.dossier_id, woning.consulent, named, woning))
    counts += _store(engine, bron, batch_id, unaskable)
    answers = consult(
        engine,
        log,
        bron=bron.naam,
        operatie=bron.operatie,
        asks=asks,
        fetch=bron.fetch,
        read=bron.parse,
        grens=bron.grens,
    )
    waiting = {ask.vraag.woning_id: ask.vraag for ask in asks}
    refused: AuthenticationError | None = None
    try:
        # What was answered is kept while the rest is still being asked.
        for chunk in in_chunks(answers):
            found: _Oogst[A] = _Oogst(datetime.now(UTC))
            for ask, answer in chunk:
                del waiting[ask.vraag.woning_id]
                _harvest(found, bron, ask.vraag, answer)
            counts += _store(engine, bron, batch_id, found)
    except AuthenticationError as error:
        refused = error
    shut_out: _Oogst[A] = _Oogst(datetime.now(UTC))
    for woning in waiting.values():
        _put_off(shut_out, bron, woning, _SHUT_OUT)
    counts += _store(engine, bron, batch_id, shut_out)
    _tell_access(engine, bron, asks, refused)
    return dict(counts)


def _harvest(
    found: _Oogst[A], bron: Bron[A], woning: TeBevragen, answer: A | ConnectorError
) -> None:
    now = found.moment
    if isinstance(answer, RetryableError):
        _put_off(found, bron, woning, _NOT_YET)
    elif isinstance(answer, GeenRechtError):
        _note(found, bron, woning, "geen_recht", _NO_RIGHT, opnieuw_na=now)
    elif isinstance(answer, ConnectorError):
        found.geweigerd.append(answer)
        _note(found, bron, woning, "geweigerd", _REFUSED, fout=str(answer))
    else:
        uitslag = bron.read(woning, answer, now)
        found.antwoorden.append(answer)
        found.waarden[woning.woning_id] = uitslag.waarden
        outcome = "gevonden" if uitslag.gevonden else "geen"
        _note(found, bron, woning, outcome, None, opnieuw_na=uitslag.opnieuw_na)


def _put_off(found: _Oogst[A], bron: Bron[A], woning: TeBevragen, reden: str) -> None:
    found.opnieuw.append(woning.woning_id)
    _note(found, bron, woning, "opnieuw", reden, opnieuw_na=found.moment)


def _tell_access(
    engine: Engine, bron: Bron[Any], asks: Sequence[object], refused: AuthenticationError | None
) -> None:
    """Tell the operator that the source does not let the hub in, or that it does again."""
    if not asks:
        return
    with engine.begin() as connection:
        if refused is None:
            close(connection, "bron_weigert_toegang", bron.naam)
        else:
            report(connection, "bron_weigert_toegang", bron.naam, str(refused))


def _note(
    found: _Oogst[A],
    bron: Bron[A],
    woning: TeBevragen,
    uitkomst: str,
    reden: str | None,
    *,
    fout: str | None = None,
    opnieuw_na: datetime | None = None,
) -> None:
    days = load_config("bronnen")[bron.naam]["geldig_dagen"]
    # What was asked in one night is not asked again in one night.
    spread = 0.9 + 0.1 * (woning.woning_id.int % 1000) / 1000
    latest = found.moment + timedelta(days=days * spread)
    again = latest if opnieuw_na is None else min(opnieuw_na, latest)
    found.standen.append((woning.woning_id, uitkomst, reden, fout, found.moment, again))


def _store(engine: Engine, bron: Bron[A], batch_id: UUID, found: _Oogst[A]) -> Counter[str]:
    if not found.standen:
        return Counter()
    with engine.begin() as connection:
        if bron.keep is not None:
            bron.keep(connection, found.antwoorden, found.moment)
        record_values(connection, bron=bron.naam, per_woning=found.waarden)
        execute(connection, _PATH, "create_asked")
        copy_rows(connection, _PATH, found.standen)
        for step in ("note_asked", "keep_refused", "release"):
            execute(connection, _PATH, step, bron=bron.naam)
        for error in found.geweigerd:
            report(connection, "antwoord_geweigerd", f"{bron.naam} {error.key}", str(error))
        again = fetch_all(
            connection, _PATH, "dossiers_of", batch_id=batch_id, woning_ids=found.opnieuw
        )
        mark_again(connection, batch_id, [row["dossier_id"] for row in again])
    return Counter(str(stand[1]) for stand in found.standen)
