"""Whether the partners' progress came home: what they recorded against what the CRM holds.

Rules over what both sides say (`cli.voortgang_lezen` asks them): every event once, every document
once and with the bytes that the partner sent, every aanmelding and dossier as it stands at the
partner. The status that the resident sees: `cli.statussen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

PARTNERS = ("dialoog", "igo")
SOORT = "voortgang"
VERWIJDERD = "verwijderd"
# The process in the contract's order: what is further counts when both happened at one moment.
STATUSSEN = ("ontvangen", "ingepland", "plaatsbezoek", "advies_opgemaakt", "afgerond", "geweigerd")


@dataclass(frozen=True, slots=True)
class Gebeurtenis:
    """One event at a partner; ``documenten`` by their id, with the hash that the partner told."""

    partner: str
    voortgang_id: str
    referentie: str
    dossiernummer: str | None
    status: str
    tijdstip: datetime
    gewijzigd_op: datetime
    adviseur: str | None = field(default=None, repr=False)
    documenten: Mapping[str, str] = field(default_factory=dict)

    @property
    def gebeurd_op(self) -> datetime:
        """When it happened: what is planned, when it was recorded."""
        return min(self.tijdstip, self.gewijzigd_op)

    @property
    def sleutel(self) -> str:
        """The key of its step in the CRM."""
        return f"voortgang:{self.partner}:{self.voortgang_id}"


@dataclass(frozen=True, slots=True)
class Stand:
    """An aanmelding as its partner holds it; ``intrekking`` says what became of it."""

    partner: str
    referentie: str
    dossiernummer: str | None
    stand: str
    intrekking: str | None = None


@dataclass(frozen=True, slots=True)
class Rij:
    """A step or a document of the CRM; ``inhoud`` is the hash of what a document holds."""

    row_id: str
    sleutel: str | None
    dossiernummer: str | None
    gebeurd_op: datetime | None = None
    inhoud: str | None = None
    genoteerd: str | None = None


@dataclass(frozen=True, slots=True)
class InCrm:
    """How far an aanmelding is by the CRM, and who advises."""

    voortgang: str | None
    adviseur: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Beide:
    """Both sides.

    By reference how the CRM holds each aanmelding; by dossier number how far the CRM says it is.
    """

    gebeurtenissen: Sequence[Gebeurtenis]
    standen: Sequence[Stand]
    stappen: Sequence[Rij]
    documenten: Sequence[Rij]
    aanmeldingen: Mapping[str, InCrm]
    dossiers: Mapping[str, str | None]


NIETS = Beide((), (), (), (), {}, {})


@dataclass(frozen=True, slots=True)
class Verschil:
    """One thing that must not be: by which count it goes, and identifiers only."""

    telling: str
    sleutel: str
    dossiernummer: str | None
    gezien: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.sleutel} ({self.dossiernummer or 'no dossier'}): {self.gezien}"


@dataclass(frozen=True, slots=True)
class Uitslag:
    """How many events and documents came home once and right, and every difference."""

    voortgang: int
    documenten: int
    verschillen: Sequence[Verschil]


def compare(beide: Beide) -> Uitslag:
    """Hold one side against the other."""
    steps = list(_steps(beide))
    documents = list(_documents(beide))
    wrong = {v.sleutel for v in (*steps, *documents)}
    sent = [g.sleutel for g in beide.gebeurtenissen]
    files = [sleutel for sleutel, *_ in _sent(beide)]
    held = {row.sleutel for row in beide.documenten}
    return Uitslag(
        voortgang=sum(sleutel not in wrong for sleutel in sent),
        documenten=sum(sleutel in held and sleutel not in wrong for sleutel in files),
        verschillen=[*steps, *documents, *_states(beide), *_dossiers(beide)],
    )


def find_standing(beide: Beide) -> dict[str, Gebeurtenis]:
    """Return by dossier number the event that says how far it is.

    It is the newest of those that say how its aanmeldingen stand; one that was withdrawn no longer
    speaks.
    """
    withdrawn = {s.referentie for s in beide.standen if s.intrekking is not None}
    found: dict[str, Gebeurtenis] = {}
    for g in find_deciding(beide.gebeurtenissen).values():
        number = g.dossiernummer
        if number is None or g.referentie in withdrawn:
            continue
        if number not in found or _moments(g) > _moments(found[number]):
            found[number] = g
    return found


def find_deciding(events: Iterable[Gebeurtenis]) -> dict[str, Gebeurtenis]:
    """Return by reference the event that says how it stands.

    It is what happened last; of those what is furthest; of those what was recorded last.
    """

    def rank(g: Gebeurtenis) -> tuple[datetime, int, datetime]:
        return g.gebeurd_op, STATUSSEN.index(g.status), g.gewijzigd_op

    found: dict[str, Gebeurtenis] = {}
    for g in events:
        if g.referentie not in found or rank(g) >= rank(found[g.referentie]):
            found[g.referentie] = g
    return found


def _moments(g: Gebeurtenis) -> tuple[datetime, datetime]:
    return g.gebeurd_op, g.gewijzigd_op


def _steps(beide: Beide) -> Iterator[Verschil]:
    """Events that the CRM holds not once, at another moment, or that no partner recorded."""
    rows = _by_key(beide.stappen)
    for g in beide.gebeurtenissen:
        found = rows.pop(g.sleutel, [])
        if not found:
            yield Verschil("lost", g.sleutel, g.dossiernummer, f"{g.status} is not in the CRM")
        elif len(found) > 1:
            yield Verschil(
                "duplicated", g.sleutel, g.dossiernummer, f"{g.status} is in the CRM {len(found)} ×"
            )
        elif found[0].dossiernummer != g.dossiernummer:
            yield Verschil(
                "unaccounted", g.sleutel, g.dossiernummer,
                f"{g.status} stands at dossier {found[0].dossiernummer}",
            )  # fmt: skip
        elif found[0].gebeurd_op != g.tijdstip.replace(microsecond=0):
            yield Verschil(
                "unaccounted", g.sleutel, g.dossiernummer, f"{g.status} has another moment"
            )
    yield from _unknown(beide, rows, "a step that no partner recorded")


def _documents(beide: Beide) -> Iterator[Verschil]:
    """Documents that the CRM holds not once, with other bytes, or that no partner sent.

    Of an aanmelding that was withdrawn nothing more is fetched: what came before may be there.
    """
    rows = _by_key(beide.documenten)
    withdrawn = {s.referentie for s in beide.standen if s.intrekking is not None}
    for sleutel, g, sha256 in _sent(beide):
        found, dossiernummer = rows.pop(sleutel, []), g.dossiernummer
        if not found and g.referentie in withdrawn:
            continue
        if not found:
            yield Verschil("lost", sleutel, dossiernummer, "the document is not in the CRM")
        elif len(found) > 1:
            yield Verschil(
                "duplicated", sleutel, dossiernummer, f"the document is in the CRM {len(found)} ×"
            )
        elif not found[0].inhoud == found[0].genoteerd == sha256:
            yield Verschil(
                "lost", sleutel, dossiernummer, "the document is not what the partner sent"
            )
        elif found[0].dossiernummer != dossiernummer:
            yield Verschil(
                "unaccounted", sleutel, dossiernummer,
                f"the document stands at dossier {found[0].dossiernummer}",
            )  # fmt: skip
    yield from _unknown(beide, rows, "a document that no partner sent")


def _states(beide: Beide) -> Iterator[Verschil]:
    """Aanmeldingen that stand otherwise in the CRM than at their partner, or with another adviser.

    The CRM calls a withdrawn one withdrawn, however far it was.
    """
    advisers = find_deciding(g for g in beide.gebeurtenissen if g.adviseur is not None)
    for stand in beide.standen:
        if stand.intrekking is not None:
            continue
        held = beide.aanmeldingen.get(stand.referentie, InCrm(None))
        if held.voortgang != stand.stand:
            yield Verschil(
                "out_of_order", stand.referentie, stand.dossiernummer,
                f"is {stand.stand} at {stand.partner} and {held.voortgang or 'nothing'} in the CRM",
            )  # fmt: skip
        named = advisers.get(stand.referentie)
        if held.adviseur != (named and named.adviseur):
            yield Verschil(
                "out_of_order", stand.referentie, stand.dossiernummer,
                f"another adviser in the CRM than the last that {stand.partner} named",
            )  # fmt: skip


def _dossiers(beide: Beide) -> Iterator[Verschil]:
    """Dossiers that are elsewhere in the CRM than their partners say."""
    standing = find_standing(beide)
    for number, held in beide.dossiers.items():
        status = standing[number].status if number in standing else None
        if held != status:
            yield Verschil(
                "out_of_order", number, number,
                f"is {status or 'nowhere'} at its partners and {held or 'nowhere'} in the CRM",
            )  # fmt: skip


def _unknown(beide: Beide, rows: Mapping[str | None, list[Rij]], seen: str) -> Iterator[Verschil]:
    """What the CRM holds and no partner knows.

    A partner that removed an aanmelding no longer knows its events, which the hub may have had: of
    those it can only be seen that they are there once.
    """
    removed = {(s.partner, s.dossiernummer) for s in beide.standen if s.intrekking == VERWIJDERD}
    for sleutel, found in rows.items():
        partner = (sleutel or "").split(":")[1:2]
        for row in found:
            if len(found) > 1 or (*partner, row.dossiernummer) not in removed:
                yield Verschil("duplicated", sleutel or row.row_id, row.dossiernummer, seen)


def _sent(beide: Beide) -> Iterator[tuple[str, Gebeurtenis, str]]:
    """Each document once, by its key: another event may name it again."""
    seen = set()
    for g in beide.gebeurtenissen:
        for document_id, sha256 in g.documenten.items():
            sleutel = f"document:{g.partner}:{document_id}"
            if sleutel not in seen:
                seen.add(sleutel)
                yield sleutel, g, sha256


def _by_key(rows: Iterable[Rij]) -> dict[str | None, list[Rij]]:
    found: dict[str | None, list[Rij]] = defaultdict(list)
    for row in rows:
        found[row.sleutel].append(row)
    return found
