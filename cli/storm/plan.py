"""What a storm will do and when: drawn from its seed before it starts, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from cli.stappen import LATER, OPEN, WEG, draw_way
from hub.kill_point import FILE_POINTS, POINTS

# The first residents are let on their way, so that every kind of process has something to lose.
LEAD_SECONDS = 25.0
SHORTEST_SECONDS = 45.0
SECONDS_PER_KILL = 2.7
# Scheduler and database, whose death everything feels, are hit this often in a storm of a hundred
# kills or more: in a short one nothing would live in between.
LEAST_PER_SERVICE = 5
SCHEDULER, DATABASE, BACKEND, TASK, WORKER = "scheduler", "database", "backend", "task", "worker"
OTHER_SERVICES = ("dag-processor", "triggerer", "api-server")
POINT = "point:"

# What each outside system is asked, by the sandbox's own names.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "crm": ("token", "changes", "get", "batch"),
    "basisregisters": ("adresmatch", "adres", "gebouweenheden", "gebouweenheid"),
    "epc": ("GeefEpc",),
    "dialoog": ("put", "get", "delete", "list", "document"),
    "igo": ("put", "get", "delete", "list", "document"),
    "dosis": ("RegistreerDossier", "GeefResultaatRegistratie"),
    "notificaties": ("post",),
    "erfgoed": ("GetFeature", "aanduidingsobject"),
    "vergunningen": ("GetFeature",),
    "bodem": ("GetFeature",),
    "overstroming": ("GetFeatureInfo",),
}
# The same of a partner that takes files, and what its server can do wrong.
SFTP = ("sftp_write", "sftp_rename", "sftp_list", "sftp_read")
SFTP_KINDS = ("vertraging", "reset", "5xx", "bevestig_en_verbreek")
DATE = "date:"
RETRY_AFTER = ("0", "-5", "2", "1.5", f"{DATE}2", f"{DATE}-3600", "later", "")
STATUSES = (500, 502, 503, 504)
DELAYS = (0.2, 0.4, 0.6)
# Exceptions after which MAGDA's caller cannot know whether its registration was carried out, and
# others that say that nothing was done.
DOUBTFUL = ("60006", "60009")
CLEAR = ("99995", "99996", "99997")
ANSWER_LOST = ("crm", "batch"), ("dialoog", "put"), ("dosis", "RegistreerDossier")
# The partners take what they hold to the next step so often, and begin when this much is over.
STEPS, BEGIN_TO_WORK = 8, 0.3

# So long a consent goes on after its end was set: the CRM changes no more when it comes.
EXPIRES_SECONDS = (2.0, 12.0)

# One dossier in so many gets steps of a consultant.
STEPS_ONE_IN = 3

VELDEN = ("bouwjaar", "epc_label", "gebouwtype", "bruto_vloeroppervlakte")


@dataclass(frozen=True, slots=True)
class Wave:
    """From this moment the city has so many residents."""

    at: float
    residents: int


@dataclass(frozen=True, slots=True)
class Kill:
    """Something dies: a service, a task, a worker, a database session, or who passes a point.

    `fault` goes with it: the receiver commits and the deliverer dies before it knows.
    """

    at: float
    target: str
    fault: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """An order to the sandbox; a `retry_after` of ``date:<seconds>`` is a date, so far from now."""

    at: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: `intrekken`, `verloopt`, `opnieuw`, `typen` or `stap`.

    What expires (`verloopt`) does so `waarde` seconds later, by the clock. Of a `stap`, `veld` is
    its kind and `waarde` what is done with it.
    """

    at: float
    soort: str
    bewoner: int
    veld: str | None = None
    waarde: str | int | float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Both partners take every aanmelding they hold to this step of its life."""

    at: float
    stap: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it; moments are seconds from the start."""

    seconds: float
    waves: tuple[Wave, ...]
    kills: tuple[Kill, ...]
    faults: tuple[Fault, ...]
    acts: tuple[Act, ...]
    works: tuple[Work, ...] = ()


def draw_plan(*, seed: int, dossiers: int, kills: int, files: frozenset[str] = frozenset()) -> Plan:
    """Draw the plan of a storm: the same arguments give the same plan.

    `files` names the partners that take files over SFTP.
    """
    random = Random(f"storm {seed}")
    seconds = LEAD_SECONDS + max(SHORTEST_SECONDS, SECONDS_PER_KILL * kills)
    waves = _waves(dossiers, seconds)
    return Plan(
        seconds=seconds,
        waves=waves,
        kills=_kills(random, kills, seconds, files),
        faults=_faults(random, dossiers, seconds, files),
        acts=tuple(
            sorted(
                (*_acts(random, waves, seconds), *_steps(seed, waves, seconds)),
                key=lambda act: act.at,
            )
        ),
        works=tuple(
            Work(seconds * (BEGIN_TO_WORK + (0.95 - BEGIN_TO_WORK) * number / STEPS), number + 1)
            for number in range(STEPS)
        ),
    )


def count_targets(kills: int, points: tuple[str, ...] = POINTS) -> dict[str, int]:
    """Return how many kills each target gets; together exactly `kills`."""
    service = min(LEAST_PER_SERVICE, max(kills // 20, kills >= 6))
    counts = {
        SCHEDULER: service,
        DATABASE: service,
        BACKEND: kills // 60,
        WORKER: kills // 10,
        TASK: kills // 5,
        **dict.fromkeys(OTHER_SERVICES, kills // 70),
    }
    left = kills - sum(counts.values())
    for number, name in enumerate(points):
        share = left // len(points) + (number < left % len(points))
        counts[POINT + name] = share
    return {target: count for target, count in counts.items() if count}


def _waves(dossiers: int, seconds: float) -> tuple[Wave, ...]:
    """The first wave is the largest; the last moves in when two thirds of the storm is over."""
    number = 8 if dossiers >= 200 else 4
    first = max(1, dossiers * 2 // 5)
    return tuple(
        Wave(
            at=seconds * 0.66 * step / (number - 1),
            residents=first + (dossiers - first) * step // (number - 1),
        )
        for step in range(number)
    )


def _kills(random: Random, kills: int, seconds: float, files: frozenset[str]) -> tuple[Kill, ...]:
    counts = count_targets(kills, POINTS + FILE_POINTS if files else POINTS)
    lost = ANSWER_LOST + tuple((partner, "sftp_rename") for partner in sorted(files))
    # What takes everything down comes at even distances, so that something lives in between.
    heavy = [t for t in (SCHEDULER, DATABASE, BACKEND) for _ in range(counts.pop(t, 0))]
    light = [target for target, count in counts.items() for _ in range(count)]
    random.shuffle(heavy)
    random.shuffle(light)
    order = list(light)
    for number, target in enumerate(heavy):
        order.insert(round((number + 0.5) * (len(light) / len(heavy))) + number, target)
    pace = (seconds - LEAD_SECONDS) / max(kills, 1)
    return tuple(
        Kill(
            at=LEAD_SECONDS + pace * (number + random.random() * 0.8),
            target=target,
            fault=_lost_answer(random, lost) if target == f"{POINT}answer_lost" else None,
        )
        for number, target in enumerate(order)
    )


def _lost_answer(random: Random, lost: Sequence[tuple[str, str]]) -> dict[str, Any]:
    systeem, operatie = random.choice(lost)
    return {"systeem": systeem, "operatie": operatie, "soort": "bevestig_en_verbreek"}


def _faults(
    random: Random, dossiers: int, seconds: float, files: frozenset[str]
) -> tuple[Fault, ...]:
    operations = {**OPERATIONS, **dict.fromkeys(sorted(files), SFTP)}
    bodies = [
        body
        for _ in range(1 + dossiers // 250)
        for systeem, operaties in operations.items()
        for operatie in operaties
        for body in _fault_bodies(random, systeem, operatie)
        if operatie not in SFTP or body["soort"] in SFTP_KINDS
    ]
    random.shuffle(bodies)
    pace = 0.9 * seconds / len(bodies)
    return tuple(
        Fault(at=pace * (number + random.random()), body=body) for number, body in enumerate(bodies)
    )


def _fault_bodies(random: Random, systeem: str, operatie: str) -> list[dict[str, Any]]:
    bodies: list[dict[str, Any]] = [
        {"soort": "vertraging", "seconden": random.choice(DELAYS)},
        {"soort": "reset"},
        {"soort": "5xx", "status": random.choice(STATUSES)},
        {"soort": "5xx", "status": 503, "retry_after": random.choice(RETRY_AFTER)},
        {"soort": "429", "retry_after": random.choice(RETRY_AFTER)},
        {"soort": "onzin"},
        {"soort": "half"},
        {"soort": "bevestig_en_verbreek"},
    ]
    if systeem in ("epc", "dosis"):
        for niveau in ("fault", "repliek", "antwoord"):
            bodies.append(
                {"soort": "uitzondering",
                 "uitzondering": {"code": random.choice(CLEAR), "niveau": niveau}}
            )  # fmt: skip
        for effect in (True, False):
            exception = {
                "code": random.choice(DOUBTFUL),
                "niveau": random.choice(("repliek", "antwoord")),
                "effect": effect,
            }
            bodies.append({"soort": "uitzondering", "uitzondering": exception})
    return [{"systeem": systeem, "operatie": operatie, **body} for body in bodies]


def _acts(random: Random, waves: tuple[Wave, ...], seconds: float) -> tuple[Act, ...]:
    """One resident in eight ends the consent, one in five is edited.

    Of those that end it a third lets it expire; of the others a third consents anew.
    """
    acts: list[Act] = []
    arrived = 0
    for wave in waves:
        for bewoner in range(arrived, wave.residents):
            rest = seconds - wave.at
            if random.random() < 1 / 8:
                # Half of them change their mind while the hub has hardly begun.
                at = wave.at + rest * (random.random() * 0.1 if random.random() < 0.5 else 0.7)
                if random.random() < 1 / 3:
                    seconds_left = round(random.uniform(*EXPIRES_SECONDS))
                    acts.append(Act(at, "verloopt", bewoner, waarde=seconds_left))
                else:
                    acts.append(Act(at, "intrekken", bewoner))
                    if random.random() < 1 / 3:
                        acts.append(Act(at + rest * random.uniform(0.1, 0.28), "opnieuw", bewoner))
            if random.random() < 1 / 5:
                veld = random.choice(VELDEN)
                acts.append(
                    Act(
                        wave.at + rest * random.random() * 0.95,
                        "typen",
                        bewoner,
                        veld,
                        _typed(random, veld),
                    )
                )
        arrived = wave.residents
    return tuple(acts)


def _steps(seed: int, waves: tuple[Wave, ...], seconds: float) -> Iterator[Act]:
    """One dossier in so many gets steps; a third of what was planned is planned anew, a fourth of
    all is removed.
    """
    random = Random(f"steps {seed}")
    arrived = 0
    for wave in waves:
        for bewoner in range(arrived, wave.residents):
            way = list(draw_way(seed, bewoner, STEPS_ONE_IN))
            if way and way[0][1] == OPEN and random.random() < 1 / 3:
                way.insert(1, (way[0][0], LATER))
            if way and random.random() < 1 / 4:
                way.append((way[-1][0], WEG))
            rest = 0.95 * (seconds - wave.at)
            moments = sorted(random.random() for _ in way)
            for part, (soort, daad) in zip(moments, way, strict=True):
                yield Act(wave.at + rest * part, "stap", bewoner, soort, daad)
        arrived = wave.residents


def _typed(random: Random, veld: str) -> str | int | float:
    number = random.randrange(1000)
    match veld:
        case "bouwjaar":
            return 1500 + number % 300
        case "bruto_vloeroppervlakte":
            return 10_000.25 + number
        case _:
            return f"getypt {number}"
