"""The reckoning of a storm: pure rules over what both sides say. Nothing is forgiven here."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from cli import statussen
from cli.storm.facts import Aanmelding, Effect, Evidence, Offender, Toestemming
from cli.voortgang import PARTNERS, compare

COUNTS = ("lost", "duplicated", "out_of_order", "without_consent", "unaccounted")

# Consent is read at most a second before the first byte. The allowance is for the way of a request
# through a busy machine, and for the transaction that lands a withdrawal: it begins before anybody
# can see what it lands. How long the receivers stood still is added: they saw it so much later.
CLAIM_SECONDS, ALLOWANCE_SECONDS = 1.0, 0.5
LANDING = timedelta(seconds=1.0)
# The journal counts whole milliseconds.
TICK = timedelta(milliseconds=1)
# A status that holds again after another has the number of that one behind its key.
_AGAIN = re.compile(r" na \d+\Z")
# A standstill is written down at the next turn of the receivers' loop.
TURN = timedelta(milliseconds=100)
ENDED_WELL = ("bevestigd", "ingetrokken", "overgeslagen")
PLACED = ("bevestigd", "geen_toestemming", "geen_start", "quarantaine")


def judge(evidence: Evidence) -> dict[str, list[Offender]]:
    """Return the offenders of each count; empty lists when the promise held."""
    book = _Book(evidence)
    found = {
        "lost": [*book.lost_messages(), *book.lost_demands()],
        "duplicated": [*book.duplicated(), *book.unexplained()],
        "out_of_order": list(book.out_of_order()),
        "without_consent": [*book.sent_without_consent(), *book.standing_without_consent()],
        "unaccounted": [
            *book.unplaced(),
            *book.unsettled(),
            *book.denied(),
            *book.overwritten(),
        ],
    }
    for v in (
        *compare(evidence.voortgang).verschillen,
        *statussen.compare(evidence.statussen).verschillen,
        *statussen.check_voorkeur(evidence.statussen),
    ):
        found[v.telling].append(Offender(v.sleutel, v.dossiernummer, v.gezien))
    return found


class _Book:
    """The evidence with its cross-references."""

    def __init__(self, evidence: Evidence) -> None:
        self._e = evidence
        self._bericht = {bericht.bericht_id: bericht for bericht in evidence.berichten}
        self._dossier = {dossier.dossier_id: dossier for dossier in evidence.dossiers}
        self._numbered = {dossier.dossiernummer: dossier for dossier in evidence.dossiers}
        self._claims: dict[str, list[datetime]] = defaultdict(list)
        for poging in evidence.pogingen:
            self._claims[poging.bericht_id].append(poging.begonnen_op)
        self._effects = sorted(evidence.effects, key=lambda e: (e.systeem, e.nummer))
        at_partners = [e for e in self._effects if e.systeem in PARTNERS]
        self._put = [e for e in at_partners if e.operatie == "put"]
        self._deleted = {e.sleutel for e in at_partners if e.operatie == "delete"}
        self._asked = {a.aanmelding_id: a for a in evidence.aanmeldingen}

    # -- lost -----------------------------------------------------------------------------------

    def lost_messages(self) -> Iterable[Offender]:
        """Messages that the ledger calls confirmed and no receiver has seen."""
        seen = {(e.systeem, e.bericht_id) for e in self._effects}
        for b in self._e.berichten:
            if b.stand == "bevestigd" and (b.bestemming, b.bericht_id) not in seen:
                yield Offender(
                    b.bericht_id,
                    self._number_of(b.dossier_id),
                    f"{b.bestemming} {b.soort} is bevestigd and the journal shows no effect",
                )

    def lost_demands(self) -> Iterable[Offender]:
        """What the CRM's facts demand and a receiver does not hold."""
        held = {e.sleutel for e in self._put}
        last = {}
        for a in sorted(self._e.aanmeldingen, key=lambda a: a.volgnummer):
            last[a.dossier_id, a.partner, a.soort] = a
            if a.aanmelding_id in held:
                yield from self._untold(a)
        for a in last.values():
            dossier = self._dossier.get(a.dossier_id)
            if (
                dossier is not None
                and dossier.in_te_vullen
                and self._stands(dossier.profiel_id, a)
                and a.aanmelding_id not in held
            ):
                yield Offender(
                    a.aanmelding_id,
                    dossier.dossiernummer,
                    f"consent stands and {a.partner} never received it",
                )
        # Which status it must be, the comparison of statuses says.
        shown = {e.dossiernummer for e in self._effects if e.systeem == "dosis"}
        for dossier in self._e.dossiers:
            if not dossier.in_te_vullen:
                continue
            number = dossier.dossiernummer
            if not dossier.ingevuld:
                yield Offender(dossier.dossier_id, number, "the CRM holds no value and no task")
            if dossier.bereikbaar and number not in shown:
                yield Offender(dossier.dossier_id, number, "DOSIS shows no status")

    def _untold(self, asked: Aanmelding) -> Iterable[Offender]:
        referentie, partner = asked.aanmelding_id, asked.partner
        number = self._number_of(asked.dossier_id)
        dossier = self._dossier.get(asked.dossier_id)
        if referentie in self._deleted:
            if asked.status != "ingetrokken":
                yield Offender(
                    referentie, number, f"{partner} took it back and the CRM was not told"
                )
            return
        if asked.status != "verzonden":
            yield Offender(referentie, number, f"{partner} received it and the CRM was not told")
        if dossier is not None and not self._stands(dossier.profiel_id, asked):
            yield Offender(referentie, number, f"consent ended and no withdrawal reached {partner}")

    # -- duplicated -----------------------------------------------------------------------------

    def duplicated(self) -> Iterable[Offender]:
        """The same message with an effect twice at its receiver, or a status that was shown."""
        first: set[tuple[str | None, ...]] = set()
        for e in self._effects:
            for key in _identities(e):
                if key in first:
                    yield Offender(
                        e.bericht_id or "without id",
                        e.dossiernummer,
                        f"{e.systeem} {e.operatie} {e.sleutel or ''}: an effect twice, as {key[0]}",
                    )
                first.add(key)
        shown: dict[str, tuple[str, str]] = {}
        for e in self._effects:
            if e.systeem != "dosis" or e.dossiernummer is None or e.bericht_id is None:
                continue
            bericht = self._bericht.get(e.bericht_id)
            said = _AGAIN.sub("", bericht.sleutel) if bericht else e.bericht_id
            before, by = shown.get(e.dossiernummer, ("", ""))
            if said == before and by != e.bericht_id:
                yield Offender(
                    e.bericht_id, e.dossiernummer, "dosis: the status that was shown, once more"
                )
            shown[e.dossiernummer] = said, e.bericht_id

    def unexplained(self) -> Iterable[Offender]:
        """Effects that no message of the ledger explains."""
        for e in self._effects:
            bericht = self._bericht.get(e.bericht_id or "")
            if bericht is None or bericht.bestemming != e.systeem:
                yield Offender(
                    e.bericht_id or "without id",
                    e.dossiernummer,
                    f"{e.systeem} {e.operatie}: an effect that no message of the ledger explains",
                )

    # -- out of order ---------------------------------------------------------------------------

    def out_of_order(self) -> Iterable[Offender]:
        """Effects of one destination and dossier in another order than they were written down."""
        highest: dict[tuple[str, str], int] = {}
        for e in self._effects:
            bericht = self._bericht.get(e.bericht_id or "")
            if bericht is None:
                continue
            place = (e.systeem, bericht.dossier_id)
            if bericht.volgorde < highest.get(place, 0):
                yield Offender(
                    bericht.bericht_id,
                    self._number_of(bericht.dossier_id),
                    f"{e.systeem} {bericht.soort} {bericht.volgorde} came after {highest[place]}",
                )
            highest[place] = max(bericht.volgorde, highest.get(place, 0))

    # -- without consent ------------------------------------------------------------------------

    def sent_without_consent(self) -> Iterable[Offender]:
        """Aanmeldingen that left though the hub had no consent, or read it too early."""
        over_http = CLAIM_SECONDS + ALLOWANCE_SECONDS + self._e.delay
        for e in self._put:
            allowed = timedelta(seconds=over_http + self._e.onderweg.get(e.systeem, 0.0))
            bericht = self._bericht.get(e.bericht_id or "")
            dossier = self._numbered.get(e.dossiernummer or "")
            profiel = dossier.profiel_id if dossier else None
            asked = self._asked.get(e.sleutel or "", Aanmelding("", "", 0, "", partner=e.systeem))
            given = [
                t for t in self._e.toestemmingen if t.profiel_id == profiel and _is_for(t, asked)
            ]
            key = e.sleutel or "without id"
            if not any(t.van <= e.moment for t in given):
                yield Offender(key, e.dossiernummer, f"reached {e.systeem} without consent ever")
                continue
            claims = [c for c in self._claims[e.bericht_id or ""] if c <= e.moment + TICK]
            if bericht is None or not claims:
                continue
            claimed = max(claims)
            if not any(
                _known(t, claimed)
                for t in self._e.opgehaald
                if t.profiel_id == profiel and _is_for(t, asked)
            ):
                yield Offender(
                    key, e.dossiernummer, "was claimed after the hub had landed the withdrawal"
                )
            if e.moment - claimed > allowed + self._stood_still(claimed, e.moment):
                late = (e.moment - claimed).total_seconds()
                yield Offender(
                    key, e.dossiernummer, f"reached {e.systeem} {late:.1f} s after consent was read"
                )

    def standing_without_consent(self) -> Iterable[Offender]:
        """Aanmeldingen that stand at a partner at the end while the consent ended."""
        for e in self._put:
            dossier = self._numbered.get(e.dossiernummer or "")
            asked = self._asked.get(e.sleutel or "")
            if e.sleutel in self._deleted or (
                dossier and asked and self._stands(dossier.profiel_id, asked)
            ):
                continue
            yield Offender(
                e.sleutel or "without id",
                e.dossiernummer,
                f"stands at {e.systeem} without consent",
            )

    # -- unaccounted ----------------------------------------------------------------------------

    def unplaced(self) -> Iterable[Offender]:
        """Residents that the hub cannot place."""
        for number in self._e.residents:
            stand = self._e.standen.get(number)
            if stand not in PLACED:
                yield Offender(number, number, f"the hub places it as {stand or 'not landed'}")

    def unsettled(self) -> Iterable[Offender]:
        """Messages and changes that are still open, or wait for a person."""
        for b in self._e.berichten:
            if b.stand not in ENDED_WELL:
                yield Offender(
                    b.bericht_id,
                    self._number_of(b.dossier_id),
                    f"{b.bestemming} {b.soort} ended as {b.stand}",
                )
        for inbox_id in self._e.inbox:
            yield Offender(f"inbox {inbox_id}", None, "the change was not looked at")

    def denied(self) -> Iterable[Offender]:
        """Messages that the ledger says never left, and that had an effect."""
        had_effect = {e.bericht_id for e in self._effects}
        for b in self._e.berichten:
            if b.stand in ("ingetrokken", "overgeslagen") and b.bericht_id in had_effect:
                yield Offender(
                    b.bericht_id,
                    self._number_of(b.dossier_id),
                    f"{b.bestemming} {b.soort} is {b.stand} and had an effect",
                )

    def overwritten(self) -> Iterable[Offender]:
        """Typed values that the CRM no longer holds."""
        for typed in self._e.getypt:
            dossier = self._numbered.get(typed.dossiernummer)
            if dossier is None or not _same(dossier.velden.get(typed.veld), typed.waarde):
                yield Offender(
                    typed.veld, typed.dossiernummer, "the value that a consultant typed is gone"
                )

    # -- helpers --------------------------------------------------------------------------------

    def _stood_still(self, since: datetime, until: datetime) -> timedelta:
        """Return how long the receivers could not look in this while: they say so themselves."""
        seconds = sum(
            min(one.seconden, (one.tot - since).total_seconds())
            for one in self._e.stilstanden
            if since < one.tot <= until + TURN
        )
        return timedelta(seconds=seconds)

    def _stands(self, profiel_id: str | None, asked: Aanmelding) -> bool:
        return any(
            t.profiel_id == profiel_id
            and _is_for(t, asked)
            and (t.tot is None or t.tot > self._e.moment)
            for t in self._e.toestemmingen
        )

    def _number_of(self, dossier_id: str) -> str | None:
        dossier = self._dossier.get(dossier_id)
        return dossier.dossiernummer if dossier else None


def _identities(e: Effect) -> list[tuple[str | None, ...]]:
    """Return what may have an effect once; the first word says in which sense."""
    match e.systeem:
        case "crm":
            entity_set = e.operatie.partition(":")[2]
            return [("the message's change of a row", e.bericht_id, entity_set, e.sleutel)]
        case partner if partner in PARTNERS:
            return [(f"a {e.operatie} of one reference", e.sleutel)]
        case "notificaties":
            return [("one message", e.bericht_id), ("one change of a dossier", e.sleutel)]
        case _:
            return [("one reference of the sender", e.bericht_id)]


def _is_for(toestemming: Toestemming, asked: Aanmelding) -> bool:
    """Tell whether a consent is for this kind at this partner."""
    return (toestemming.doel, toestemming.ontvanger) == (asked.soort, asked.partner)


def _known(toestemming: Toestemming, claimed: datetime) -> bool:
    """Tell whether the hub may have taken this consent for standing at the moment of a claim."""
    landed = toestemming.opgehaald_op
    if landed is None:
        return False
    if toestemming.tot is None:
        return landed <= claimed + LANDING
    # Landed anew when it ended: until then the hub held it as standing.
    return toestemming.tot > claimed or claimed <= landed + LANDING


def _same(held: object, typed: object) -> bool:
    if held == typed:
        return True
    try:
        return Decimal(str(held)) == Decimal(str(typed))
    except InvalidOperation:
        return False


def count(found: dict[str, list[Offender]]) -> dict[str, int]:
    """Return how many offenders each count has."""
    return dict(Counter({name: len(found[name]) for name in COUNTS}))
