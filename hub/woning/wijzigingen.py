"""Pull what changes in the registers, and have known dwellings that it touches looked at again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine

from connectors.transport.errors import ContractError
from connectors.woningpas.basisregisters.wijzigingen import (
    GeweigerdeWijziging,
    Wijziging,
    WijzigingenPagina,
)
from hub.bronbudget.grens import read_grens
from hub.bronbudget.lease import within_budget
from hub.config import load_config
from hub.database import copy_rows, execute, fetch_one
from hub.quality.apart import set_apart
from hub.woning.gebeurtenis import find_hernummerd, find_objecten, read_eenheid

BRON = "basisregisters"
_PATH = "staging/land_wijzigingen"
_FURTHEST = 10**7
_logger = logging.getLogger("hub.woning.wijzigingen")


class Feeds(Protocol):
    """The part of the client of the change feeds that pulling needs."""

    def get_pagina(self, *, feed: str, nummer: int) -> WijzigingenPagina: ...


@dataclass(frozen=True, slots=True)
class WijzigingenLanded:
    """What one pull of one feed brought."""

    feed: str
    pages: int
    events: int
    rejected: int
    woningen: int
    rung: int


@dataclass(frozen=True, slots=True)
class _Plaats:
    """How far a feed was read: the page, and how many of its events."""

    nummer: int
    gelezen: int

    @property
    def link(self) -> str:
        return f"{self.nummer}/{self.gelezen}"


def pull_wijzigingen(engine: Engine, feeds: Feeds, *, feed: str) -> WijzigingenLanded:
    """Read one feed from where the last pull stopped, up to its newest page.

    Each page is one transaction with its cursor: a crash reads at most that page again, and reading
    a page again adds nothing. A page that is not complete is read again by the next pull, from the
    event after the last. The first pull begins where ``hub/config/wijzigingen.yml`` says. An event
    that cannot be read waits in quarantine with its reason.

    Raises:
        ContractError: not one event of a page can be read, or the pages make no sense.
        Others of the connector's error family.
    """
    with within_budget(engine, read_grens(BRON)):
        return _pull(engine, feeds, feed)


def _pull(engine: Engine, feeds: Feeds, feed: str) -> WijzigingenLanded:
    pages = events = rejected = woningen = rung = 0
    plaats = _begin(engine, feeds, feed)
    while True:
        pagina = feeds.get_pagina(feed=feed, nummer=plaats.nummer)
        new = _unread(pagina, plaats)
        good = [item for item in new if isinstance(item, Wijziging)]
        refused = [item for item in new if isinstance(item, GeweigerdeWijziging)]
        following = _after(pagina)
        with engine.begin() as connection:
            touched, bells = _land(connection, feed, good)
            _set_apart(connection, feed, refused)
            _move_cursor(connection, feed, plaats, following)
        pages, events, rejected = pages + 1, events + len(new), rejected + len(refused)
        woningen, rung = woningen + touched, rung + bells
        if not pagina.volledig:
            _logger.info("%s %s: %d events, %d dwellings touched", BRON, feed, events, woningen)
            return WijzigingenLanded(feed, pages, events, rejected, woningen, rung)
        plaats = following


def _begin(engine: Engine, feeds: Feeds, feed: str) -> _Plaats:
    with engine.begin() as connection:
        cursor = fetch_one(connection, "ops/cursor", "get", bron=BRON, soort=feed)
    if cursor is None:
        begin = load_config("wijzigingen")["begin_pagina"]
        first = find_newest(feeds, feed) if begin == "nieuwste" else int(begin)
        with engine.begin() as connection:
            execute(connection, _PATH, "start_cursor", feed=feed, link=_Plaats(first, 0).link)
            cursor = fetch_one(connection, "ops/cursor", "get", bron=BRON, soort=feed)
        assert cursor is not None, "the cursor was written in this transaction"
    nummer, _, gelezen = str(cursor["link"]).partition("/")
    return _Plaats(int(nummer), int(gelezen))


def find_newest(feeds: Feeds, feed: str) -> int:
    """Return the number of the first page that is not complete, in few questions.

    The feed does not tell how many pages it has.

    Raises:
        ContractError: every page up to ten million is complete.
    """
    low, high = 1, 1
    while feeds.get_pagina(feed=feed, nummer=high).volledig:
        low, high = high + 1, high * 2
        if high > _FURTHEST:
            raise ContractError(BRON, "get_wijzigingen", feed, "the pages do not end")
    while low < high:
        middle = (low + high) // 2
        if feeds.get_pagina(feed=feed, nummer=middle).volledig:
            low = middle + 1
        else:
            high = middle
    return low


def _unread(
    pagina: WijzigingenPagina, plaats: _Plaats
) -> tuple[Wijziging | GeweigerdeWijziging, ...]:
    if len(pagina.wijzigingen) < plaats.gelezen:
        _logger.warning(
            "%s %s pagina %d: %d events were read, now it holds %d. The page was made anew, so it "
            "is read from its beginning. Nothing to do.",
            BRON, pagina.feed, pagina.nummer, plaats.gelezen, len(pagina.wijzigingen),
        )  # fmt: skip
        return pagina.wijzigingen
    return pagina.wijzigingen[plaats.gelezen :]


def _after(pagina: WijzigingenPagina) -> _Plaats:
    if not pagina.volledig:
        return _Plaats(pagina.nummer, len(pagina.wijzigingen))
    if not pagina.wijzigingen:
        raise ContractError(
            BRON, "get_wijzigingen", f"{pagina.feed} pagina {pagina.nummer}",
            "a page without events says that it is complete",
        )  # fmt: skip
    return _Plaats(pagina.nummer + 1, 0)


def _land(connection: Connection, feed: str, wijzigingen: Sequence[Wijziging]) -> tuple[int, int]:
    """Land the new events of a page; return the dwellings they touch and the dossiers rung."""
    execute(connection, _PATH, "create")
    copy_rows(
        connection,
        _PATH,
        (
            (_name(feed, wijziging), soort, object_id)
            for wijziging in wijzigingen
            for soort, object_id in find_objecten(feed, wijziging)
        ),
    )
    execute(connection, _PATH, "create_woningen")
    counted = fetch_one(connection, _PATH, "count_woningen")
    assert counted is not None, "an aggregate always gives a row"
    execute(connection, _PATH, "mark_source_due")
    execute(connection, _PATH, "mark_search_due")
    rung = execute(connection, _PATH, "ring")
    if feed == "gebouweenheden":
        _land_units(connection, feed, wijzigingen)
    if feed == "adressen":
        _land_renumbered(connection, feed, wijzigingen)
    execute(connection, _PATH, "complete_successors")
    return counted["aantal"], rung


def _land_units(connection: Connection, feed: str, wijzigingen: Sequence[Wijziging]) -> None:
    execute(connection, _PATH, "create_units")
    copy_rows(
        connection,
        _PATH,
        (
            (_name(feed, wijziging), eenheid.gebouweenheid_id, eenheid.soort, eenheid.gebouw_id,
             list(eenheid.adres_ids), wijziging.oorzaak, wijziging.tijd)
            for wijziging in wijzigingen
            if (eenheid := read_eenheid(wijziging)) is not None
        ),
        "copy_units",
    )  # fmt: skip
    execute(connection, _PATH, "add_units")
    execute(connection, _PATH, "record_ends")
    execute(
        connection,
        _PATH,
        "record_successors",
        opvolging_dagen=load_config("wijzigingen")["opvolging_dagen"],
    )
    execute(connection, _PATH, "name_reasons")


def _land_renumbered(connection: Connection, feed: str, wijzigingen: Sequence[Wijziging]) -> None:
    execute(connection, _PATH, "create_renumbered")
    copy_rows(
        connection,
        _PATH,
        (
            (_name(feed, wijziging), van, naar, wijziging.tijd)
            for wijziging in wijzigingen
            for van, naar in find_hernummerd(wijziging)
        ),
        "copy_renumbered",
    )
    execute(connection, _PATH, "record_renumbered")


def _set_apart(connection: Connection, feed: str, refused: Sequence[GeweigerdeWijziging]) -> None:
    for item in refused:
        set_apart(
            connection,
            model=f"wijziging_{feed}",
            object_id=item.gebeurtenis_id,
            redenen=[item.reden],
            regels=["leesbaar"],
            herkomst=f"basisregisters {feed}",
        )


def _name(feed: str, wijziging: Wijziging) -> str:
    # Each feed counts its events for itself.
    return f"{feed} {wijziging.gebeurtenis_id}"


def _move_cursor(connection: Connection, feed: str, previous: _Plaats, following: _Plaats) -> None:
    moved = execute(
        connection,
        "ops/cursor",
        "move",
        bron=BRON,
        soort=feed,
        link=following.link,
        vorige_link=previous.link,
        volledig_klaar=False,
    )
    if moved != 1:
        raise RuntimeError(
            f"{BRON} {feed}: another pull moved the cursor meanwhile. This page was rolled back. "
            "Nothing to do: the next run continues where the other stopped."
        )
