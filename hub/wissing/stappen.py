"""The steps of an erasure, each one transaction that may be made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.aanmelding import withdrawal
from hub.channels.dosis import VERWIJDERING
from hub.database import execute, fetch_all, fetch_one
from hub.gewist import hold_landing, refresh_incidents, remember
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.wissing.attest import make_attest

PATH = "ops/wissing"
_EMPTIED = "inhoud van "
_GELAND = (
    "profiel", "vraag", "dossier", "toestemming", "aanmelding", "aanvraag", "stap", "gegeven",
)  # fmt: skip

# What each removing step goes through, in this order: statements of ops/wissing_verwijderen and the
# line of the certificate that counts them; None counts nowhere. Children before what they refer to.
VERWIJDEREN: dict[str, dict[str, str | None]] = {
    "grootboek": {
        "hub_voorinvulling": "hub.voorinvulling",
        "hub_woningfiche": "hub.woningfiche",
        "hub_poging": "hub.poging",
        "hub_poging_uitleg": None,
        "hub_bericht": "hub.bericht",
        "hub_bericht_inhoud": "inhoud van hub.bericht",
    },
    "hub": {
        "hub_inbox": "hub.inbox",
        "hub_batch_dossier": "hub.batch_dossier",
        "hub_quarantaine": "hub.quarantaine",
        "hub_beslissing": "hub.beslissing",
        "hub_bronweigering": "hub.bronweigering",
        "hub_incident": "hub.incident",
        "hub_aanvaard_verschil": "hub.aanvaard_verschil",
    },
    "woning": {
        "add_woningen": None,
        "hub_dossier_woning": "hub.dossier_woning",
        "hub_bronstand": "hub.bronstand",
        "hub_gegeven": "hub.gegeven",
        "hub_woning_opvolging": "hub.woning_opvolging",
        "hub_woning_opvolging_opvolger": None,
        "bron_epc": "bron.epc",
        "bron_eenheid_wijziging": "bron.eenheid_wijziging",
        "hub_woning": "hub.woning",
    },
    "magazijn": {
        "rapportage_fct_stap": "rapportage.fct_stap",
        "rapportage_fct_aanmelding": "rapportage.fct_aanmelding",
        "rapportage_fct_aanvraag": "rapportage.fct_aanvraag",
        "rapportage_fct_dossier": "rapportage.fct_dossier",
        "rapportage_fct_aanbeveling": "rapportage.fct_aanbeveling",
        "rapportage_dim_woning": "rapportage.dim_woning",
        "rapportage_woning_wijk": "rapportage.woning_wijk",
        "rapportage_pseudoniem": "rapportage.pseudoniem",
    },
    "bron": {
        "bron_partner_document": "bron.partner_document",
        "bron_partner_voortgang": "bron.partner_voortgang",
        "bron_crm_stap": "bron.crm_stap",
        "bron_crm_gegeven": "bron.crm_gegeven",
        "bron_crm_aanmelding": "bron.crm_aanmelding",
        "bron_crm_toestemming": "bron.crm_toestemming",
        "bron_crm_vraag": "bron.crm_vraag",
        "bron_crm_profiel": "bron.crm_profiel",
        "bron_crm_aanvraag": "inhoud van bron.crm_aanvraag",
        "bron_crm_dossier": "inhoud van bron.crm_dossier",
        "hub_te_rapporteren": None,
    },
}


@dataclass(frozen=True, slots=True)
class Uitvoering:
    """What a step needs: the transaction that holds its erasure, the keys, and which erasure."""

    connection: Connection
    keyring: Keyring
    wissing_id: UUID
    profiel_id: UUID

    def execute(self, name: str, **parameters: object) -> int:
        return execute(self.connection, PATH, name, wissing_id=self.wissing_id, **parameters)

    def fetch(self, name: str) -> list[dict[str, Any]]:
        return fetch_all(self.connection, PATH, name, wissing_id=self.wissing_id)


# A step returns its counts, or, in a sentence, what it waits for.
Stap = Callable[[Uitvoering], Mapping[str, int] | str]


def screen(run: Uitvoering) -> Mapping[str, int]:
    """List what is of the resident; none of it lands again, and every flow sees it as gone."""
    hold_landing(run.connection)
    run.execute("add_objects", profiel_id=run.profiel_id)
    objects = [
        (row["soort"], row["object_id"], row["crm_verwijderd_op"]) for row in run.fetch("objects")
    ]
    remember(run.connection, run.keyring, run.wissing_id, objects)
    for tabel in _GELAND:
        run.execute(f"mark_{tabel}")
    refresh_incidents(run.connection)
    return dict(Counter(soort for soort, _, _ in objects))


def take_back(run: Uitvoering) -> Mapping[str, int]:
    """Keep back what waits; ask partners and the portal to remove what they may have."""
    kept_back = run.execute("withdraw_waiting") + run.execute("give_up")
    messages = [
        withdrawal(row["dossier_id"], row["bestemming"], row["aanmelding_id"])
        for row in run.fetch("to_withdraw")
    ]
    messages += [
        NieuwBericht(
            bestemming="dosis",
            sleutel=row["sleutel"],
            soort=VERWIJDERING,
            dossier_id=row["dossier_id"],
            inhoud={"dossiernummer": row["dossiernummer"]},
        )
        for row in run.fetch("to_remove")
    ]
    added = enqueue(run.connection, run.keyring, messages)
    return {"tegengehouden": kept_back, "teruggevraagd": len(added)}


def await_receivers(run: Uitvoering) -> Mapping[str, int] | str:
    """Wait until every receiver answered and no run is busy with the resident's dossiers."""
    # What was under way when the rest was kept back may wait again by now.
    take_back(run)
    still = [f"{row['bestemming']} ({row['aantal']})" for row in run.fetch("open")]
    batches = sum(row["aantal"] for row in run.fetch("open_batches"))
    if batches:
        still.append(f"enrich_dossiers ({batches})")
    if still:
        return f"wacht op {', '.join(still)}"
    return {
        f"{row['ontvanger']} {row['gevraagd']}: {row['antwoord']}": row["aantal"]
        for row in run.fetch("answers")
    }


def remove(run: Uitvoering, stap: str) -> Mapping[str, int]:
    """Remove what one step is about; doing so again finds nothing more."""
    counts: Counter[str] = Counter()
    for name, line in VERWIJDEREN[stap].items():
        done = execute(run.connection, "ops/wissing_verwijderen", name, wissing_id=run.wissing_id)
        if line is not None:
            counts[line] += done
    return dict(counts)


def certify(run: Uitvoering) -> Mapping[str, int]:
    """Look once more, write down the certificate, and forget whose it is."""
    removed: Counter[str] = Counter()
    for row in run.fetch("show_steps"):
        if row["stap"] in VERWIJDEREN:
            removed.update(row["aantallen"])
    # Whatever a flow wrote that had read before the first step: it goes too. What is only emptied
    # is the same rows again.
    late: Counter[str] = Counter()
    for stap in VERWIJDEREN:
        late.update(remove(run, stap))
    removed.update({line: n for line, n in late.items() if not line.startswith(_EMPTIED)})
    held = fetch_one(run.connection, PATH, "lock_wissing", wissing_id=run.wissing_id)
    assert held is not None, "the run holds its row"
    attest, waarmerk = make_attest(
        run.connection,
        run.keyring,
        wissing_id=run.wissing_id,
        gevraagd_op=held["gevraagd_op"],
        verwijderd=removed,
        antwoorden=run.fetch("answers"),
    )
    run.execute("forget_objects")
    run.execute("keep_attest", attest=attest, waarmerk=waarmerk)
    return {}


STAPPEN: dict[str, Stap] = {
    "afschermen": screen,
    "terugvragen": take_back,
    "ontvangers": await_receivers,
    "grootboek": lambda run: remove(run, "grootboek"),
    "hub": lambda run: remove(run, "hub"),
    "woning": lambda run: remove(run, "woning"),
    "magazijn": lambda run: remove(run, "magazijn"),
    "bron": lambda run: remove(run, "bron"),
    "attest": certify,
}
