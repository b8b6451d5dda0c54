"""Whatever the order in which the history of a dossier arrives, the portal ends the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.aanmelding.models import Status, Voortgang
from connectors.crm.models import ChangePage, CrmDeleted, CrmRecord
from hub.dossierstatus import load_lezingen
from hub.gevolgen import decide_gevolgen
from hub.landing import pull_crm_table
from hub.ledger.bericht import Bericht, Ontvangst
from hub.ledger.deliver import deliver
from hub.persoon import persoon_context
from hub.status import compose_statuses
from hub.voortgang.pull import pull_voortgang
from tests.connectors.magda_proef import INSZ
from tests.hub.ledger_case import Ledger
from tests.hub.test_voortgang import Source
from tests.journey import make_keyring
from tests.postgres_cluster import Cluster

pytestmark = pytest.mark.postgres
BRUSSELS = ZoneInfo("Europe/Brussels")
# The consents end in the last week: that is how far back the hub looks by the clock.
BASE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
SOORTEN = ("duurzaam_bouwadvies", "renovatiebegeleiding")
# The hub's own moments are finer than the CRM's, which are whole seconds.
CONFIRMED = [BASE + timedelta(seconds=0.7), BASE + timedelta(hours=2, seconds=0.7)]


def make_id(*parts: object) -> UUID:
    return uuid5(NAMESPACE_URL, "/".join(str(part) for part in parts))


DOSSIER, PROFIEL = make_id("dossier"), make_id("profiel")
AANMELDINGEN = [make_id("aanmelding", soort) for soort in SOORTEN]


class Dosis:
    """Keeps what the portal shows: the last that it got."""

    def __init__(self) -> None:
        self.got: list[Mapping[str, Any]] = []

    def send(self, bericht: Bericht) -> Ontvangst:
        self.got.append(bericht.inhoud)
        return Ontvangst("ref")

    def ask(self, bericht: Bericht) -> Ontvangst | None:
        return None

    @property
    def shown(self) -> dict[str, Any] | None:
        last = self.got[-1] if self.got else None
        return None if last is None else {k: v for k, v in last.items() if k != "datum_modificatie"}


class Crm:
    """One page of changes of one table."""

    def __init__(self, records: Sequence[CrmRecord], deleted: Sequence[CrmDeleted]) -> None:
        self.records, self.deleted = tuple(records), tuple(deleted)

    def get_changes(self, *, tabel: str, link: str | None, page_size: int) -> ChangePage:
        return ChangePage(tabel, self.records, self.deleted, None, f"delta {id(self)}")


Change = CrmRecord | CrmDeleted | Voortgang


@dataclass
class Replay:
    """One dossier, signed up twice at Dialoog, whose history arrives bit by bit."""

    ledger: Ledger
    engines: Any
    dosis: Dosis = field(default_factory=Dosis)

    def begin(self) -> None:
        ledger = self.ledger
        ledger.change(
            "TRUNCATE bron.partner_voortgang, bron.partner_document, bron.crm_dossier, "
            "bron.crm_profiel, bron.crm_aanmelding, bron.crm_toestemming, bron.crm_stap, "
            "hub.bericht, hub.cursor, hub.quarantaine, hub.incident CASCADE"
        )
        # No receipts to wait for: what is sent is shown.
        ledger.change("UPDATE hub.kanaal SET bevestigt_later = FALSE WHERE bestemming = 'dosis'")
        plain = f'{{"insz": "{INSZ}"}}'.encode()
        sealed, key_id = ledger.keyring.encrypt(plain, context=persoon_context("profiel", PROFIEL))
        ledger.change(
            "INSERT INTO bron.crm_profiel (profiel_id, insz_status, persoonsgegevens, sleutel_id, "
            "etag, inhoud_hash, gewijzigd_op) VALUES (:p, 'geldig', :s, :k, '1', 'h', now())",
            p=PROFIEL, s=sealed, k=key_id,
        )  # fmt: skip
        ledger.change(
            "INSERT INTO bron.crm_dossier (dossier_id, dossiernummer, profiel_id, status, "
            "start_akkoord, start_akkoord_op, voorinvulling, pseudoniem, etag, inhoud_hash, "
            "gewijzigd_op) VALUES (:d, 'RD-1', :p, 'open', TRUE, :t, '{}', 'p', '1', 'h', now())",
            d=DOSSIER, p=PROFIEL, t=BASE - timedelta(days=1),
        )  # fmt: skip
        self._confirm("crm", f"{DOSSIER}:voorinvulling", "voorinvulling", None, BASE)
        for number, soort in enumerate(SOORTEN):
            ledger.change(
                "INSERT INTO bron.crm_aanmelding (aanmelding_id, dossier_id, soort, partner, "
                "volgnummer, status, etag, inhoud_hash, gewijzigd_op) VALUES (:a, :d, :s, "
                "'dialoog', 1, 'verzonden', '1', 'h', now())",
                a=AANMELDINGEN[number], d=DOSSIER, s=soort,
            )  # fmt: skip
            key = f"aanmelding:{AANMELDINGEN[number]}"
            self._confirm("dialoog", key, "aanmelding", soort, CONFIRMED[number])
        for tabel in ("stap", "toestemming"):
            self._pull(tabel, [])
        self.land([consent(number, None) for number in range(2)])

    def _confirm(
        self, bestemming: str, sleutel: str, soort: str, kenmerk: str | None, moment: datetime
    ) -> None:
        self.ledger.change(
            "INSERT INTO hub.bericht (bestemming, sleutel, soort, kenmerk, dossier_id, stand, "
            "inhoud, sleutel_id, eerst_verzonden_op, beeindigd_op, toestemming_profiel_id, "
            "toestemming_doel) VALUES (:b, :s, :so, cast(:k AS text), :d, 'bevestigd', 'x', 'k1', "
            ":t, :t, CASE WHEN cast(:k AS text) IS NOT NULL THEN cast(:p AS uuid) END, :k)",
            b=bestemming, s=sleutel, so=soort, k=kenmerk, d=DOSSIER, t=moment, p=PROFIEL,
        )  # fmt: skip

    def land(self, changes: Sequence[Change]) -> None:
        """Let these arrive, each on the road of its kind."""
        for tabel in ("stap", "toestemming"):
            rows = [c for c in changes if not isinstance(c, Voortgang) and c.tabel == tabel]
            if rows:
                self._pull(tabel, rows)
        events = [c for c in changes if isinstance(c, Voortgang)]
        if events:
            puller = self.engines("hub_pull")
            pull_voortgang(puller, Source(events), self.ledger.keyring, partner="dialoog")

    def _pull(self, tabel: str, rows: Sequence[Any]) -> None:
        # Within one page a row comes once, as it stands: one page per change keeps every version.
        for row in rows or [None]:
            records = [row] if isinstance(row, CrmRecord) else []
            deleted = [row] if isinstance(row, CrmDeleted) else []
            crm = Crm(records, deleted)
            pull_crm_table(self.engines("hub_pull"), crm, self.ledger.keyring, tabel=tabel)

    def tell(self) -> None:
        decide_gevolgen(self.ledger.push, self.ledger.keyring)
        deliver(
            self.ledger.push,
            self.dosis,
            self.ledger.keyring,
            bestemming="dosis",
            compose=compose_statuses,
        )


def consent(number: int, tot: datetime | None) -> CrmRecord:
    moment = tot or BASE
    velden = {
        "profiel_id": PROFIEL, "doel": SOORTEN[number], "ontvanger": "dialoog",
        "van": BASE - timedelta(days=30), "tot": tot,
    }  # fmt: skip
    key = make_id("toestemming", number)
    return CrmRecord("toestemming", key, f"{moment}", moment, velden)


@dataclass(frozen=True)
class Versie:
    """A version of a step: what was typed, and how many hours after the start that was."""

    soort: str
    status: str
    getypt: int
    dag: int | None
    gebeurd: int | None


def step(number: int, place: int, versie: Versie, typed: int) -> CrmRecord:
    """Return a version of a step; a later version was typed a minute after the one before."""
    moment = BASE + timedelta(hours=typed, minutes=place)
    dag = None if versie.dag is None else (BASE + timedelta(days=versie.dag)).date()
    gebeurd = None if versie.gebeurd is None else BASE + timedelta(hours=versie.gebeurd)
    velden = {
        "sleutel": None, "dossier_id": DOSSIER, "soort": versie.soort, "status": versie.status,
        "keuze": None, "gebeurd_op": gebeurd, "vervaldatum": dag,
    }  # fmt: skip
    return CrmRecord("stap", make_id("stap", number), f"{place}", moment, velden)


def expect(
    steps: Sequence[CrmRecord], events: Sequence[Voortgang], ended: Mapping[int, datetime]
) -> str:
    """Return the name of the status that must be shown, by a reckoning of the test's own."""
    places = list(load_lezingen())
    found: list[tuple[datetime, int, datetime, str, str]] = [
        (BASE - timedelta(days=1), 0, BASE, "", "gestart")
    ]
    for record in steps:
        name = str(record.velden["soort"]) + ("_open" if record.velden["status"] == "open" else "")
        day, done = record.velden["vervaldatum"], record.velden["gebeurd_op"]
        moment = done
        if record.velden["status"] == "open" and isinstance(day, date):
            midnight = datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)
            moment = (midnight + timedelta(days=1)).astimezone(UTC)
        if name not in places or (load_lezingen()[name].noemt_dag and day is None and done is None):
            continue
        happened = min(m for m in (moment, record.gewijzigd_op) if isinstance(m, datetime))
        key = f"stap:{record.object_id}:{name}"
        found.append((happened, places.index(name), record.gewijzigd_op, key, name))
    standing = [number for number in range(2) if number not in ended]
    last = None
    for number in standing:
        of_this = [e for e in events if e.referentie == AANMELDINGEN[number]]
        if not of_this:
            moment = CONFIRMED[number]
            found.append((moment, places.index("aangemeld"), moment, "", "aangemeld"))
            continue
        newest = max(
            of_this,
            key=lambda e: (
                min(e.tijdstip, e.gewijzigd_op), list(Status).index(e.status), e.gewijzigd_op,
                e.voortgang_id,
            ),
        )  # fmt: skip
        rank = (min(newest.tijdstip, newest.gewijzigd_op), newest.gewijzigd_op, newest.voortgang_id)
        if last is None or rank > last[0]:
            last = rank, newest
    if last is not None:
        (happened, recorded, key), newest = last
        found.append((happened, places.index(newest.status), recorded, key, newest.status))
    if not standing:
        moments = [max(CONFIRMED[number], moment) for number, moment in ended.items()]
        moment = max(moments)
        found.append((moment, places.index("ingetrokken"), moment, "", "ingetrokken"))
    return max((moment.replace(microsecond=0), *rest) for moment, *rest in found)[-1]


HOURS = st.integers(0, 4)
VERSIES = st.builds(
    Versie,
    soort=st.sampled_from(
        ["huisbezoek", "offertes", "afsprakennota", "dossier_stopgezet", "intake", "opvolgen"]
    ),
    status=st.sampled_from(["open", "gedaan"]),
    getypt=HOURS,
    dag=st.sampled_from([None, 0, 1]),
    gebeurd=st.none() | HOURS,
)
STEPS = st.lists(
    st.tuples(st.lists(VERSIES, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=4
)
EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(list(Status)), HOURS, HOURS), max_size=4
)
ENDED = st.dictionaries(st.integers(0, 1), st.integers(1, 5), max_size=2)


@pytest.fixture(scope="module")
def shared(cluster: Cluster) -> Iterator[tuple[Ledger, Any]]:
    with cluster.fresh_database() as database:
        puller = database.engine("hub_pull")
        yield Ledger(database, make_keyring()), lambda role: puller


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Each example is a history in a real database: a failure is shown as it was found.
    phases=[Phase.explicit, Phase.generate],
)
@given(drawn=STEPS, told=EVENTS, ends=ENDED, seed=st.integers(0, 2**16))
def test_any_order_with_repeats_ends_in_the_same_status(
    shared: tuple[Ledger, Any],
    drawn: list[tuple[list[Versie], bool]],
    told: list[tuple[int, Status, int, int]],
    ends: dict[int, int],
    seed: int,
) -> None:
    versions = [
        [step(number, place, one, row[0].getypt) for place, one in enumerate(row)]
        for number, (row, _) in enumerate(drawn)
    ]
    removed = [
        CrmDeleted("stap", make_id("stap", number))
        for number, (_, gone) in enumerate(drawn)
        if gone
    ]
    events = [
        Voortgang(
            voortgang_id=str(number),
            referentie=AANMELDINGEN[which],
            status=status,
            tijdstip=BASE + timedelta(hours=happened),
            gewijzigd_op=BASE + timedelta(hours=happened + recorded),
        )
        for number, (which, status, happened, recorded) in enumerate(told)
    ]
    ended = {number: BASE + timedelta(hours=hours) for number, hours in ends.items()}
    history: list[Change] = [
        *(one for row in versions for one in row),
        *events,
        *(consent(number, tot) for number, tot in ended.items()),
    ]
    in_order = Replay(*shared)
    in_order.begin()
    for change in [*history, *removed]:
        in_order.land([change])
    in_order.tell()
    left = [row[-1] for row, (_, gone) in zip(versions, drawn, strict=True) if not gone]
    wanted = load_lezingen()[expect(left, events, ended)]
    shown = in_order.dosis.shown
    assert shown is not None
    assert (shown["fase"], shown["code"]) == (wanted.fase, wanted.code)
    assert len(in_order.dosis.got) == 1, "what does not hold any more is never told"

    dice = random.Random(seed)
    shuffled = [*history, *history, *removed]
    dice.shuffle(shuffled)
    # The CRM's last word about a row that it removed is that it is gone: of that no moment is told.
    shuffled += removed
    other = Replay(*shared)
    other.begin()
    other.tell()
    while shuffled:
        size = dice.randint(1, len(shuffled))
        other.land(shuffled[:size])
        shuffled = shuffled[size:]
        other.tell()
    assert other.dosis.shown == shown
    told_before = len(other.dosis.got)
    other.land([*history, *removed])
    other.tell()
    assert len(other.dosis.got) == told_before, "hearing it all again tells nothing"


def test_an_older_version_that_comes_late_does_not_bring_a_step_back(
    shared: tuple[Ledger, Any],
) -> None:
    replay = Replay(*shared)
    replay.begin()
    old = step(0, 0, Versie("offertes", "open", 3, None, None), 3)
    new = step(0, 1, replace(Versie("offertes", "open", 3, None, None), status="gedaan"), 3)
    for change in (new, old, CrmDeleted("stap", new.object_id), old):
        replay.land([change])
        replay.tell()
    assert [one["code"] for one in replay.dosis.got] == ["DossierVolledig", "InBehandeling"]


def test_a_step_typed_in_the_second_of_a_confirmation_is_not_before_it(
    shared: tuple[Ledger, Any],
) -> None:
    replay = Replay(*shared)
    replay.begin()
    # The second confirmation was two hours after the start, and 0.7 seconds.
    replay.land([step(0, 0, Versie("offertes", "open", 2, None, None), 2)])
    replay.tell()
    wanted = load_lezingen()["offertes_open"]
    assert [(one["code"], one["actie"]) for one in replay.dosis.got] == [
        (wanted.code, wanted.actie)
    ]
