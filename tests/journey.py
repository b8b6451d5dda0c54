"""The flows in sequence, without Airflow: what a DAG wires, a test can run."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass, replace
from typing import Any

from connectors.aanmelding.client import open_client as open_partner
from connectors.aanmelding.sftp_client import open_sftp_client
from connectors.crm.client import CrmClient
from connectors.crm.client import open_client as open_crm
from connectors.mijnburgerprofiel.dosis.client import open_dosis_client
from connectors.mijnburgerprofiel.notificaties import open_notificaties_client
from connectors.transport.acm import open_acm
from connectors.transport.magda import MagdaAfzender
from connectors.viruskeuring.keuring import Keuring
from connectors.woningpas.basisregisters.client import open_client as open_registers
from connectors.woningpas.basisregisters.grb import open_grb_client
from connectors.woningpas.bodem.client import open_client as open_bodem
from connectors.woningpas.epc.client import open_epc_client
from connectors.woningpas.erfgoed.client import open_client as open_erfgoed
from connectors.woningpas.overstroming.client import open_client as open_overstroming
from connectors.woningpas.vergunningen.client import open_client as open_vergunningen
from hub.aanmelding import decide_aanmeldingen
from hub.batch import finish_batch, form_batch
from hub.channels.bestanden import BestandenKanaal
from hub.channels.crm import CrmKanaal
from hub.channels.dosis import DosisKanaal
from hub.channels.notificaties import NotificatiesKanaal
from hub.channels.partner import PartnerKanaal
from hub.gevolgen import decide_gevolgen
from hub.keys import Keyring
from hub.landing import pull_crm_table
from hub.ledger.channel import declare_partners
from hub.ledger.deliver import deliver
from hub.ledger.receipts import collect_receipts
from hub.melding.deliver import deliver_meldingen
from hub.partners import load_partners
from hub.prefill.decide import decide_prefill
from hub.quality.split import check_dossiers
from hub.rapportage.load import load_rapportage
from hub.reckoning import reckon
from hub.status import compose_statuses
from hub.toegangslog import PostgresRaadplegingLog
from hub.voortgang.decide import decide_voortgang
from hub.voortgang.documenten import fetch_documenten
from hub.voortgang.pull import pull_voortgang
from hub.voortgang.stilte import report_stilte
from hub.woning.bevragen import Bron, bevraag_bronnen
from hub.woning.epc import epc_bron
from hub.woning.find import find_woningen
from hub.woning.ligging import ligging_bron
from hub.woning.omgeving import bodem_bron, erfgoed_bron, overstroming_bron, vergunningen_bron
from hub.woningfiche.attach import decide_woningfiches
from tests.postgres_cluster import HubDatabase
from tests.sandbox_process import SandboxHandle, acm_client, sftp_adres

TABELLEN = (
    "gegeven", "stap", "aanvraag", "aanmelding", "toestemming", "dossier", "vraag", "profiel",
)  # fmt: skip
BRON = "https://leuven.test/renovatiehub"


def make_keyring() -> Keyring:
    """Return a keyring with fresh keys."""
    return Keyring("k1", {"k1": os.urandom(32)}, os.urandom(32))


@dataclass
class Journey:
    """One hub database, one sandbox, and the use cases between them."""

    database: HubDatabase
    sandbox: SandboxHandle
    keyring: Keyring

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.later = ["dosis"]
        roles = ("pull", "enrich", "push", "rapportage", "lezer", "eigenaar")
        self.engines = {role: self.database.engine(f"hub_{role}") for role in roles}
        url, secrets = self.sandbox.base_url, self.sandbox.secrets
        self.crm: CrmClient = open_crm(
            base_url=f"{url}/crm",
            client_id=secrets["crm"]["client_id"],
            client_secret=secrets["crm"]["client_secret"],
            scope=f"{url}/crm/.default",
        )
        self.registers = open_registers(
            base_url=f"{url}/basisregisters/v2", api_key=secrets["basisregisters"]["api_key"]
        )
        sender = MagdaAfzender("leuven.be/renovatiehub", hoedanigheid="1300")
        self.epc = open_epc_client(f"{url}/magda/epc", sender)
        grb = open_grb_client(base_url=f"{url}/grb/ogc/features/v1")
        erfgoed = open_erfgoed(wfs_url=f"{url}/mercator/wfs", inventaris_url=f"{url}/inventaris")
        vergunningen = open_vergunningen(base_url=f"{url}/mercator/wfs")
        bodem = open_bodem(base_url=f"{url}/dov/wfs")
        overstroming = open_overstroming(base_url=f"{url}/waterinfo")
        self.place = ligging_bron(lambda: self.registers, lambda: grb)
        self.bronnen: list[Bron[Any]] = [
            epc_bron(lambda: self.epc, self.keyring),
            erfgoed_bron(lambda: erfgoed),
            vergunningen_bron(lambda: vergunningen),
            bodem_bron(lambda: bodem),
            overstroming_bron(lambda: overstroming),
        ]
        self.dosis = open_dosis_client(f"{url}/magda/dosis", sender)
        self.notificaties = open_notificaties_client(
            f"{url}/notificaties",
            auth=open_acm(acm_client(self.sandbox, "notificaties")),
            leesadres=f"{url}/notificaties/ontvangen",
        )
        self.sources: dict[str, Any] = {
            code: open_partner(system=code, base_url=f"{url}/{code}", token=secrets[code]["token"])
            for code in ("dialoog", "igo")
        }
        self.kanalen: dict[str, Any] = {
            "crm": CrmKanaal(self.crm),
            **{
                code: PartnerKanaal(load_partners()[code], source)
                for code, source in self.sources.items()
            },
            "dosis": DosisKanaal(self.dosis, BRON),
            "notificaties": NotificatiesKanaal(self.notificaties),
        }

    def pull(self) -> dict[str, int]:
        """Land what changed in the CRM; return the changes per table."""
        landed = [
            pull_crm_table(self.engines["pull"], self.crm, self.keyring, tabel=tabel)
            for tabel in TABELLEN
        ]
        return {result.tabel: result.changed + result.deleted for result in landed}

    def enrich(self) -> dict[str, dict[str, int]]:
        """Look at what waits; return the counts of every step, none when nothing waits."""
        engine, keyring = self.engines["enrich"], self.keyring
        log = PostgresRaadplegingLog(engine)
        naam = f"proef {next(self._numbers)}"
        if not form_batch(engine, naam=naam).dossiers:
            return {}
        counts = {
            "check": check_dossiers(engine, keyring, naam=naam),
            "find": find_woningen(engine, self.registers, log, keyring, naam=naam),
            "fetch": bevraag_bronnen(engine, [self.place], log, naam=naam)
            | bevraag_bronnen(engine, self.bronnen, log, naam=naam),
            "prefill": decide_prefill(engine, keyring, naam=naam),
            "aanmelding": decide_aanmeldingen(engine, keyring, naam=naam),
            "woningfiche": decide_woningfiches(engine, keyring, naam=naam),
        }
        finish_batch(engine, naam=naam)
        return counts

    def push(self) -> dict[str, dict[str, int]]:
        """Deliver what waits; return the counts of every step."""
        engine, keyring = self.engines["push"], self.keyring
        counts = {}
        partners = [code for code in self.kanalen if code not in ("crm", "dosis", "notificaties")]
        for round_, bestemmingen in enumerate((["crm", *partners], ["crm", "dosis"])):
            for bestemming in bestemmingen:
                counts[f"{bestemming}{round_}"] = deliver(
                    engine,
                    self.kanalen[bestemming],
                    keyring,
                    bestemming=bestemming,
                    compose=compose_statuses if bestemming == "dosis" else None,
                )
            if round_ == 0:
                counts["gevolgen"] = decide_gevolgen(engine, keyring)
        for bestemming in self.later:
            counts[f"ontvangsten {bestemming}"] = collect_receipts(
                engine, self.kanalen[bestemming], keyring, bestemming=bestemming
            )
            decide_gevolgen(engine, keyring)
        counts["notificaties"] = deliver_meldingen(engine, self.kanalen["notificaties"], keyring)
        return counts

    def listen(self, keuring: Keuring | None = None) -> dict[str, dict[str, int]]:
        """Hear what the partners tell, decide, fetch documents; return the counts of every step."""
        engine, keyring = self.engines["push"], self.keyring
        counts = {}
        for code, source in self.sources.items():
            landed = pull_voortgang(self.engines["pull"], source, keyring, partner=code)
            counts[f"pull {code}"] = {"added": landed.added, "rejected": landed.rejected}
        counts["decide"] = decide_voortgang(engine, keyring)
        for code, source in self.sources.items():
            counts[f"documenten {code}"] = fetch_documenten(
                engine, source, keyring, partner=code, keuring=keuring
            )
        counts["stilte"] = report_stilte(engine)
        return counts

    def take_files(self, code: str) -> None:
        """Let a partner take files over SFTP from now on, as a row of the table would."""
        partner = replace(load_partners()[code], kanaal="sftp")
        client = open_sftp_client(system=code, adres=sftp_adres(self.sandbox))
        self.sources[code] = client
        self.kanalen[code] = BestandenKanaal(partner, client)
        self.later.append(code)
        with self.engines["eigenaar"].begin() as connection:
            declare_partners(connection, [partner])

    def run(self) -> None:
        """Go the whole way until nothing changes and nothing is open, for half a minute at most."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            changed = any(self.pull().values())
            if not changed and not self.reckon(999_999)["open"]:
                break
            if not changed:
                time.sleep(0.3)
            self.enrich()
            self.push()
        load_rapportage(self.engines["rapportage"], self.keyring)

    def reckon(self, residents: int, seed: int = 1) -> dict[str, int]:
        """Account for the residents."""
        return reckon(self.engines["lezer"], seed=seed, residents=residents)
