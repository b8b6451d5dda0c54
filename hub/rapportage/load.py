"""Load the reporting warehouse: what changed, in slices, without identity.

The facts of a dossier are a pure function of what landed of it. What changed stands in the queue
``hub.te_rapporteren``; a slice takes a part of it and writes the facts in one transaction, only
where they differ. A rebuild is the same with everything in the queue.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from hub.database import copy_rows, execute, fetch_all
from hub.dossierstatus import list_aanvraag_parameters
from hub.keys import Keyring
from hub.partners import load_partners
from hub.rapportage.gebied import Gebieden, load_gebieden
from hub.rapportage.pseudoniem import Pseudoniemen, add_missing, make_pseudoniemen, renew

SLICE = 10_000
_DAYS = 31
_PATH = "intermediate/int_rapportage"
# In this order: a step comes before the dossier that shows its day, a dwelling before its label.
_BY_OBJECT = (
    "dim_woning", "fct_aanbeveling", "fct_stap", "fct_dossier", "fct_aanmelding", "fct_aanvraag",
)  # fmt: skip
_BY_DAY = ("fct_bericht", "fct_bevraging")
_logger = logging.getLogger("hub.rapportage")


@dataclass(frozen=True, slots=True)
class _Known:
    """What a load knows before it begins."""

    pseudoniemen: Pseudoniemen
    gebieden: Gebieden
    parameters: dict[str, dict[str, list[str]]]


def load_rapportage(
    engine: Engine,
    keyring: Keyring,
    *,
    everything: bool = False,
    landed: tuple[datetime, datetime] | None = None,
    slice_size: int = SLICE,
) -> dict[str, int]:
    """Bring the warehouse up to date; loading twice writes nothing the second time.

    ``everything`` looks at all that is landed, and removes what no longer has a source; ``landed``
    (from, until) at what landed in that time, too. Returns the rows written and removed.

    Raises:
        KeyringError: the key file is older than the pseudonyms in the warehouse.
        GebiedenError: the file with areas cannot be used; nothing was loaded.
    """
    known = _Known(make_pseudoniemen(keyring), load_gebieden(), _parameters())
    renew(engine, known.pseudoniemen)
    with engine.begin() as connection:
        _begin(connection, known, everything=everything, landed=landed)
    written: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    while True:
        with engine.begin() as connection:
            taken = _load_slice(connection, known, slice_size, written, removed)
        if not taken:
            break
        _logger.info("loaded a slice of %d", taken)
    while True:
        with engine.begin() as connection:
            taken = _load_days(connection, written, removed)
        if not taken:
            break
    with engine.begin() as connection:
        if everything:
            _drop_unknown(connection, known)
        for model in (*_BY_OBJECT, *_BY_DAY):
            if written[model] or removed[model] or model == "fct_dossier":
                _note(connection, model, written[model], removed[model])
    return {"nieuw_of_gewijzigd": written.total(), "verwijderd": removed.total()}


def _begin(
    connection: Connection,
    known: _Known,
    *,
    everything: bool,
    landed: tuple[datetime, datetime] | None,
) -> None:
    execute(connection, _PATH, "lock")
    execute(connection, _PATH, "note_clock")
    _note(connection, "klok", 0, 0)
    names = known.gebieden.namen
    execute(connection, _PATH, "put_areas", codes=list(names), namen=list(names.values()))
    partners = {partner.code: partner.naam for partner in load_partners().values()}
    execute(connection, _PATH, "put_partners", codes=list(partners), namen=list(partners.values()))
    execute(connection, _PATH, "put_premies", **known.parameters["put_premies"])
    execute(connection, _PATH, "note_other_areas", gebied_versie=known.gebieden.versie)
    if everything:
        execute(connection, _PATH, "note_everything")
        execute(connection, _PATH, "note_every_day")
    if landed is not None:
        execute(connection, _PATH, "note_interval", van=landed[0], tot=landed[1])
        execute(connection, _PATH, "note_days", van=landed[0], tot=landed[1])


def _load_slice(
    connection: Connection,
    known: _Known,
    size: int,
    written: Counter[str],
    removed: Counter[str],
) -> int:
    """Load one slice; return how many objects it took from the queue."""
    execute(connection, _PATH, "lock")
    execute(connection, _PATH, "create_taken")
    taken = execute(connection, _PATH, "take", aantal=size)
    if not taken:
        return 0
    for name in (
        "create_dossiers", "create_woningen", "analyze_dossiers", "analyze_woningen", "create_gone",
    ):  # fmt: skip
        execute(connection, _PATH, name)
    add_missing(connection, known.pseudoniemen)
    _place(connection, known.gebieden)
    execute(connection, _PATH, "create_living")
    execute(connection, _PATH, "analyze_living")
    for model in _BY_OBJECT:
        _write(connection, model, written, removed, known.parameters.get(model, {}))
    for name in (
        "remove_dossier_pseudonyms", "remove_woning_pseudonyms", "remove_other_pseudonyms",
        "remove_places",
    ):  # fmt: skip
        execute(connection, _PATH, name)
    return taken


def _load_days(connection: Connection, written: Counter[str], removed: Counter[str]) -> int:
    """Count some days anew; return how many."""
    execute(connection, _PATH, "lock")
    execute(connection, _PATH, "create_taken")
    taken = execute(connection, _PATH, "take_days", aantal=_DAYS)
    if taken:
        for model in _BY_DAY:
            _write(connection, model, written, removed, {})
    return taken


def _write(
    connection: Connection,
    model: str,
    written: Counter[str],
    removed: Counter[str],
    parameters: dict[str, list[str]],
) -> None:
    path = f"marts/{model}"
    execute(connection, path, "create", **parameters)
    if model == "fct_stap":
        execute(connection, path, "analyze")
    written[model] += execute(connection, path, "merge")
    removed[model] += execute(connection, path, "remove")


def _place(connection: Connection, gebieden: Gebieden) -> None:
    rows = fetch_all(connection, _PATH, "places")
    execute(connection, _PATH, "create_placed")
    copy_rows(
        connection,
        _PATH,
        ((one["woning_id"], gebieden.find(one["positie"], one["gebouw"])) for one in rows),
        name="copy_placed",
    )
    execute(connection, _PATH, "place", gebied_versie=gebieden.versie)


def _drop_unknown(connection: Connection, known: _Known) -> None:
    execute(connection, _PATH, "drop_areas", codes=list(known.gebieden.namen))
    execute(connection, _PATH, "drop_partners", codes=list(load_partners()))
    execute(connection, _PATH, "drop_premies", codes=known.parameters["put_premies"]["codes"])


def _note(connection: Connection, model: str, written: int, removed: int) -> None:
    execute(connection, _PATH, "note", model=model, nieuw_of_gewijzigd=written, verwijderd=removed)


def _parameters() -> dict[str, dict[str, list[str]]]:
    """Return what the models need of the configuration: the words that may enter the warehouse."""
    aanvragen = list_aanvraag_parameters()
    soorten = {soort for partner in load_partners().values() for soort in partner.soorten}
    return {
        "fct_aanmelding": {"soorten": sorted(soorten)},
        "fct_aanvraag": {
            "standen": [
                f"{soort} {stand}"
                for soort, stand in zip(aanvragen["soorten"], aanvragen["standen"], strict=True)
            ]
        },
        "put_premies": {
            "codes": aanvragen["regelingen"],
            "namen": aanvragen["regelingen"],
            "soorten": aanvragen["regeling_soorten"],
        },
    }
