"""Which changes of a dossier are told, and why the others are not; pure.

Every change gets one outcome, ever. Told is the last change that may be told; what waits gives way
to what is newer, and what arrived is never followed by something older or by the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.melding.regels import Regels

VOORKEUR = "mijnburgerprofiel"

WEG = "het dossier of het profiel bestaat niet meer in het CRM"
GEEN_PERSOON = (
    "zonder geldig INSZ is er geen natuurlijk persoon die in Mijn Burgerprofiel bereikt kan worden"
)
ANDERE_VOORKEUR = "de contactvoorkeur van de bewoner is niet Mijn Burgerprofiel"
NIET_MELDEN = "deze status is geen bericht waard: de bewoner ziet hem in Mijn Burgerprofiel"
NIET_GETOOND = "de status zelf kwam niet in Mijn Burgerprofiel"
VEROUDERD = "de wijziging is te oud om nog te melden"
INGEHAALD = "een nieuwere wijziging van hetzelfde dossier neemt de plaats in"
TE_LANG = "de titel of de tekst is te lang: kort het sjabloon van deze status in"
HERHALING = "de bewoner kreeg dezelfde tekst al als laatste bericht over dit dossier"


@dataclass(frozen=True, slots=True)
class Melding:
    """The message of a change, as the ledger has it."""

    bericht_id: UUID
    stand: str
    te_bevragen: bool

    @property
    def is_waiting(self) -> bool:
        """Whether it surely is not at the receiver and may still leave by itself."""
        return self.stand == "klaar" and not self.te_bevragen

    @property
    def is_out(self) -> bool:
        """Whether the resident has it, or may have it."""
        return self.stand in ("onderweg", "aangenomen", "in_twijfel", "bevestigd") or (
            self.stand == "klaar" and self.te_bevragen
        )


@dataclass(frozen=True, slots=True)
class Wijziging:
    """A change of a dossier's status: the key of its event, and what became of the status itself.

    ``is_getoond``: the resident sees it in Mijn Burgerprofiel, since ``op``. ``melden``: the city
    wants it told.
    """

    sleutel: str
    status: str
    op: datetime
    is_getoond: bool
    melden: bool
    melding: Melding | None = None


@dataclass(frozen=True, slots=True)
class DossierFeiten:
    """What is known of one dossier; the changes in their order."""

    dossier_id: UUID
    is_weg: bool
    insz_status: str
    voorkeur: str | None
    wijzigingen: Sequence[Wijziging]


@dataclass(frozen=True, slots=True)
class Oordeel:
    """What becomes of one change: told not before a moment, or not told and why."""

    wijziging: Wijziging
    niet_voor: datetime | None = None
    reden: str | None = None


def judge(
    dossier: DossierFeiten,
    regels: Regels,
    nu: datetime,
    *,
    same_words: Callable[[Wijziging, Wijziging], bool],
) -> list[Oordeel]:
    """Return an outcome for each change without one, and for what waits and must no longer leave.

    ``same_words`` tells of two changes whether the resident would read the same.
    """
    reasons = [_reason(dossier, one, regels, nu) for one in dossier.wijzigingen]
    judged = []
    last_out: Wijziging | None = None
    for place, one in enumerate(dossier.wijzigingen):
        melding = one.melding
        newer = zip(dossier.wijzigingen[place + 1 :], reasons[place + 1 :], strict=True)
        reason = reasons[place]
        if reason is None and any(_counts(later, why) for later, why in newer):
            reason = INGEHAALD
        if melding is None:
            if reason is None and last_out is not None and same_words(last_out, one):
                reason = HERHALING
            moment = regels.earliest(one.op, nu) if reason is None else None
            judged.append(Oordeel(one, moment, reason))
        elif melding.is_waiting and reason is not None:
            judged.append(Oordeel(one, None, reason))
        if melding is not None and melding.is_out:
            last_out = one
    return judged


def _counts(later: Wijziging, reason: str | None) -> bool:
    """Tell whether a later change takes the place of an earlier one."""
    told = later.melding is not None and (
        later.melding.is_out or later.melding.stand == "opgegeven"
    )
    return told or reason is None


def _reason(dossier: DossierFeiten, one: Wijziging, regels: Regels, nu: datetime) -> str | None:
    """Return why a change is not told whatever else happens, or None."""
    if dossier.is_weg:
        return WEG
    if dossier.insz_status != "geldig":
        return GEEN_PERSOON
    if not one.melden:
        return NIET_MELDEN
    if not one.is_getoond:
        return NIET_GETOOND
    if dossier.voorkeur != VOORKEUR:
        return ANDERE_VOORKEUR
    if nu - one.op > regels.verouderd:
        return VEROUDERD
    return None
