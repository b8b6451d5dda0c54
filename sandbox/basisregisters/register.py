"""The register as it stands: the city, what was changed in it since, and the feeds that tell it."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar
from uuid import uuid4

from sandbox.basisregisters.gebeurtenissen import (
    FEEDS,
    Feit,
    count_beginnings,
    feed_of,
    id_of,
    list_beginnings,
    show_addresses_change,
    show_beginning,
    show_creation,
    show_event,
    show_status_change,
)
from sandbox.stad.city import City
from sandbox.stad.gebouwen import GebouwFeit, PerceelFeit, list_gebouwen, list_percelen
from sandbox.stad.vlakken import Box, find_capakey, find_in_box
from sandbox.stad.woning import GEBOUW_BASIS, AdresFeit, EenheidFeit, get_woning
from sandbox.state import State

NIEUW_BASIS = 180_000_000
"""Units that a split or a merge made are numbered from here."""
STATUSSEN = {
    "adressen": ("voorgesteld", "inGebruik", "gehistoreerd", "afgekeurd"),
    "gebouwen": ("gepland", "inAanbouw", "gerealiseerd", "gehistoreerd", "nietGerealiseerd"),
    "gebouweenheden": ("gepland", "gerealiseerd", "gehistoreerd", "nietGerealiseerd"),
    "percelen": ("gerealiseerd", "gehistoreerd"),
}

_DDL = """
CREATE TABLE IF NOT EXISTS register_stand (
    feed TEXT NOT NULL, object_id TEXT NOT NULL, stand TEXT NOT NULL,
    PRIMARY KEY (feed, object_id));
CREATE TABLE IF NOT EXISTS register_feed (
    feed TEXT NOT NULL, nummer INTEGER NOT NULL, aantal INTEGER NOT NULL, van INTEGER, tot INTEGER,
    gebeurtenis TEXT, PRIMARY KEY (feed, nummer));
"""
_F = TypeVar("_F", AdresFeit, GebouwFeit, EenheidFeit, PerceelFeit)


class RegisterError(ValueError):
    """The change cannot be made."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What became of one object; None where nothing changed."""

    gewijzigd_op: str
    status: str | None = None
    verwijderd: bool = False
    adres_ids: list[int] | None = None
    nieuw: dict[str, int] | None = None
    """Of a new unit: its number, its building, and the dwelling in whose place it stands."""


class Register:
    """Objects of the register and their feeds."""

    def __init__(self, state: State, city: City) -> None:
        self._state = state
        self._city = city
        state.create(_DDL)
        self._standen: dict[tuple[str, str], Stand] = {
            (feed, object_id): Stand(**json.loads(text))
            for feed, object_id, text in state.query("SELECT * FROM register_stand")
        }

    # Objects

    def get_adres(self, adres_id: int) -> AdresFeit | None:
        """Return an address, removed ones included."""
        adres = self._city.get_adres(adres_id)
        return None if adres is None else self._as_it_stands(adres)

    def get_gebouweenheid(self, gebouweenheid_id: int) -> EenheidFeit | None:
        """Return a unit, removed ones included."""
        if gebouweenheid_id >= NIEUW_BASIS:
            return next(
                (e for e in self._new_units() if e.gebouweenheid_id == gebouweenheid_id), None
            )
        eenheid = self._city.get_gebouweenheid(gebouweenheid_id)
        return None if eenheid is None else self._as_it_stands(eenheid)

    def get_gebouw(self, gebouw_id: int) -> GebouwFeit | None:
        """Return a building with the units it holds now, removed ones included."""
        i = (gebouw_id - GEBOUW_BASIS) // 2
        if not 0 <= i < self._city.size:
            return None
        return next((g for g in self._buildings(i) if g.gebouw_id == gebouw_id), None)

    def get_perceel(self, capakey: str) -> PerceelFeit | None:
        """Return a parcel by its key with ``/`` or ``-``, removed ones included."""
        i = find_capakey(capakey)
        if i is None or i >= self._city.size:
            return None
        key = capakey.replace("-", "/")
        return next((p for p in self._parcels(i) if p.capakey == key), None)

    def list_gebouweenheden(self) -> Iterator[EenheidFeit]:
        """Yield all units that were not removed."""
        for i in self._city.list_woningen():
            yield from self._units(i)
        yield from (e for e in self._new_units() if not e.verwijderd)

    def list_gebouweenheden_for_adres(self, adres_id: int) -> list[EenheidFeit]:
        """Return the units at an address now."""
        base = self._city.list_gebouweenheden_for_adres(adres_id)
        units = [*map(self._as_it_stands, base), *self._new_units()]
        return [e for e in units if adres_id in e.adres_ids and not e.verwijderd]

    def list_gebouweenheden_for_gebouw(self, gebouw_id: int) -> list[EenheidFeit]:
        """Return the units of a building now."""
        base = self._city.list_gebouweenheden_for_gebouw(gebouw_id)
        units = [*map(self._as_it_stands, base), *self._new_units()]
        return [e for e in units if e.gebouw_id == gebouw_id and not e.verwijderd]

    def list_gebouwen(self) -> Iterator[GebouwFeit]:
        """Yield all buildings that were not removed."""
        for i in self._city.list_woningen():
            yield from (g for g in self._buildings(i) if not g.verwijderd)

    def list_percelen(self) -> Iterator[PerceelFeit]:
        """Yield all parcels that were not removed."""
        for i in self._city.list_woningen():
            yield from (p for p in self._parcels(i) if not p.verwijderd)

    def list_percelen_in_box(self, box: Box) -> list[PerceelFeit]:
        """Return the parcels that touch a box in Lambert 72, by cadastral key."""
        left, bottom, right, top = box
        found = []
        for i in find_in_box(box, self._city.size):
            for perceel in self._parcels(i):
                x1, y1, x2, y2 = perceel.vlak.box
                if x1 <= right and x2 >= left and y1 <= top and y2 >= bottom:
                    found.append(perceel)
        return sorted((p for p in found if not p.verwijderd), key=lambda p: p.capakey)

    def list_percelen_for_adres(self, adres_id: int) -> list[PerceelFeit]:
        """Return the parcels at an address."""
        adres = self.get_adres(adres_id)
        if adres is None or adres.verwijderd:
            return []
        i = self._city.find_woning(adres_id)
        return [p for p in self._parcels(i) if adres_id in p.adres_ids and not p.verwijderd]

    # Changes

    def change_status(self, feed: str, object_id: str, status: str) -> None:
        """Give an object another status.

        Raises:
            RegisterError: there is no such object or status.
        """
        feit = self._find(feed, object_id)
        if status not in STATUSSEN[feed] or status == feit.status:
            raise RegisterError(f"status must be another of {', '.join(STATUSSEN[feed])}")
        with self._state.write():
            attributen = [show_status_change(feit, status)]
            moment = self._tell("update", feit, attributen, "StatusWasChanged", str(uuid4()))
            self._keep(feit, moment, status=status)

    def remove(self, feed: str, object_id: str) -> None:
        """Remove an object from the register.

        Raises:
            RegisterError: there is no such object.
        """
        feit = self._find(feed, object_id)
        with self._state.write():
            moment = self._tell("delete", feit, [], "WasRemovedV2", str(uuid4()))
            self._keep(feit, moment, verwijderd=True)

    def split(self, gebouweenheid_id: str, aantal: int) -> list[str]:
        """Put new units in the place of one; the first takes its address. Return their ids.

        Raises:
            RegisterError: there is no such unit, or the number is out of bounds.
        """
        if not 2 <= aantal <= 20:
            raise RegisterError("aantal must lie between 2 and 20")
        unit = self._unit(gebouweenheid_id)
        adressen = [unit.adres_ids, *[()] * (aantal - 1)]
        return self._replace_units([unit], adressen)

    def merge(self, gebouweenheid_ids: list[str]) -> str:
        """Put one new unit, with all their addresses, in the place of several. Return its id.

        Raises:
            RegisterError: there are no such units, or they stand in several buildings.
        """
        units = [self._unit(object_id) for object_id in dict.fromkeys(gebouweenheid_ids)]
        if len(units) < 2 or len({unit.gebouw_id for unit in units}) != 1:
            raise RegisterError("give two units or more of one building")
        adressen = tuple(dict.fromkeys(adres for unit in units for adres in unit.adres_ids))
        return self._replace_units(units, [adressen])[0]

    # Feeds

    def grow(self) -> None:
        """Tell of the dwellings that came to be since the last time."""
        row = self._state.first("SELECT max(tot) FROM register_feed")
        told = (row and row[0]) or 0
        if told >= self._city.size:
            return
        with self._state.write():
            for feed in FEEDS:
                added = sum(count_beginnings(i, feed) for i in range(told, self._city.size))
                self._state.execute(
                    "INSERT INTO register_feed VALUES (?, ?, ?, ?, ?, NULL)",
                    (feed, self.count_events(feed) + 1, added, told, self._city.size),
                )

    def count_events(self, feed: str) -> int:
        """Return the number of events of a feed."""
        row = self._state.first("SELECT sum(aantal) FROM register_feed WHERE feed = ?", (feed,))
        return int((row and row[0]) or 0)

    def list_events(self, feed: str, first: int, last: int, feed_url: str) -> list[dict[str, Any]]:
        """Return the events with the numbers first … last, as far as they exist."""
        events = []
        for nummer, van, tot, text in self._state.query(
            "SELECT nummer, van, tot, gebeurtenis FROM register_feed "
            "WHERE feed = ? AND nummer <= ? AND nummer + aantal > ? ORDER BY nummer",
            (feed, last, first),
        ):
            if text is not None:
                events.append(json.loads(text) | {"id": str(nummer), "source": feed_url})
                continue
            ends = _ends(feed, van, tot)
            place = max(0, bisect_right(ends, first - nummer))
            while place < len(ends) and nummer + (ends[place - 1] if place else 0) <= last:
                begin = nummer + (ends[place - 1] if place else 0)
                for number, (soort, feit) in enumerate(list_beginnings(van + place, feed), begin):
                    if first <= number <= last:
                        shown = show_beginning(soort, feit, feed_url)
                        events.append(shown | {"id": str(number)})
                place += 1
        return events

    def _replace_units(self, old: list[EenheidFeit], adressen: list[tuple[int, ...]]) -> list[str]:
        oorzaak = str(uuid4())
        begin = NIEUW_BASIS + sum(1 for stand in self._standen.values() if stand.nieuw)
        made = []
        with self._state.write():
            for unit in old:
                attributen = [show_status_change(unit, "gehistoreerd")]
                if unit.adres_ids:
                    attributen.append(show_addresses_change(unit, ()))
                moment = self._tell("update", unit, attributen, "BuildingUnitWasRetiredV2", oorzaak)
                self._keep(unit, moment, status="gehistoreerd", adres_ids=[])
            for number, adres_ids in enumerate(adressen, start=begin):
                new = replace(
                    old[0], gebouweenheid_id=number, adres_ids=adres_ids, functie="nietGekend",
                    status="gerealiseerd",
                )  # fmt: skip
                moment = self._tell(
                    "create", new, show_creation(new), "BuildingUnitWasPlannedV2", oorzaak
                )
                nieuw = {"id": number, "gebouw": new.gebouw_id, "i": self._place_of(old[0])}
                self._keep(new, moment, adres_ids=list(adres_ids), nieuw=nieuw)
                made.append(str(number))
        return made

    def _tell(
        self,
        soort: str,
        feit: Feit,
        attributen: list[dict[str, Any]],
        gebeurtenis: str,
        oorzaak: str,
    ) -> datetime:
        now, feed = datetime.now(UTC), feed_of(feit)
        event = show_event(
            soort, feit, attributen, feed_url="", tijd=now, oorzaak=oorzaak, gebeurtenis=gebeurtenis
        )
        self._state.execute(
            "INSERT INTO register_feed VALUES (?, ?, 1, NULL, NULL, ?)",
            (feed, self.count_events(feed) + 1, json.dumps(event)),
        )
        return now

    def _keep(self, feit: Feit, moment: datetime, **changed: Any) -> None:
        key = (feed_of(feit), id_of(feit))
        known = self._standen.get(key)
        stand = (
            replace(known, gewijzigd_op=moment.isoformat(), **changed)
            if known
            else Stand(moment.isoformat(), **changed)
        )
        self._state.execute(
            "INSERT OR REPLACE INTO register_stand VALUES (?, ?, ?)",
            (*key, json.dumps(asdict(stand))),
        )
        self._standen[key] = stand

    def _find(self, feed: str, object_id: str) -> Feit:
        feit: Feit | None = None
        if feed == "percelen":
            feit = self.get_perceel(object_id)
        elif feed in FEEDS and object_id.isdigit():
            get = {
                "adressen": self.get_adres, "gebouwen": self.get_gebouw,
                "gebouweenheden": self.get_gebouweenheid,
            }[feed]  # fmt: skip
            feit = get(int(object_id))
        if feit is None or feit.verwijderd:
            raise RegisterError("no such object in the register")
        return feit

    def _unit(self, object_id: str) -> EenheidFeit:
        unit = self._find("gebouweenheden", object_id)
        if not isinstance(unit, EenheidFeit) or unit.status != "gerealiseerd":
            raise RegisterError("the unit is not in use")
        return unit

    def _as_it_stands(self, feit: _F) -> _F:
        stand = self._standen.get((feed_of(feit), id_of(feit)))
        if stand is None:
            return feit
        changed: dict[str, Any] = {
            "gewijzigd_op": datetime.fromisoformat(stand.gewijzigd_op),
            "verwijderd": stand.verwijderd or feit.verwijderd,
            "status": stand.status or feit.status,
        }
        if stand.adres_ids is not None:
            changed["adres_ids"] = tuple(stand.adres_ids)
        return replace(feit, **changed)

    def _units(self, i: int) -> list[EenheidFeit]:
        units = map(self._as_it_stands, get_woning(i).eenheden)
        return [unit for unit in units if not unit.verwijderd]

    def _new_units(self) -> list[EenheidFeit]:
        found = []
        for stand in self._standen.values():
            if stand.nieuw is not None:
                model = get_woning(stand.nieuw["i"]).eenheden[0]
                unit = replace(
                    model, gebouweenheid_id=stand.nieuw["id"], gebouw_id=stand.nieuw["gebouw"],
                    functie="nietGekend",
                )  # fmt: skip
                found.append(self._as_it_stands(unit))
        return found

    def _buildings(self, i: int) -> list[GebouwFeit]:
        found = []
        for gebouw in map(self._as_it_stands, list_gebouwen(get_woning(i))):
            units = self.list_gebouweenheden_for_gebouw(gebouw.gebouw_id)
            found.append(replace(gebouw, eenheid_ids=tuple(e.gebouweenheid_id for e in units)))
        return found

    def _parcels(self, i: int) -> list[PerceelFeit]:
        return [self._as_it_stands(perceel) for perceel in list_percelen(get_woning(i))]

    def _place_of(self, unit: EenheidFeit) -> int:
        return (unit.gebouw_id - GEBOUW_BASIS) // 2


@lru_cache(maxsize=256)
def _ends(feed: str, van: int, tot: int) -> list[int]:
    """Return how many events the dwellings van … tot - 1 have up to and with each of them."""
    return list(accumulate(count_beginnings(i, feed) for i in range(van, tot)))
