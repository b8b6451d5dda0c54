"""The aanmelding contract as files: a line per request in a batch, a line per answer in a receipt.

Both are JSON lines in UTF-8. The bodies are those of the contract; docs/aanmelding_bestanden.md is
the agreement with partners. Pure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from connectors.aanmelding.mapping import (
    aanmelding_to_json,
    find_faults,
    map_intrekking,
    map_ontvangst,
)
from connectors.aanmelding.models import Aanmelding, Intrekking, Ontvangst
from connectors.transport.errors import ContractError
from connectors.transport.fields import JsonObject, parse_json

NAAR_PARTNER: Final = "naar_partner"
NAAR_STAD: Final = "naar_stad"
BATCH: Final = ".jsonl"
CONTROLESOM: Final = ".sha256"
# What is still being written; nobody looks at it.
DEEL: Final = ".deel"
# The partner refuses the batch as a whole: nothing of it was processed.
GEWEIGERD: Final = ".geweigerd"
ONTVANGST: Final = ".ontvangst"
DOCUMENTEN: Final = "documenten"
# Fields and codes of the contract; another text of the partner could quote the resident.
_CODE: Final = re.compile(r"[/A-Za-z0-9_.:-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class Regel:
    """One request of a batch: the aanmelding, or None to withdraw what `referentie` stands for."""

    idempotency_key: str
    referentie: UUID
    correlation_id: UUID | None
    aanmelding: Aanmelding | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Antwoord:
    """The partner's answer to one line: a receipt, a withdrawal, or the faults it refuses by."""

    idempotency_key: str
    bestand: str
    ontvangst: Ontvangst | None = None
    intrekking: Intrekking | None = None
    fouten: tuple[str, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the partner did what the line asks."""
        return self.ontvangst is not None or self.intrekking is not None


def name_batch(moment: datetime, unique: str) -> str:
    """Return the name of a batch: by its moment, never twice."""
    return f"aanmeldingen-{moment:%Y%m%dT%H%M%S%f}Z-{unique}{BATCH}"


def write_batch(system: str, regels: Sequence[Regel]) -> bytes:
    """Write the lines of a batch.

    Raises: ContractError when a body breaks the contract: then nothing is written.
    """
    return b"".join(
        json.dumps(_line(system, number, regel), ensure_ascii=False, sort_keys=True).encode()
        + b"\n"
        for number, regel in enumerate(regels, start=1)
    )


def write_checksum(name: str, content: bytes) -> bytes:
    """Write the checksum file of a batch, as `sha256sum` does."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def read_keys(content: bytes) -> frozenset[str]:
    """Return the idempotency keys of a batch of ours."""
    lines = (json.loads(line) for line in content.splitlines() if line.strip())
    return frozenset(line["idempotencyKey"] for line in lines)


def read_receipt(system: str, name: str, content: bytes) -> tuple[list[Antwoord], list[str]]:
    """Return the answers of a receipt file, and what is wrong with the lines that cannot be read.

    A bad line does not stop the good ones.
    """
    answers, faults = [], []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            answers.append(_answer(system, name, number, line))
        except ContractError as error:
            faults.append(f"line {number}: {error.observed}")
    return answers, faults


def refuse_batch(name: str, keys: Iterable[str]) -> list[Antwoord]:
    """Return the answers to the lines of a batch that the partner refused as a whole."""
    return [
        Antwoord(key, name, fouten=("de partner weigert het hele bestand",)) for key in sorted(keys)
    ]


def _line(system: str, number: int, regel: Regel) -> Mapping[str, object]:
    line: dict[str, object] = {
        "regel": number,
        "bewerking": "intrekken" if regel.aanmelding is None else "aanmelden",
        "idempotencyKey": regel.idempotency_key,
        "referentie": str(regel.referentie),
    }
    if regel.correlation_id is not None:
        line["correlatieId"] = str(regel.correlation_id)
    if regel.aanmelding is not None:
        body = aanmelding_to_json(regel.aanmelding)
        if faults := find_faults(body):
            raise ContractError(
                system,
                "write_batch",
                str(regel.referentie),
                f"our body breaks the contract at {', '.join(faults[:5])}",
                done="It was not sent",
            )
        line["aanmelding"] = body
    return line


def _answer(system: str, name: str, number: int, line: bytes) -> Antwoord:
    values = parse_json(line)
    if not isinstance(values, dict):
        raise ContractError(system, "read_receipt", f"{name}:{number}", "no JSON object")
    raw = JsonObject(system, "read_receipt", f"{name}:{number}", values)
    key, uitkomst = raw.text("idempotencyKey"), raw.text("uitkomst")
    if uitkomst == "geweigerd":
        return Antwoord(key, name, fouten=_faults(raw))
    if uitkomst != "aanvaard":
        raw.refuse("uitkomst", "is not a known value")
    if raw.optional_child("intrekking") is not None:
        return Antwoord(key, name, intrekking=map_intrekking(raw.child("intrekking")))
    return Antwoord(key, name, ontvangst=map_ontvangst(raw.child("ontvangst"), None))


def _faults(raw: JsonObject) -> tuple[str, ...]:
    """Return fields and codes of a refusal: those of the contract hold no values."""
    probleem = raw.child("probleem")
    faults = probleem.children("fouten") if "fouten" in probleem.values else ()
    told = [(fault.text("veld"), fault.text("code")) for fault in faults]
    told = told or [("soort", probleem.text("type"))]
    return tuple(
        " ".join(word if _CODE.match(word) else "(geen code)" for word in words) for words in told
    )
