"""A storm over the peer: the plan of the same seed, the same kinds of moments, a reckoning."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.bootstrap import ROOT
from cli.output import Bar, step
from cli.storm.killer import Killer
from cli.storm.outsiders import dated
from cli.storm.peer.environment import peer_python
from cli.storm.peer.outbox import draw_berichten
from cli.storm.peer.receiver import Journal, receiving
from cli.storm.peer.reckoning import reckon
from cli.storm.plan import POINT, TASK, Kill, Plan
from cli.storm.points import Points
from hub.kill_point import VARIABLE

PEERS = ("dlt",)
TICK_SECONDS = 0.1
OVERTIME = 1.6
QUIET_SECONDS, PATIENCE_SECONDS = 20.0, 240.0
# Kill points that the peer's program passes; every other target is the program itself.
PASSED = (
    "in_merge", "between_pages", "in_decision", "after_claim", "before_send", "answer_lost",
    "after_answer",
)  # fmt: skip
# The faults a bare receiver knows, and the operations by which the hub writes.
FAULTS = ("vertraging", "reset", "5xx", "429", "bevestig_en_verbreek")
WRITES = ("put", "batch", "RegistreerDossier")


class Peer:
    """The peer's process: killed, and started again by the same rule as the hub's services."""

    def __init__(self, python: Path, outbox: Path, url: str, points: Path, log: Path) -> None:
        program = str(Path(__file__).with_name("dlt_push.py"))
        self._command = [str(python), "-P", program, str(outbox), url]
        self._environment = {
            "HOME": str(outbox), "PATH": os.defpath, "PYTHONPATH": str(ROOT),
            VARIABLE: str(points), "RUNTIME__DLTHUB_TELEMETRY": "false",
            "RUNTIME__LOG_LEVEL": "CRITICAL",
        }  # fmt: skip
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def revive(self) -> None:
        """Start it when it does not run."""
        if self._process is not None and self._process.poll() is None:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )
        self.starts += 1

    def strike(self, _target: str) -> bool:
        """Kill it with SIGKILL; False when it does not run."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._process.kill()
        self._process.wait()
        return True


def rehearse_peer(home: Path, plan: Plan) -> dict[str, Any]:
    """Let the storm of this plan rage over the peer; return its account.

    Raises:
        CliError: the peer's environment cannot be made.
    """
    python = peer_python(home / "peer-env")
    place = home / "peer"
    shutil.rmtree(place, ignore_errors=True)
    outbox = place / "outbox"
    outbox.mkdir(parents=True)
    points, journal = Points(place / "points"), Journal()

    def order(body: Mapping[str, Any]) -> None:
        journal.order(dated(body))

    with receiving(journal) as url:
        peer = Peer(python, outbox, url, points.folder, place / "peer.log")
        killer = Killer(_kills(plan), points, peer.strike, order)
        berichten = draw_berichten(plan)
        due = [(at, "bericht", bericht.line()) for at, bericht in berichten]
        due += [(a.at + int(a.waarde or 0), "intrekking", {"dossier": a.bewoner})
                for a in plan.acts if a.soort in ("intrekken", "verloopt")]  # fmt: skip
        due += [(f.at, "fout", f.body) for f in plan.faults
                if f.body["soort"] in FAULTS and f.body["operatie"] in WRITES]  # fmt: skip
        due.sort(key=lambda one: one[0])
        due.reverse()
        withdrawn: dict[int, float] = {}
        begun = time.monotonic()
        with Bar("The storm over the peer", plan.seconds) as bar:
            while not (killer.done and not due) and bar.seconds < plan.seconds * OVERTIME:
                peer.revive()
                while due and due[-1][0] <= bar.seconds:
                    _, kind, body = due.pop()
                    if kind == "fout":
                        order(body)
                        continue
                    name = "berichten" if kind == "bericht" else "intrekkingen"
                    with (outbox / f"{name}.jsonl").open("a", encoding="utf-8") as file:
                        print(json.dumps(body), file=file)
                    if kind == "intrekking":
                        withdrawn[body["dossier"]] = time.monotonic()
                killer.step(bar.seconds)
                bar.update(
                    min(bar.seconds, plan.seconds), f"{killer.kills} of {len(plan.kills)} kills"
                )
                time.sleep(TICK_SECONDS)
            killer.end()
            journal.calm()
        storm_seconds = time.monotonic() - begun
        with step("Letting the peer's dust settle"):
            _settle(peer, journal, len(berichten))
        peer.strike(TASK)
    found = reckon([one for _, one in berichten], journal.arrivals, withdrawn)
    return {
        "name": PEERS[0],
        **found,
        "messages": len(berichten),
        "withdrawn": len(withdrawn),
        "kills": killer.kills,
        "faults": journal.hits,
        "starts": peer.starts,
        "per_target": dict(killer.per_target),
        "storm_seconds": round(storm_seconds, 1),
    }


def _kills(plan: Plan) -> tuple[Kill, ...]:
    """The plan's kills, each at a point that the peer passes or at its process."""
    passed = {f"{POINT}{name}" for name in PASSED}
    return tuple(
        kill if kill.target in passed else dataclasses.replace(kill, target=TASK, fault=None)
        for kill in plan.kills
    )


def _settle(peer: Peer, journal: Journal, messages: int) -> None:
    """Wait until all arrived, or nothing has for a while."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    count, moved = -1, time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - moved < QUIET_SECONDS:
        peer.revive()
        if len(journal.arrivals) != count:
            count, moved = len(journal.arrivals), time.monotonic()
        if len({one.sleutel for one in journal.arrivals}) == messages:
            return
        time.sleep(TICK_SECONDS)
