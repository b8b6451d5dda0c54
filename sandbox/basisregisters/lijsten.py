"""Lists of the register: filters, and pages that name the following one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from sandbox.basisregisters import weergave
from sandbox.basisregisters.problemen import invalid_field
from sandbox.basisregisters.register import STATUSSEN
from sandbox.stad.city import fold
from sandbox.stad.gebouwen import GebouwFeit, PerceelFeit
from sandbox.stad.straten import ALLE_STRATEN, GEMEENTE, NIS_CODE
from sandbox.stad.woning import AdresFeit, EenheidFeit
from sandbox.world import World

MAX_LIMIT = 500
DEFAULT_LIMIT = 100
MAX_OFFSET = 1_000_000

_PAGING = {"offset", "limit", "apikey"}
_FUNCTIES = {"nietgekend": "nietGekend", "gemeenschappelijkdeel": "gemeenschappelijkDeel"}
Params = dict[str, str]


def list_adressen(world: World, root: str, params: Params) -> dict[str, Any]:
    """List addresses, by any part of them."""
    _check_status("adressen", params)
    straten = [s for s in ALLE_STRATEN if _keep_street(s.naam, s.straatnaam_id, params)]
    if not _in_leuven(params):
        straten = []
    stored = sorted(
        (a for s in straten for a in world.city.list_adressen_in_straat(s.straatnaam_id)),
        key=lambda adres: adres.adres_id,
    )
    adressen = (adres for a in stored if (adres := world.register.get_adres(a.adres_id)))

    def wanted(adres: AdresFeit) -> bool:
        return (
            not adres.verwijderd
            and params.get("postcode", adres.postcode) == adres.postcode
            and params.get("huisnummer", adres.huisnummer) == adres.huisnummer
            and params.get("busnummer", adres.busnummer) == adres.busnummer
            and _has_status(adres.status, params)
        )

    return _page(
        "adressen", "adres", root, params, filter(wanted, adressen),
        lambda adres: weergave.show_adres_item(root, adres),
    )  # fmt: skip


def list_gebouweenheden(world: World, root: str, params: Params) -> dict[str, Any]:
    """List units, by address, building, status or function."""
    _check_status("gebouweenheden", params)
    functie = params.get("functie")
    if functie is not None and functie.lower() not in _FUNCTIES:
        raise invalid_field("functie", "OngeldigeFunctie", "Deze functie bestaat niet.")
    found = (
        eenheid
        for eenheid in _select_units(world, params)
        if functie is None or eenheid.functie == _FUNCTIES[functie.lower()]
        if _has_status(eenheid.status, params)
    )
    return _page(
        "gebouweenheden", "gebouweenheid", root, params, found,
        lambda eenheid: weergave.show_gebouweenheid_item(root, eenheid),
    )  # fmt: skip


def list_gebouwen(world: World, root: str, params: Params) -> dict[str, Any]:
    """List buildings, by the parcel they stand on or their status."""
    _check_status("gebouwen", params)
    capakey = params.get("capakey")
    buildings: Iterable[GebouwFeit] = world.register.list_gebouwen()
    if capakey is not None:
        perceel = world.register.get_perceel(capakey)
        ids = perceel.gebouw_ids if perceel else ()
        found = (world.register.get_gebouw(gebouw_id) for gebouw_id in ids)
        buildings = [g for g in found if g is not None and not g.verwijderd]
    return _page(
        "gebouwen", "gebouw", root, params,
        (g for g in buildings if _has_status(g.status, params)),
        lambda gebouw: weergave.show_gebouw_item(root, gebouw),
    )  # fmt: skip


def list_percelen(world: World, root: str, params: Params) -> dict[str, Any]:
    """List parcels, by an address on them or their status."""
    _check_status("percelen", params)
    adres_id = params.get("adresobjectid")
    parcels: Iterable[PerceelFeit] = world.register.list_percelen()
    if adres_id is not None:
        parcels = (
            world.register.list_percelen_for_adres(int(adres_id)) if adres_id.isdigit() else ()
        )
    return _page(
        "percelen", "perceel", root, params,
        (p for p in parcels if _has_status(p.status, params)),
        lambda perceel: weergave.show_perceel_item(root, perceel),
    )  # fmt: skip


LISTS: dict[str, Callable[[World, str, Params], dict[str, Any]]] = {
    "adressen": list_adressen,
    "gebouwen": list_gebouwen,
    "gebouweenheden": list_gebouweenheden,
    "percelen": list_percelen,
}


def _select_units(world: World, params: Params) -> Iterable[EenheidFeit]:
    register = world.register
    adres_id, gebouw_id = params.get("adresobjectid"), params.get("gebouwobjectid")
    if adres_id is not None:
        if not adres_id.isdigit():
            return ()
        units = register.list_gebouweenheden_for_adres(int(adres_id))
        return [u for u in units if gebouw_id in (None, str(u.gebouw_id))]
    if gebouw_id is not None:
        return (
            register.list_gebouweenheden_for_gebouw(int(gebouw_id)) if gebouw_id.isdigit() else ()
        )
    return register.list_gebouweenheden()


def _page(
    naam: str,
    enkelvoud: str,
    root: str,
    params: Params,
    found: Iterable[Any],
    show: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    offset, limit = _read_page(params)
    # One more than the page holds tells whether there is a following one.
    items = list(islice(found, offset, offset + limit + 1))
    body = {
        "@context": f"{weergave.CONTEXT}/{enkelvoud}/2023-02-28/{enkelvoud}_lijst.jsonld",
        naam: [show(item) for item in items[:limit]],
    }
    if len(items) > limit:
        kept = [f"{k}={v}" for k, v in params.items() if k not in _PAGING]
        query = "&".join([*kept, f"offset={offset + limit}", f"limit={limit}"])
        body["volgende"] = f"{root}/{naam}?{query}"
    return body


def _check_status(feed: str, params: Params) -> None:
    # An unknown parameter is ignored by the source; a status it does not know is refused.
    status = params.get("status")
    if status is not None and status.lower() not in {s.lower() for s in STATUSSEN[feed]}:
        raise invalid_field("status", "OngeldigeStatus", "Deze status bestaat niet.")


def _has_status(status: str, params: Params) -> bool:
    return params.get("status", status).lower() == status.lower()


def _read_page(params: dict[str, str]) -> tuple[int, int]:
    values = []
    for naam, default in (("offset", 0), ("limit", DEFAULT_LIMIT)):
        text = params.get(naam, str(default))
        if not text.isdigit():
            raise invalid_field(naam, "OngeldigGetal", f"'{naam}' is geen positief getal.")
        values.append(int(text))
    offset, limit = values
    if offset > MAX_OFFSET:
        raise invalid_field("offset", "OffsetTeGroot", f"'offset' mag hoogstens {MAX_OFFSET} zijn.")
    if not 1 <= limit <= MAX_LIMIT:
        raise invalid_field("limit", "OngeldigeLimit", f"'limit' ligt tussen 1 en {MAX_LIMIT}.")
    return offset, limit


def _keep_street(naam: str, straatnaam_id: int, params: dict[str, str]) -> bool:
    wanted = params.get("straatnaam")
    if wanted is not None and fold(wanted) != fold(naam):
        return False
    return params.get("straatnaamobjectid", str(straatnaam_id)) == str(straatnaam_id)


def _in_leuven(params: dict[str, str]) -> bool:
    gemeente = params.get("gemeentenaam", GEMEENTE)
    return fold(gemeente) == fold(GEMEENTE) and params.get("niscode", NIS_CODE) == NIS_CODE
