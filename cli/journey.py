"""The demonstration: fill the outside world, start the flows, wait, and compare both sides."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine

from cli import outside, statussen
from cli.airflow import Api, wait_for_dags
from cli.bewonerspagina import Verwijzingen, check_links, name_moment
from cli.consultant import Consultant
from cli.database import locate
from cli.errors import CliError
from cli.output import Bar, step
from cli.partners import Partners
from cli.services import Services
from cli.statussen_lezen import read_boek, read_regels
from cli.voortgang import Uitslag, Verschil, compare
from cli.voortgang_lezen import read_both

FIRST, LAST = "pull_crm_dossiers", "load_rapportage"
PROGRESS = "pull_partner_voortgang"
PUSH = "push_berichten"
FLOWS = (FIRST, "enrich_dossiers", PROGRESS, PUSH, LAST)
# Off the hot road: at the end of the journey it judges what came in.
QUALITY = "check_kwaliteit"
STATES = (
    "landed", "enriched", "prefilled", "quarantined", "no_start", "no_consent", "delivered",
    "confirmed", "unaccounted",
)  # fmt: skip
POLL_SECONDS = 0.5
# Nothing moves and no run is under way: a bell was lost, ring again.
QUIET_SECONDS = 8.0
# So many differences of one kind are told.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the residents ended, by the hub's account and by the receivers'."""

    residents: int
    counts: dict[str, int]
    reasons: dict[str, int]
    effects: dict[str, dict[str, Any]]
    flow_seconds: float
    progress: Uitslag
    statuses: statussen.Uitslag
    links: Verwijzingen = field(default_factory=Verwijzingen)

    @property
    def receivers(self) -> dict[str, int]:
        """Effects per outside system, from its own journal."""
        return {system: int(found["effecten"]) for system, found in self.effects.items()}

    def complaints(self) -> list[str]:
        """Return what does not add up; empty when all is well."""
        c, found = self.counts, []
        if c["landed"] != self.residents:
            found.append(f"{c['landed']} of {self.residents} residents landed")
        if c["landed"] != c["quarantined"] + c["no_start"] + c["prefilled"]:
            found.append("quarantined, no_start and prefilled do not add up to landed")
        if c["unaccounted"]:
            found.append(f"{c['unaccounted']} residents are unaccounted for")
        if c["delivered"]:
            found.append(f"{c['delivered']} deliveries are not confirmed")
        if c.get("open"):
            found.append(f"{c['open']} messages are still to be settled")
        dialoog, sent = self.effects["dialoog"], c["delivered"] + c["confirmed"]
        if dialoog["dossiers"] != sent:
            found.append(f"Dialoog holds {dialoog['dossiers']} dossiers and the hub says {sent}")
        if dialoog["effecten"] != dialoog["dossiers"]:
            found.append(
                f"Dialoog's journal shows {dialoog['effecten']} effects for these dossiers"
            )
        if (told := self.effects["notificaties"]["effecten"]) != c["notifications"]:
            found.append(f"residents got {told} messages and the hub says {c['notifications']}")
        for system, name in (
            ("crm", "prefilled"), ("igo", "sent_igo"), ("dosis", "informed"),
            ("notificaties", "notified"),
        ):  # fmt: skip
            written = self.effects[system]["dossiers"]
            if written != c[name]:
                found.append(
                    f"the journal of {system} shows {written} dossiers and the hub says {c[name]}"
                )
        found += _tell("of what the partners told", self.progress.verschillen)
        found += _tell("of what residents see", self.statuses.verschillen)
        found += self.links.fouten[:SHOWN]
        if len(self.links.fouten) > SHOWN:
            found.append(f"{len(self.links.fouten) - SHOWN} more links of statuses are wrong")
        return found


def _tell(of_what: str, wrong: Sequence[Verschil]) -> list[str]:
    told = [f"{of_what}, {verschil}" for verschil in wrong[:SHOWN]]
    rest = len(wrong) - SHOWN
    return [*told, f"{rest} more {of_what} went wrong"] if rest > 0 else told


def fill(services: Services, *, residents: int, seed: int) -> None:
    """Let the sandbox's city grow to this number of residents; safe to repeat."""
    with step(f"Settling {residents} residents in the sandbox"):
        outside.control(services.state, "POST", "stad", json={"residents": residents, "seed": seed})


def travel(services: Services, *, residents: int, seed: int, deadline: float) -> Outcome:
    """Run the flows in Airflow until every resident's journey is settled.

    Raises:
        CliError: a service stopped, or a run failed and nothing moved until the deadline.
    """
    from hub.database import make_engine
    from hub.reckoning import quarantine_reasons, reckon

    api = Api(services.state, "operator")
    where = locate(services.settings, services.state)
    engine = make_engine(where.url("hub_lezer"), pool_size=1)
    try:
        with step("Waiting until Airflow has read the flows"):
            wait_for_dags(api, {*FLOWS, QUALITY})
        begun, since = time.monotonic(), name_moment()
        run_id = _start(api)
        consultant = Consultant(services.state, residents=residents, seed=seed)
        with Bar(f"{residents} residents travel", residents) as bar:
            watch = _Watch(
                services, api, run_id, engine, Partners(services.state, seed), consultant
            )
            while True:
                counts = reckon(engine, seed=seed, residents=residents)
                # Once something was delivered, the task that asks for the dwelling may be there,
                # and the consultant begins to work.
                if counts["prefilled"] and consultant.act():
                    watch.follow(_pull(api))
                if watch.is_settled(counts, residents):
                    break
                bar.update(*_progress(counts))
                if bar.seconds > deadline:
                    break
                time.sleep(POLL_SECONDS)
        flow_seconds = time.monotonic() - begun
        reasons = quarantine_reasons(engine, seed=seed, residents=residents)
        both = read_both(services.state)
        boek = replace(read_boek(services.state, engine, both), regels=read_regels(services.state))
    finally:
        engine.dispose()
    effects = outside.control(
        services.state, "GET", "effecten", params={"seed": seed, "residents": residents}
    )
    return Outcome(
        residents,
        counts,
        reasons,
        effects,
        flow_seconds,
        compare(both),
        _judge(boek),
        check_links(services.state, since),
    )


def _judge(boek: statussen.Boek) -> statussen.Uitslag:
    found = statussen.compare(boek)
    return replace(found, verschillen=[*found.verschillen, *statussen.check_regels(boek)])


class _Watch:
    """Knows whether the flows are done, and rings again when a bell was lost.

    Once every resident is where the journey ends, the partners do their work and the consultant
    types on, and it goes on until that came home.
    """

    def __init__(
        self,
        services: Services,
        api: Api,
        run_id: str,
        engine: Engine,
        partners: Partners,
        consultant: Consultant,
    ) -> None:
        self._services = services
        self._api = api
        self._run_id = run_id
        self._engine = engine
        self._partners = partners
        self._consultant = consultant
        self._typed = False
        self._worked = False
        self._last: dict[str, int] = {}
        self._moved = time.monotonic()
        self._reported = False

    def is_settled(self, counts: dict[str, int], residents: int) -> bool:
        """Tell whether the first run is done, nothing is open and the warehouse is loaded.

        Raises:
            CliError: a service stopped, the first run failed, or the sandbox does not answer.
        """
        if (failed := self._services.failed()) is not None:
            log = self._services.state.logs / f"{failed}.log"
            raise CliError(f"The {failed} stopped during the journey; read {log}.")
        if counts != self._last:
            self._last, self._moved = counts, time.monotonic()
        if not self._pulled():
            return False
        if self._typed:
            # What was typed rings no bell of its own.
            self._trigger(PUSH)
            self._typed, self._moved = False, time.monotonic()
        done = counts["landed"] >= residents and not counts["open"] and not counts["unaccounted"]
        if self._is_busy():
            return False
        if done and not self._worked:
            self._partners.finish()
            self._trigger(PROGRESS)
            if self._consultant.finish():
                self.follow(_pull(self._api))
            self._worked, self._moved = True, time.monotonic()
        elif done and not self._came_home():
            self._ring_when_quiet()
        elif done:
            if self._reported:
                return True
            # The warehouse and the quality report once more, over everything.
            self._trigger(LAST)
            self._trigger(QUALITY)
            self._reported = True
        else:
            self._ring_when_quiet()
        return False

    def _came_home(self) -> bool:
        both = read_both(self._services.state)
        if compare(both).verschillen:
            return False
        return not statussen.compare(
            read_boek(self._services.state, self._engine, both)
        ).verschillen

    def _ring_when_quiet(self) -> None:
        if time.monotonic() - self._moved > QUIET_SECONDS:
            self._moved = time.monotonic()
            for flow in FLOWS[:-1]:
                self._trigger(flow)

    def follow(self, run_id: str) -> None:
        """Wait for another run of the first flow as well: something changed in the CRM."""
        self._run_id, self._typed = run_id, True

    def _pulled(self) -> bool:
        run = self._api.call("GET", f"/api/v2/dags/{FIRST}/dagRuns/{self._run_id}")
        if run["state"] == "failed":
            raise CliError(
                f"The run of {FIRST} failed; its log is in Airflow's web interface and in "
                f"{self._services.state.logs / 'taken'}."
            )
        return bool(run["state"] == "success")

    def _is_busy(self) -> bool:
        found = self._api.call("GET", "/api/v2/dags/~/dagRuns?state=queued&state=running&limit=100")
        flows = (*FLOWS, QUALITY) if self._reported else FLOWS
        return any(run["dag_id"] in flows for run in found["dag_runs"])

    def _trigger(self, flow: str) -> None:
        self._api.call("POST", f"/api/v2/dags/{flow}/dagRuns", {"logical_date": None})


def _start(api: Api) -> str:
    """Switch the flows on, last one first, and start the first."""
    for flow in (QUALITY, *reversed(FLOWS)):
        api.call("PATCH", f"/api/v2/dags/{flow}", {"is_paused": False})
    return _pull(api)


def _pull(api: Api) -> str:
    run = api.call("POST", f"/api/v2/dags/{FIRST}/dagRuns", {"logical_date": None})
    return str(run["dag_run_id"])


def _progress(counts: dict[str, int]) -> tuple[float, str]:
    ended = counts["quarantined"] + counts["no_start"] + counts["no_consent"] + counts["confirmed"]
    decided = counts["quarantined"] + counts["no_start"] + counts["prefilled"]
    done = 0.2 * counts["landed"] + 0.4 * decided + 0.4 * ended
    note = (
        f"landed {counts['landed']}, prefilled {counts['prefilled']}, "
        f"confirmed {counts['confirmed']}, open {counts['open']}"
    )
    return done, note
