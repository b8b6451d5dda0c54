"""Whether residents see how their dossier stands: what happened against what DOSIS shows.

Rules of decision 0034 over what the CRM, the partners and the ledger say (`cli.statussen_lezen`
asks them), apart from the hub's own: what happened last counts, by whole seconds; of two in one
second the one lower in the table of statuses; then what was written down last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cli.statussen_aanvragen import Aanvraag, compare_aanvragen
from cli.voortgang import Gebeurtenis, Verschil
from hub.dossierstatus import AANVRAAG, Lezing

VOORKEUR = "mijnburgerprofiel"
_BRUSSELS = ZoneInfo("Europe/Brussels")
_MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Getoond:
    """What DOSIS shows of one dossier."""

    fase: str
    code: str
    detail: str | None
    actie: str | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier of the CRM; ``eindes`` are the ends of the resident's consents per soort, partner.

    ``voorkeur`` is how the resident wants to hear; ``bereikbaar``: there is a valid INSZ.
    """

    dossiernummer: str
    start_akkoord: bool
    start_akkoord_op: datetime | None
    bereikbaar: bool
    voorkeur: str | None
    eindes: Mapping[tuple[str, str], Sequence[datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stap:
    """A step as the CRM holds it; ``gewijzigd_op`` is when it was written down."""

    stap_id: str
    dossiernummer: str
    soort: str | None
    status: str | None
    gewijzigd_op: datetime
    gebeurd_op: datetime | None = None
    vervaldatum: date | None = None

    @property
    def dag(self) -> date | None:
        """The day (Brussels) for which it is planned, or on which it was done."""
        if self._is_planned:
            return self.vervaldatum
        return None if self.gebeurd_op is None else self.gebeurd_op.astimezone(_BRUSSELS).date()

    @property
    def telt_vanaf(self) -> datetime:
        """From when it counts: a planned day is over before that day does."""
        happened = self.gebeurd_op
        if self._is_planned and self.vervaldatum is not None:
            over = self.vervaldatum + timedelta(days=1)
            happened = datetime.combine(over, time(), _BRUSSELS)
        return self.gewijzigd_op if happened is None else min(happened, self.gewijzigd_op)

    @property
    def _is_planned(self) -> bool:
        return self.status == "open" and self.vervaldatum is not None


@dataclass(frozen=True, slots=True)
class Eigen:
    """What the hub did of a dossier: ``ingevuld``, ``aangemeld`` or ``ingetrokken``.

    ``op`` is when it was confirmed; of a withdrawal when it was decided.
    """

    dossiernummer: str
    wat: str
    op: datetime
    partner: str = ""
    soort: str = ""
    referentie: str = ""


@dataclass(frozen=True, slots=True)
class Regel:
    """A line of a receiver's journal that had an effect."""

    systeem: str
    bericht_id: str | None
    dossiernummer: str | None


@dataclass(frozen=True, slots=True)
class Boek:
    """All of it.

    ``stand``: of each dossier the event that says how far its partners are; ``gehoord``: the
    references of which a partner told anything; ``gemeld``: the kinds of steps that were reported
    as unknown; ``lezingen`` in the order in which they count.
    """

    dossiers: Sequence[Dossier]
    stappen: Sequence[Stap]
    eigen: Sequence[Eigen]
    stand: Mapping[str, Gebeurtenis]
    gehoord: frozenset[str]
    getoond: Mapping[str, Getoond]
    lezingen: Sequence[Lezing]
    taken: frozenset[str] = frozenset()
    gemeld: frozenset[str] = frozenset()
    regels: Sequence[Regel] = ()
    aanvragen: Sequence[Aanvraag] = ()


LEEG = Boek((), (), (), {}, frozenset(), {}, ())


@dataclass(frozen=True, slots=True)
class Feit:
    """One thing that happened and may be the status of its dossier."""

    lezing: Lezing
    plaats: int
    gebeurd_op: datetime
    gewijzigd_op: datetime
    sleutel: str
    dag: date | None = None

    @property
    def rang(self) -> tuple[datetime, int, datetime, str]:
        """What is higher counts."""
        second = self.gebeurd_op.replace(microsecond=0)
        return second, self.plaats, self.gewijzigd_op, self.sleutel


@dataclass(frozen=True, slots=True)
class Uitslag:
    """How many dossiers and applications were compared; and every difference.

    ``door_stap``: of how many dossiers a step decided.
    """

    vergeleken: int
    door_stap: int
    aanvragen: int
    verschillen: Sequence[Verschil]


def compare(boek: Boek) -> Uitslag:
    """Hold what DOSIS shows against what must be shown, for whoever can be reached."""
    must = find_status(boek)
    reached = {d.dossiernummer for d in boek.dossiers if d.bereikbaar}
    wrong = list(_reports(boek))
    own = {one.nummer for one in boek.aanvragen}
    for number in sorted((reached | boek.getoond.keys()) - own):
        fact, shown = must.get(number), boek.getoond.get(number)
        if number not in reached or fact is None:
            if shown is not None:
                wrong.append(
                    Verschil("unaccounted", number, number, "DOSIS shows a status that nobody told")
                )
        elif shown is None:
            wrong.append(
                Verschil("lost", number, number, f"DOSIS shows nothing; it is {fact.lezing.naam}")
            )
        elif not _reads(fact, shown):
            seen = f"DOSIS shows another status ({shown.code}); it is {fact.lezing.naam}"
            wrong.append(Verschil("lost", number, number, seen))
    started = frozenset(d.dossiernummer for d in boek.dossiers if d.bereikbaar and d.start_akkoord)
    shown_as = {n: (g.fase, g.code, g.detail, g.actie) for n, g in boek.getoond.items()}
    wrong += compare_aanvragen(boek.aanvragen, started, shown_as, boek.lezingen)
    told = [must[number] for number in reached & must.keys()]
    by_step = sum(fact.lezing.soort is not None for fact in told)
    followed = sum(one.dossiernummer in started for one in boek.aanvragen)
    return Uitslag(len(told), by_step, followed, wrong)


def find_status(boek: Boek) -> dict[str, Feit]:
    """Return by dossier number the fact that is its status: none without a start or a step."""
    found: dict[str, list[Feit]] = defaultdict(list)
    for number, fact in _facts(boek):
        found[number].append(fact)
    return {
        number: max(facts, key=lambda fact: fact.rang)
        for number, facts in found.items()
        if any(fact.lezing.soort is not None or fact.lezing.naam == "gestart" for fact in facts)
    }


def check_regels(boek: Boek) -> Iterator[Verschil]:
    """Tell what reached a resident twice, or otherwise than the resident wants."""
    first = set()
    for regel in boek.regels:
        key = regel.systeem, regel.bericht_id
        if key in first or regel.bericht_id is None:
            seen = f"{regel.systeem}: one message twice, or without a name"
            yield Verschil("duplicated", regel.bericht_id or "?", regel.dossiernummer, seen)
        first.add(key)
    yield from check_voorkeur(boek)


def check_voorkeur(boek: Boek) -> Iterator[Verschil]:
    """Tell who was told in Mijn Burgerprofiel and does not want that."""
    wanting = {d.dossiernummer for d in boek.dossiers if d.voorkeur == VOORKEUR}
    wanting |= {one.nummer for one in boek.aanvragen if one.dossiernummer in wanting}
    for regel in boek.regels:
        if regel.systeem == "notificaties" and regel.dossiernummer not in wanting:
            yield Verschil(
                "without_consent", regel.bericht_id or "?", regel.dossiernummer,
                "a message against the resident's contact preference",
            )  # fmt: skip


def _reports(boek: Boek) -> Iterator[Verschil]:
    """Kinds of steps that no list knows must be reported, and no others."""
    known = {one.soort for one in boek.lezingen if one.tabel != AANVRAAG} | boek.taken
    unknown = {stap.soort: stap for stap in boek.stappen if stap.soort not in known}
    for soort, stap in unknown.items():
        if soort not in boek.gemeld:
            yield Verschil(
                "lost", f"stap {soort}", stap.dossiernummer, "nobody was told of an unknown step"
            )
    for soort in boek.gemeld - unknown.keys():
        yield Verschil("unaccounted", f"stap {soort}", None, "reported as unknown and not there")


def _facts(boek: Boek) -> Iterator[tuple[str, Feit]]:
    dossiers = {d.dossiernummer: d for d in boek.dossiers}
    named = {
        (lezing.naam if lezing.soort is None else None, lezing.soort, lezing.stand): (place, lezing)
        for place, lezing in enumerate(boek.lezingen)
        if lezing.tabel != AANVRAAG
    }
    for number, naam, happened, written in (*_own(boek, dossiers), *_partners(boek)):
        place, lezing = named[naam, None, None]
        dag = None
        if number in boek.stand and naam == boek.stand[number].status:
            dag = boek.stand[number].tijdstip.astimezone(_BRUSSELS).date()
        yield number, Feit(lezing, place, happened, written, naam, dag)
    for stap in boek.stappen:
        place_and = named.get((None, stap.soort, stap.status))
        dossier = dossiers.get(stap.dossiernummer)
        if place_and is None or dossier is None or not dossier.start_akkoord:
            continue
        place, lezing = place_and
        if not lezing.noemt_dag or stap.dag is not None:
            key = f"stap:{stap.stap_id}"
            yield (
                stap.dossiernummer,
                Feit(lezing, place, stap.telt_vanaf, stap.gewijzigd_op, key, stap.dag),
            )


def _partners(boek: Boek) -> Iterator[tuple[str, str, datetime, datetime]]:
    for number, g in boek.stand.items():
        yield number, g.status, g.gebeurd_op, g.gewijzigd_op


def _own(
    boek: Boek, dossiers: Mapping[str, Dossier]
) -> Iterator[tuple[str, str, datetime, datetime]]:
    """Start, sign-up and withdrawal: from the agreement, the confirmation, the consent's end."""
    of: dict[str, list[Eigen]] = defaultdict(list)
    for eigen in boek.eigen:
        of[eigen.dossiernummer].append(eigen)
    for number, did in of.items():
        dossier = dossiers.get(number)
        if dossier is None:
            continue
        filled = [e.op for e in did if e.wat == "ingevuld"]
        if filled:
            agreed = dossier.start_akkoord_op or min(filled)
            yield number, "gestart", min(agreed, *filled), min(filled)
        signed = [e for e in did if e.wat == "aangemeld"]
        taken_back = {e.referentie: e for e in did if e.wat == "ingetrokken"}
        standing = [e for e in signed if e.referentie not in taken_back]
        unheard = [e.op for e in standing if e.referentie not in boek.gehoord]
        if unheard:
            yield number, "aangemeld", max(unheard), max(unheard)
        if signed and not standing:
            ended = max(_end(e, taken_back[e.referentie], dossier) for e in signed)
            yield number, "ingetrokken", ended, ended


def _end(signed: Eigen, taken_back: Eigen, dossier: Dossier) -> datetime:
    """When a sign-up ended: with its consent, and never before it was confirmed."""
    ends = dossier.eindes.get((signed.soort, signed.partner), ())
    return max(signed.op, min(taken_back.op, max(ends, default=taken_back.op)))


def _reads(fact: Feit, shown: Getoond) -> bool:
    """Tell whether DOSIS shows this. Who and for what may be named in any words, a day may not."""
    lezing = fact.lezing
    texts = (lezing.detail, *lezing.per_soort.values())
    return (
        (lezing.fase, lezing.code) == (shown.fase, shown.code)
        and any(_fits(text, fact.dag, shown.detail or "") for text in texts)
        and _fits(lezing.actie or "", fact.dag, shown.actie or "")
    )


def _fits(template: str, dag: date | None, text: str) -> bool:
    written = "" if dag is None else f"{dag.day} {_MAANDEN[dag.month - 1]} {dag.year}"
    pattern = re.escape(template.replace("{dag}", written))
    for naam in ("{partner}", "{soort}"):
        pattern = pattern.replace(re.escape(naam), ".+")
    return re.fullmatch(pattern, text) is not None
