"""The certificate of an erasure: what was removed, what stays and by which law. It names nobody."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from hub.config import load_config
from hub.database import fetch_one
from hub.keys import Keyring

VERSIE = 1
_PATH = "ops/wissing_blijft"


def make_attest(
    connection: Connection,
    keyring: Keyring,
    *,
    wissing_id: UUID,
    gevraagd_op: datetime,
    verwijderd: Mapping[str, int],
    antwoorden: Sequence[Mapping[str, Any]],
) -> tuple[str, str]:
    """Return the certificate as canonical JSON (moments in UTC) and its keyed hash."""
    now = datetime.now(UTC)
    document = {
        "attest": "wissing",
        "versie": VERSIE,
        "wissing": str(wissing_id),
        "gevraagd_op": _moment(gevraagd_op),
        "gewist_op": _moment(now),
        "verwijderd": {line: count for line, count in verwijderd.items() if count},
        "ontvangers": [dict(row) for row in antwoorden],
        "blijft": _what_stays(connection, wissing_id, now),
    }
    attest = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return attest, _waarmerk(keyring, attest)


def is_genuine(keyring: Keyring, attest: str, waarmerk: str) -> bool:
    """Tell whether the hub made this certificate, and nobody changed it."""
    return hmac.compare_digest(_waarmerk(keyring, attest), waarmerk)


def describe(attest: str, waarmerk: str) -> str:
    """Return the certificate as a resident reads it, in Dutch."""
    document = json.loads(attest)
    lines = [
        f"Attest van wissing {document['wissing']}",
        f"Gevraagd op {_day(document['gevraagd_op'])}, gewist op {_day(document['gewist_op'])}.",
        "",
        "Verwijderd uit de hub (aantal rijen):",
        *(f"- {line}: {count}" for line, count in sorted(document["verwijderd"].items())),
    ]
    if not document["verwijderd"]:
        lines.append("- niets: er was niets (meer)")
    lines += ["", "Gevraagd aan wie gegevens kreeg:"]
    lines += [
        f"- {row['ontvanger']}, {row['aantal']} keer gevraagd om te verwijderen: {row['antwoord']}"
        for row in document["ontvangers"]
    ] or ["- niemand: er was niets doorgegeven"]
    lines += ["", "Wat moet blijven, waarom en hoelang:"]
    for row in document["blijft"]:
        until = f"tot {_day(row['tot'])}" if row["tot"] else "zonder einddatum"
        lines.append(f"- {row['aantal']} x {row['waarom']}; {until}")
    if not document["blijft"]:
        lines.append("- niets")
    lines += [
        "",
        "Het CRM van de stad wist zijn eigen gegevens; zolang het dat niet deed, haalt de hub ze "
        "niet meer op.",
        f"Waarmerk: {waarmerk}",
    ]
    return "\n".join(lines)


def _what_stays(connection: Connection, wissing_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return per kind that says why it stays how much of it there is, and until when at most."""
    found = []
    for soort, rule in load_config("bewaring").items():
        if "na_wissing" not in rule:
            continue
        row = fetch_one(connection, _PATH, soort, wissing_id=wissing_id)
        assert row is not None, "a count gives one row"
        if row["aantal"]:
            days = rule.get("dagen")
            until = None if days is None else _moment(now + timedelta(days=days))
            found.append(_stays(soort, row["aantal"], rule["na_wissing"], until))
    kept = fetch_one(connection, _PATH, "kept", wissing_id=wissing_id)
    if kept is not None and kept["aantal"]:
        why = "een bericht dat bewaard wordt voor een klacht of geschil (AVG art. 17.3.e)"
        found.append(_stays("bericht_bewaard", kept["aantal"], why, _moment(kept["tot"])))
    return found


def _stays(soort: str, aantal: int, waarom: str, tot: str | None) -> dict[str, Any]:
    return {"soort": soort, "aantal": aantal, "waarom": waarom, "tot": tot}


def _waarmerk(keyring: Keyring, attest: str) -> str:
    return keyring.pseudonym(f"attest van wissing:{attest}")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%d/%m/%Y")
