"""Sign a resident up at a partner, and withdraw: decided from the CRM and the consent.

What a message holds is what the table of partners names for that partner and kind, and no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.batch import find_batch
from hub.canonical import to_canonical
from hub.database import execute, fetch_all
from hub.incident import report
from hub.keys import Keyring
from hub.ledger.bericht import NieuwBericht, Toestemming
from hub.ledger.enqueue import enqueue
from hub.partners import Partner, load_partners
from hub.persoon import open_persoonsgegevens
from hub.prefill.tasks import city_service_task, missing_consent_task
from hub.quality.apart import set_content_apart
from hub.quality.content import find_broken
from hub.woning.adres import parse_adres

_PATH = "intermediate/decide_aanmeldingen"
_SOORT = "aanmelding"
# Where a fact of the hub stands in the contract.
_BEWONER = {
    "voornaam": "/aanvrager/voornaam",
    "naam": "/aanvrager/naam",
    "email": "/aanvrager/email",
    "telefoon": "/aanvrager/telefoon",
}
_WONING = {
    "straat": "/gebouw/straat",
    "huisnummer": "/gebouw/huisnummer",
    "busnummer": "/gebouw/busnummer",
    "postcode": "/gebouw/postcode",
    "gemeente": "/gebouw/gemeente",
    "adres_id": "/gebouw/adresId",
    "gebouweenheid_id": "/gebouw/gebouweenheidId",
    "bouwjaar": "/gebouw/bouwjaar",
    "epc_label": "/gebouw/energielabel",
    "epc_kengetal": "/gebouw/kengetal",
}


def decide_aanmeldingen(engine: Engine, keyring: Keyring, *, naam: str) -> dict[str, int]:
    """Write down the aanmeldingen of the batch that may leave; ask for consent where it lacks.

    What a partner holds while the consent no longer stands is withdrawn. The aanmelding's id is the
    partner's reference, so that deciding again adds nothing. One whose content breaks a rule waits
    in quarantine until it is mended, and the others go on. Consent is read again when the message
    is claimed. A service of the city itself gets a task. Returns the number of new messages per
    kind.

    Raises:
        PartnersError: the table of partners cannot be used.
    """
    partners = load_partners()
    offered = [(p.code, soort) for p in partners.values() for soort in p.soorten]
    pairs = {"partners": [code for code, _ in offered], "soorten": [soort for _, soort in offered]}
    with engine.begin() as connection:
        batch_id = find_batch(connection, naam)
        known: dict[UUID, dict[str, str]] = defaultdict(dict)
        for row in fetch_all(connection, _PATH, "gegevens", batch_id=batch_id):
            known[row["woning_id"]][row["veld"]] = row["waarde"]
        messages = [
            _message(partners[row["partner"]], row, known.get(row["woning_id"], {}), keyring)
            for row in fetch_all(connection, _PATH, "asked", batch_id=batch_id, **pairs)
        ]
        messages = _hold_back(connection, keyring, batch_id, messages)
        for row in fetch_all(connection, _PATH, "not_offered", batch_id=batch_id, **pairs):
            _report_unknown(connection, row)
        messages += [
            withdrawal(row["dossier_id"], row["bestemming"], row["aanmelding_id"])
            for row in fetch_all(
                connection, "intermediate/decide_intrekkingen", "of_batch", batch_id=batch_id
            )
        ]
        added = enqueue(connection, keyring, messages)
    kinds = Counter(
        message.kenmerk if message.soort == "stap" else message.soort
        for message in messages
        if _key(message) in added
    )
    return {
        "aanmelding": kinds["aanmelding"],
        "toestemming_vragen": kinds["toestemming_vragen"],
        "dienst_opnemen": kinds["dienst_opnemen"],
        "intrekking": kinds["intrekking"],
    }


def _hold_back(
    connection: Connection, keyring: Keyring, batch_id: UUID, messages: Sequence[NieuwBericht]
) -> list[NieuwBericht]:
    """Return the messages without those whose content breaks a rule, which wait in quarantine.

    They are not written down, so that the next batch with their dossier decides them anew.
    """
    held = {
        UUID(message.inhoud["aanmelding_id"]): (message, broken)
        for message in messages
        if message.soort == _SOORT
        and message.inhoud is not None
        and (broken := find_broken(_SOORT, message.inhoud))
    }
    execute(connection, _PATH, "release", batch_id=batch_id, vast=list(held))
    for aanmelding_id, (message, broken) in held.items():
        set_content_apart(
            connection,
            keyring,
            _SOORT,
            object_id=str(aanmelding_id),
            content=message.inhoud or {},
            broken=broken,
        )
    kept = {message.sleutel for message, _ in held.values()}
    return [message for message in messages if message.sleutel not in kept]


def withdrawal(dossier_id: UUID, partner: str, aanmelding_id: UUID) -> NieuwBericht:
    """Return the message that withdraws an aanmelding; it needs no consent and goes first."""
    return NieuwBericht(
        bestemming=partner,
        sleutel=f"intrekking:{aanmelding_id}",
        soort="intrekking",
        dossier_id=dossier_id,
        prioriteit=1,
        inhoud={"aanmelding_id": str(aanmelding_id)},
    )


def _key(message: NieuwBericht) -> tuple[str, str]:
    return (message.bestemming, message.sleutel)


def _message(
    partner: Partner, row: Mapping[str, Any], known: Mapping[str, str], keyring: Keyring
) -> NieuwBericht:
    """Return the message for the partner, or the task in the CRM that comes in its place."""
    if not partner.is_outside:
        return city_service_task(
            row["dossier_id"], row["aanmelding_id"], row["soort"], partner.naam
        )
    if not row["toegestaan"]:
        return missing_consent_task(row["dossier_id"], row["aanmelding_id"], partner.naam)
    return NieuwBericht(
        bestemming=partner.code,
        sleutel=f"aanmelding:{row['aanmelding_id']}",
        soort=_SOORT,
        kenmerk=row["soort"],
        dossier_id=row["dossier_id"],
        toestemming=Toestemming(row["profiel_id"], row["soort"]),
        inhoud=keep_named(_facts(row, known, keyring), partner.soorten[row["soort"]]),
    )


def keep_named(facts: Mapping[str, Any], velden: Container[str]) -> dict[str, Any]:
    """Return the facts without what the table of partners does not name."""
    kept = dict(facts)
    for part, places in (("bewoner", _BEWONER), ("woning", _WONING)):
        kept[part] = {name: value for name, value in facts[part].items() if places[name] in velden}
    if "/vraag" not in velden:
        del kept["vraag"]
    return kept


def _facts(row: Mapping[str, Any], known: Mapping[str, str], keyring: Keyring) -> dict[str, Any]:
    person = open_persoonsgegevens(
        "profiel", row["profiel_id"], row["profiel_gegevens"], row["profiel_sleutel_id"], keyring
    )
    adres = parse_adres(
        straat=row["straat"],
        huisnummer=row["huisnummer"],
        busnummer=row["busnummer"],
        postcode=row["postcode"],
        gemeente=row["gemeente"],
    )
    return {
        "aanmelding_id": str(row["aanmelding_id"]),
        "soort": row["soort"],
        "dossiernummer": row["dossiernummer"],
        "gemaakt_op": to_canonical(row["gewijzigd_op"]),
        "bewoner": {name: person[name] for name in _BEWONER},
        "woning": {
            "straat": adres.straat,
            "huisnummer": adres.huisnummer,
            "busnummer": adres.busnummer,
            "postcode": adres.postcode,
            "gemeente": adres.gemeente,
            **known,
        },
        "vraag": _question(row, keyring),
    }


def _report_unknown(connection: Connection, row: Mapping[str, Any]) -> None:
    report(
        connection,
        "aanmelding_zonder_partner",
        f"aanmelding {row['aanmelding_id']}",
        f"Dossier {row['dossiernummer']} vraagt {row['soort']} bij {row['partner']}, en de tabel "
        "van de partners kent dat niet. Er vertrok niets. Verbeter de aanmelding in het CRM, of "
        "voeg de partner toe (docs/partners/new_partner.md).",
    )


def _question(row: Mapping[str, Any], keyring: Keyring) -> str | None:
    if row["vraag_id"] is None:
        return None
    opened = open_persoonsgegevens(
        "vraag", row["vraag_id"], row["vraag_gegevens"], row["vraag_sleutel_id"], keyring
    )
    parts = [opened.get("onderwerp"), opened.get("tekst")]
    return "\n".join(part for part in parts if part) or None
