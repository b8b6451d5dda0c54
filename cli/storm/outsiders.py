"""What the outside world does meanwhile: people change their mind, partners work, systems fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from cli import outside
from cli.partners import Partners
from cli.stappen import WEG, Stappen
from cli.state import State
from cli.storm.facts import Getypt
from cli.storm.files import FILE_SECONDS
from cli.storm.plan import DATE, Act, Fault, Plan, Wave, Work

# DOSIS processes later, one after the other slower than the last; every system takes its time.
SETTINGS: Mapping[str, Mapping[str, float]] = {
    "crm": {"antwoordtijd": 0.02},
    "basisregisters": {"antwoordtijd": 0.01},
    "dialoog": {"antwoordtijd": 0.03},
    "igo": {"antwoordtijd": 0.03, "verwerkingstijd": FILE_SECONDS},
    "epc": {"antwoordtijd": 0.03},
    "dosis": {"antwoordtijd": 0.03, "verwerkingstijd": 0.5},
    "notificaties": {"antwoordtijd": 0.03},
}
# What a receiver can do is no weather: it stays when all is calm again.
ABILITIES: Mapping[str, Mapping[str, bool]] = {"notificaties": {"ontdubbelt": True}}
# Later, receipts of files come in parts, and each twice.
LATE_SETTINGS: Mapping[str, Mapping[str, float]] = {
    "dosis": {"verwerkingstijd": 2.0},
    "igo": {"regels_per_ontvangst": 3, "dubbele_ontvangst": True},
}


@dataclass(slots=True)
class Outsiders:
    """Carries out the plan's waves, faults, acts and work when they are due."""

    state: State
    plan: Plan
    seed: int
    getypt: dict[tuple[str, str], Getypt] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    faults: int = 0
    _due: list[tuple[float, int, Any]] = field(default_factory=list)
    _withdrawn: set[int] = field(default_factory=set)
    _stappen: Stappen = field(init=False)

    def __post_init__(self) -> None:
        """Line everything up by its moment."""
        self._stappen = Stappen(self.state)
        steps: list[tuple[float, Any]] = [(w.at, w) for w in self.plan.waves]
        steps += [(fault.at, fault) for fault in self.plan.faults]
        steps += [(act.at, act) for act in self.plan.acts]
        steps += [(work.at, work) for work in self.plan.works]
        steps.append((self.plan.seconds / 2, LATE_SETTINGS))
        numbered = [(at, number, step) for number, (at, step) in enumerate(steps)]
        self._due = sorted(numbered, key=lambda entry: entry[:2], reverse=True)

    @property
    def partners(self) -> Partners:
        """Those who work on what was signed up."""
        return Partners(self.state, self.seed)

    def begin(self) -> None:
        """Set the pace of the outside systems."""
        self._set(SETTINGS)
        self._set(ABILITIES)

    @property
    def done(self) -> bool:
        """Tell whether everything of the plan was done."""
        return not self._due

    def step(self, now: float) -> None:
        """Do what is due; `now` in seconds from the start of the storm."""
        while self._due and self._due[-1][0] <= now:
            _, _, step = self._due.pop()
            match step:
                case Act():
                    self._act(step)
                case Work():
                    self.partners.work(step.stap)
                case Wave():
                    body = {"residents": step.residents, "seed": self.seed}
                    outside.control(self.state, "POST", "stad", json=body)
                case Fault():
                    self.order(step.body)
                case _:
                    self._set(step)

    def order(self, body: Mapping[str, Any]) -> None:
        """Order one fault."""
        outside.control(self.state, "POST", "fouten", json=dated(body))
        self.faults += 1

    def calm(self) -> None:
        """Clear the faults that hit nobody, and let every system answer at once again."""
        cleared = outside.control(self.state, "DELETE", "fouten")
        self.faults -= int(cleared["geschrapt"])
        outside.control(self.state, "DELETE", "instellingen")
        self._set(ABILITIES)

    def _set(self, settings: Mapping[str, Mapping[str, object]]) -> None:
        for systeem, values in settings.items():
            outside.control(self.state, "POST", f"instellingen/{systeem}", json=dict(values))

    def _act(self, act: Act) -> None:
        dossiernummer = number(self.seed, act.bewoner)
        known = outside.control(self.state, "GET", f"stad/{dossiernummer}")
        if act.soort == "stap":
            daad = str(act.waarde)
            # DOSIS cannot show nothing: of a dossier in quarantine, which has no other status to
            # go back to, what was shown would stay.
            if daad == WEG and known["geval"].startswith("crm_fout_"):
                return
            if self._stappen.type(dossiernummer, str(act.veld), daad):
                name = f"stap_{daad}"
                self.counts[name] = self.counts.get(name, 0) + 1
            return
        match act.soort:
            case "typen":
                velden = {str(act.veld): act.waarde}
                body = {"dossiernummer": dossiernummer, "velden": velden}
                outside.control(self.state, "POST", "crm/wijzig", json=body)
                typed = Getypt(dossiernummer, str(act.veld), act.waarde or "")
                self.getypt[dossiernummer, typed.veld] = typed
            case "intrekken" | "verloopt":
                given = _consents(known)
                if not given:
                    return
                later = timedelta(seconds=int(act.waarde or 0))
                ended = (datetime.now(UTC) + later).strftime("%Y-%m-%dT%H:%M:%SZ")
                for consent in given:
                    body = {"dossiernummer": dossiernummer, "tot": ended, **consent}
                    outside.control(self.state, "POST", "crm/toestemming", json=body)
                self._withdrawn.add(act.bewoner)
            case "opnieuw":
                if act.bewoner not in self._withdrawn:
                    return
                for consent in _consents(known):
                    body = {"dossiernummer": dossiernummer, **consent}
                    outside.control(self.state, "POST", "crm/toestemming", json=body)
                    outside.control(self.state, "POST", "crm/aanmelding", json=body)
        self.counts[act.soort] = self.counts.get(act.soort, 0) + 1


def _consents(known: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return for what and whom a resident consented when moving in."""
    if known["geval"] == "crm_fout_profiel":
        return []
    dialoog = {"soort": "duurzaam_bouwadvies", "partner": "dialoog"}
    igo = {"soort": str(known["igo"]), "partner": "igo"}
    return [dialoog] * known["toestemming_dialoog"] + [igo] * known["toestemming_igo"]


def number(seed: int, bewoner: int) -> str:
    """Return the dossier number of a resident, counted from 0."""
    return f"RD-{seed:04d}-{bewoner + 1:06d}"


def dated(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order in which ``date:<seconds>`` became a date that far from now."""
    wish = body.get("retry_after")
    if not isinstance(wish, str) or not wish.startswith(DATE):
        return dict(body)
    moment = datetime.now(UTC) + timedelta(seconds=int(wish.removeprefix(DATE)))
    return {**body, "retry_after": format_datetime(moment, usegmt=True)}
