"""The questions to the registers that find a dwelling, and what each answer adds to a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Engine

from connectors.transport.errors import (
    ConnectorError,
    GeenRechtError,
    PermanentError,
    RetryableError,
)
from connectors.transport.raadpleging import GelogdeRaadpleging, RaadplegingLog
from connectors.woningpas.basisregisters.models import Adres, AdresMatches, Detail, Gebouweenheid
from hub.config import load_config
from hub.raadplegen import Vraagstelling, consult
from hub.woning.adres import GezochtAdres, fold
from hub.woning.choose import ENDED_ADRES, Keuze, choose_adres, choose_eenheid
from hub.woning.gekozen import PAD, Gekozen, refuse_adres, refuse_eenheid

BRON = "basisregisters"
# An address with more units than this is for the consultant without a look at each of them.
MOST_UNITS = 25


class Registers(Protocol):
    """The part of the Basisregisters client that finding a dwelling needs."""

    def match_adres(
        self,
        *,
        straatnaam: str,
        huisnummer: str,
        busnummer: str | None,
        postcode: str | None,
        gemeentenaam: str | None,
        raadpleging: GelogdeRaadpleging,
    ) -> AdresMatches: ...

    def get_adres(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Adres]: ...

    def list_gebouweenheden(
        self, *, adres_id: str, raadpleging: GelogdeRaadpleging
    ) -> tuple[str, ...]: ...

    def get_gebouweenheid(
        self, *, gebouweenheid_id: str, raadpleging: GelogdeRaadpleging, etag: str | None = None
    ) -> Detail[Gebouweenheid]: ...


@dataclass(frozen=True, slots=True)
class Bekend:
    """The address and the unit as an earlier look left them, with their versions (ETag)."""

    adres_id: str
    adres_etag: str
    gebouweenheid_id: str | None
    gebouweenheid_etag: str | None


@dataclass(frozen=True, slots=True)
class Uitval:
    """The dossiers whose search cannot go on now: no answer yet, or no right to ask."""

    opnieuw: set[UUID] = field(default_factory=set)
    geen_recht: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Zoektocht:
    """The search for the dwelling of one dossier, growing step by step."""

    dossier_id: UUID
    namens: str | None
    gezocht: GezochtAdres
    adres_hash: bytes
    gekozen: Gekozen | None = None
    bekend: Bekend | None = None
    kandidaten: tuple[dict[str, str], ...] = ()
    keuze: Keuze = field(default=Keuze("gevonden"))
    ongewijzigd: bool = False
    adres: Detail[Adres] | None = None
    te_vragen: tuple[str, ...] = ()
    eenheden: tuple[Detail[Gebouweenheid], ...] = ()
    fout: str | None = None

    @property
    def eenheid(self) -> Detail[Gebouweenheid] | None:
        """The unit that was chosen, as the register tells it."""
        for detail in self.eenheden:
            if detail.waarde and detail.waarde.gebouweenheid_id == self.keuze.gebouweenheid_id:
                return detail
        return None


@dataclass(frozen=True, slots=True)
class _Stap:
    """One question to the register: for which searches, about what, and what the answer adds.

    ``refuse`` says what a refusal means; by default the search ends as ``geweigerd``.
    """

    operatie: str
    wanted: Callable[[Zoektocht], bool]
    object: Callable[[Zoektocht], str]
    ask: Callable[[Zoektocht, GelogdeRaadpleging], Any]
    use: Callable[[Zoektocht, Any], Zoektocht]
    refuse: Callable[[Zoektocht, ConnectorError], Zoektocht | None] = lambda *_: None


def recheck(
    engine: Engine,
    registers: Registers,
    log: RaadplegingLog,
    searches: Sequence[Zoektocht],
    uitval: Uitval,
) -> list[Zoektocht]:
    """Ask whether what an earlier look found is unchanged: two small questions a dossier at most.

    Returns the searches with ``ongewijzigd`` told; what cannot go on now adds to ``uitval``.
    """
    adres = _Stap(
        "adres",
        lambda s: s.bekend is not None,
        lambda s: f"adres {_known(s).adres_id}",
        lambda s, look: registers.get_adres(
            adres_id=_known(s).adres_id, raadpleging=look, etag=_known(s).adres_etag
        ),
        lambda s, detail: replace(s, ongewijzigd=detail.ongewijzigd),
        lambda s, _: s,
    )
    eenheid = _Stap(
        "gebouweenheid",
        lambda s: s.ongewijzigd and _known(s).gebouweenheid_id is not None,
        lambda s: f"gebouweenheid {_known(s).gebouweenheid_id}",
        lambda s, look: registers.get_gebouweenheid(
            gebouweenheid_id=_known(s).gebouweenheid_id or "",
            raadpleging=look,
            etag=_known(s).gebouweenheid_etag,
        ),
        lambda s, detail: replace(s, ongewijzigd=detail.ongewijzigd),
        lambda s, _: replace(s, ongewijzigd=False),
    )
    checked = list(searches)
    for step in (adres, eenheid):
        checked = _advance(engine, checked, step, log, uitval)
    return checked


def search_registers(
    engine: Engine,
    registers: Registers,
    log: RaadplegingLog,
    searches: Sequence[Zoektocht],
    uitval: Uitval,
) -> list[Zoektocht]:
    """Go the whole way: the address, its units, the unit; a consultant's choice skips the match."""
    *steps, unit = _steps(registers)
    looking = list(searches)
    for step in steps:
        looking = _advance(engine, looking, step, log, uitval)
    # One unit of each address at a time: an address has few.
    while any(unit.wanted(search) for search in looking):
        looking = _advance(engine, looking, unit, log, uitval)
    return looking


def _steps(registers: Registers) -> tuple[_Stap, ...]:
    config = load_config("bronnen")
    minimum = float(config[BRON]["minimum_score"])

    def match_adres(s: Zoektocht, look: GelogdeRaadpleging, busnummer: str | None) -> AdresMatches:
        place = s.gezocht.postcodes
        return registers.match_adres(
            straatnaam=s.gezocht.straat,
            huisnummer=str(s.gezocht.reeks[0]) if s.gezocht.reeks else s.gezocht.huisnummer,
            busnummer=busnummer,
            postcode=next(iter(place)) if len(place) == 1 else None,
            gemeentenaam=_register_name(s.gezocht.gemeente),
            raadpleging=look,
        )

    def get_unit(s: Zoektocht, look: GelogdeRaadpleging) -> Detail[Gebouweenheid]:
        return registers.get_gebouweenheid(gebouweenheid_id=_unit_id(s), raadpleging=look)

    return (
        _Stap(
            "adresmatch",
            lambda s: _is_looking(s) and s.gekozen is None,
            lambda _: "adres van het dossier",
            lambda s, look: match_adres(s, look, s.gezocht.busnummer),
            lambda s, found: replace(s, keuze=choose_adres(s.gezocht, found.matches, minimum)),
        ),
        _Stap(
            "adresmatch",
            lambda s: s.keuze.uitkomst == "dubbelzinnig" and bool(s.gezocht.busnummer_anders),
            lambda _: "adres van het dossier",
            lambda s, look: match_adres(s, look, s.gezocht.busnummer_anders),
            lambda s, found: _use_other_spelling(s, found, minimum),
        ),
        _Stap(
            "gebouweenheid",
            lambda s: _is_looking(s) and s.gekozen is not None and s.gekozen.soort != "adres",
            lambda s: f"gebouweenheid {_unit_id(s)}",
            get_unit,
            _use_chosen_unit,
            _refuse_unknown,
        ),
        _Stap(
            "adres",
            _is_looking,
            lambda s: f"adres {_adres_id(s)}",
            lambda s, look: registers.get_adres(adres_id=_adres_id(s), raadpleging=look),
            _use_adres,
            _refuse_unknown,
        ),
        _Stap(
            "gebouweenheden",
            lambda s: _is_looking(s) and s.keuze.gebouweenheid_id is None,
            lambda s: f"adres {_adres_id(s)}",
            lambda s, look: registers.list_gebouweenheden(
                adres_id=_adres_id(s), raadpleging=look
            ),
            _use_list,
        ),
        _Stap(
            "gebouweenheid",
            lambda s: _is_looking(s) and bool(s.te_vragen),
            lambda s: f"gebouweenheid {_unit_id(s)}",
            get_unit,
            _use_unit,
        ),
    )  # fmt: skip


def _is_looking(search: Zoektocht) -> bool:
    return search.keuze.uitkomst == "gevonden"


def _known(search: Zoektocht) -> Bekend:
    assert search.bekend is not None, "only what is known is checked again"
    return search.bekend


def _adres_id(search: Zoektocht) -> str:
    if search.keuze.adres_id is None and search.gekozen is not None:
        return search.gekozen.object_id or ""
    return search.keuze.adres_id or ""


def _unit_id(search: Zoektocht) -> str:
    if search.te_vragen:
        return search.te_vragen[0]
    return (search.gekozen.object_id or "") if search.gekozen else ""


def _register_name(gemeente: str | None) -> str | None:
    """Return the municipality as the register knows it: a part of the city is the city."""
    config = load_config("bronnen")
    parts = {fold(name) for name in config["deelgemeenten"]}
    return config["gemeente"] if not gemeente or fold(gemeente) in parts else gemeente


def _use_other_spelling(search: Zoektocht, found: AdresMatches, minimum: float) -> Zoektocht:
    # Only an answer that settles it counts: of many buses the register shows ten.
    keuze = choose_adres(search.gezocht, found.matches, minimum)
    return replace(search, keuze=keuze) if keuze.uitkomst == "gevonden" else search


def _impossible(search: Zoektocht, why: str) -> Zoektocht:
    return replace(search, keuze=Keuze("onmogelijk", f"{PAD}: {why}", kandidaten=search.kandidaten))


def _refuse_unknown(search: Zoektocht, error: ConnectorError) -> Zoektocht | None:
    """The register never knew what the consultant chose; any other refusal is no choice's fault."""
    if search.gekozen is None or type(error) is not PermanentError:
        return None
    return _impossible(search, f"het register kent geen {search.gekozen.keuze}")


def _use_chosen_unit(search: Zoektocht, detail: Detail[Gebouweenheid]) -> Zoektocht:
    unit = detail.waarde
    why = refuse_eenheid(unit)
    if unit is None or why:
        return _impossible(search, why or "")
    offered = {candidate.get("adres_id") for candidate in search.kandidaten}
    adres_id = next((one for one in unit.adres_ids if one in offered), unit.adres_ids[0])
    keuze = Keuze("gevonden", PAD, None, adres_id, unit.gebouweenheid_id)
    return replace(search, keuze=keuze, eenheden=(detail,))


def _use_adres(search: Zoektocht, detail: Detail[Adres]) -> Zoektocht:
    adres = detail.waarde
    if search.gekozen is not None:
        why = refuse_adres(adres, search.gezocht)
        if adres is None or why:
            return _impossible(search, why or "")
        keuze = replace(search.keuze, pad=PAD, adres_id=adres.adres_id)
        return replace(search, adres=detail, keuze=keuze)
    if adres is None or adres.status in ENDED_ADRES:
        return replace(search, keuze=replace(search.keuze, uitkomst="verwijderd"))
    return replace(search, adres=detail)


def _use_list(search: Zoektocht, unit_ids: tuple[str, ...]) -> Zoektocht:
    if len(unit_ids) > MOST_UNITS:
        keuze = replace(
            search.keuze,
            uitkomst="dubbelzinnig",
            pad=f"{search.keuze.pad}, {len(unit_ids)} gebouweenheden",
            kandidaten=tuple({"gebouweenheid_id": one} for one in unit_ids[:MOST_UNITS]),
        )
        return replace(search, keuze=keuze)
    return _settle(replace(search, te_vragen=unit_ids))


def _use_unit(search: Zoektocht, detail: Detail[Gebouweenheid]) -> Zoektocht:
    left, known = search.te_vragen[1:], (*search.eenheden, detail)
    return _settle(replace(search, te_vragen=left, eenheden=known))


def _settle(search: Zoektocht) -> Zoektocht:
    """Choose the unit once every unit of the address is known; one that was removed is none."""
    if search.te_vragen:
        return search
    units = [detail.waarde for detail in search.eenheden if detail.waarde]
    adres = search.adres.waarde if search.adres else None
    return replace(search, keuze=choose_eenheid(search.keuze, units, adres))


def _advance(
    engine: Engine,
    searches: Sequence[Zoektocht],
    step: _Stap,
    log: RaadplegingLog,
    uitval: Uitval,
) -> list[Zoektocht]:
    """Take the searches that want it one step further; drop those that can go no further now."""
    asked = consult(
        engine,
        log,
        bron=BRON,
        operatie=step.operatie,
        asks=[
            Vraagstelling(s.dossier_id, s.namens, step.object(s), s)
            for s in searches
            if step.wanted(s)
        ],
        fetch=step.ask,
    )
    answers = {ask.dossier_id: answer for ask, answer in asked}
    advanced = []
    for search in searches:
        answer = answers.get(search.dossier_id)
        if search.dossier_id not in answers:
            advanced.append(search)
        elif isinstance(answer, RetryableError):
            uitval.opnieuw.add(search.dossier_id)
        elif isinstance(answer, GeenRechtError):
            uitval.geen_recht.add(search.dossier_id)
        elif isinstance(answer, ConnectorError):
            advanced.append(step.refuse(search, answer) or _refused(search, step, answer))
        else:
            advanced.append(step.use(search, answer))
    return advanced


def _refused(search: Zoektocht, step: _Stap, error: ConnectorError) -> Zoektocht:
    pad = f"{step.operatie}: {type(error).__name__}"
    return replace(search, keuze=Keuze("geweigerd", pad), fout=str(error))
