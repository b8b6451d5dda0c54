"""A dossier whose history arrives bit by bit, each change on the road of its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from connectors.aanmelding.models import Voortgang
from connectors.crm.models import ChangePage, CrmDeleted, CrmRecord
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

# The consents end in the last week: that is how far back the hub looks by the clock.
BASE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
NUMMER = "RD-1"
TABELLEN = ("stap", "toestemming", "aanvraag")
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
    def shown(self) -> dict[str, dict[str, Any]]:
        """What each number shows now."""
        return {
            one["dossiernummer"]: {k: v for k, v in one.items() if k != "datum_modificatie"}
            for one in self.got
        }


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
            "bron.crm_aanvraag, "
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
            "gewijzigd_op) VALUES (:d, :n, :p, 'open', TRUE, :t, '{}', 'p', '1', 'h', now())",
            d=DOSSIER, n=NUMMER, p=PROFIEL, t=BASE - timedelta(days=1),
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
        for tabel in TABELLEN:
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
        for tabel in TABELLEN:
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
