"""Fetch the documents that partners made, look at them, and attach each to its dossier once."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from connectors.aanmelding.models import DocumentVerwijzing
from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    PermanentError,
    ThrottledError,
)
from connectors.viruskeuring.keuring import Keuring
from hub.bronbudget.grens import read_grens
from hub.bronbudget.lease import within_budget
from hub.database import execute, fetch_all, fetch_one
from hub.document import DocumentError, document_change
from hub.incident import close, report
from hub.keys import Keyring
from hub.kill_point import kill_point
from hub.ledger.bericht import NieuwBericht
from hub.ledger.enqueue import enqueue
from hub.quality.apart import set_apart
from hub.voortgang.config import read_documentregel
from hub.voortgang.seal import document_context, open_fields
from hub.voortgang.tekst import name_partner

_PATH = "intermediate/decide_documenten"
GEWEIGERD, BESMET = "document_geweigerd", "document_besmet"
_logger = logging.getLogger("hub.voortgang.documenten")


class DocumentSource(Protocol):
    """The part of a partner's client that fetching needs."""

    def get_document(self, *, verwijzing: DocumentVerwijzing) -> bytes: ...


class _InfectedError(Exception):
    """The scanner found something; the text is the name of what it found."""


def fetch_documenten(
    engine: Engine,
    source: DocumentSource,
    keyring: Keyring,
    *,
    partner: str,
    keuring: Keuring | None,
) -> dict[str, int]:
    """Fetch what waits at one partner; one document at a time is in memory.

    A document and the message that attaches it are one transaction. One that is not what its
    reference says is refused with its reason, and asked for again later, a few times; one in which
    the scanner finds something is never attached: both are an incident. What may pass is left to
    the next run. Without a ``keuring`` nothing is scanned. Returns the number per outcome.

    Raises:
        AuthenticationError: the partner refuses our token: nothing more was asked.
    """
    if keuring is None:
        _logger.warning(
            "%s: documents are not scanned: there is no connection VIRUSKEURING. They are attached "
            "after the other checks. Add the connection to have them scanned.", partner,
        )  # fmt: skip
    counts: Counter[str] = Counter(
        {"gehaald": 0, "geweigerd": 0, "besmet": 0, "later": 0, "overgeslagen": 0}
    )
    with engine.begin() as connection:
        waiting = [
            row["document_id"] for row in fetch_all(connection, _PATH, "due", partner=partner)
        ]
    if not waiting:
        return dict(counts)
    with within_budget(engine, read_grens(partner)):
        for document_id in waiting:
            try:
                outcome = _fetch_one(engine, source, keyring, partner, document_id, keuring)
            except AuthenticationError:
                raise
            except ConnectorError as error:
                _logger.warning("%s", error)
                counts["later"] += 1
                if isinstance(error, ThrottledError):
                    break
            else:
                counts[outcome] += 1
    return dict(counts)


def _fetch_one(
    engine: Engine,
    source: DocumentSource,
    keyring: Keyring,
    partner: str,
    document_id: str,
    keuring: Keuring | None,
) -> str:
    names = {"partner": partner, "document_id": document_id}
    with engine.begin() as connection:
        row = fetch_one(connection, _PATH, "take", **names)
    if row is None:
        return "overgeslagen"
    fields = open_fields(row, document_context(partner, document_id), keyring)
    try:
        inhoud = source.get_document(verwijzing=_reference(row, fields))
        kill_point("after_answer")
        found = keuring.keur(inhoud) if keuring is not None else None
        if found is not None:
            raise _InfectedError(found)
        message = _message(partner, row, fields["titel"], inhoud)
    except AuthenticationError:
        raise
    except _InfectedError as infected:
        with engine.begin() as connection:
            _refuse_infected(connection, partner, document_id, str(infected))
        return "besmet"
    except (PermanentError, DocumentError) as error:
        reden = error.observed if isinstance(error, ConnectorError) else "too large for the CRM"
        with engine.begin() as connection:
            _refuse(connection, partner, row, reden)
        return "geweigerd"
    with engine.begin() as connection:
        # Consent may have ended while the document came.
        if fetch_one(connection, _PATH, "take", **names) is None:
            return "overgeslagen"
        execute(connection, _PATH, "keep", **names)
        enqueue(connection, keyring, [message])
        execute(connection, _PATH, "release", model=f"document_{partner}", document_id=document_id)
        close(connection, GEWEIGERD, _subject(partner, document_id))
        close(connection, BESMET, _subject(partner, document_id))
        kill_point("in_decision")
    return "gehaald"


def _reference(row: Mapping[str, Any], fields: Mapping[str, str]) -> DocumentVerwijzing:
    return DocumentVerwijzing(
        document_id=row["document_id"],
        titel=fields["titel"],
        mediatype=row["mediatype"],
        href=fields["href"],
        grootte=row["grootte"],
        sha256=row["sha256"],
    )


def _message(partner: str, row: Mapping[str, Any], titel: str, inhoud: bytes) -> NieuwBericht:
    sleutel = f"document:{partner}:{row['document_id']}"
    change = document_change(
        row["dossier_id"],
        sleutel=sleutel,
        soort="advies",
        titel=titel,
        mimetype=row["mediatype"],
        inhoud=inhoud,
        sha256=hashlib.sha256(inhoud).hexdigest(),
    )
    return NieuwBericht(
        bestemming="crm",
        sleutel=sleutel,
        soort="voortgang_document",
        kenmerk="advies",
        dossier_id=row["dossier_id"],
        inhoud={"wijzigingen": [change]},
    )


def _refuse(connection: Connection, partner: str, row: Mapping[str, Any], reden: str) -> None:
    """Set a wrong document apart, and say when it is asked for again."""
    regel, document_id = read_documentregel(), row["document_id"]
    last = row["pogingen"] + 1 >= regel.pogingen
    refused = execute(
        connection, _PATH, "refuse",
        partner=partner, document_id=document_id, stand="geweigerd" if last else "te_halen",
        reden=reden, seconden=regel.wachttijd.total_seconds(),
    )  # fmt: skip
    if not refused:
        return
    set_apart(
        connection,
        model=f"document_{partner}",
        object_id=document_id,
        redenen=[reden],
        regels=["document_klopt"],
        herkomst=f"{partner} document",
    )
    report(
        connection,
        GEWEIGERD,
        _subject(partner, document_id),
        f"Het document {document_id} van {name_partner(partner)} bij aanmelding "
        f"{row['aanmelding_id']} is niet wat de partner ervan zei: {reden}. Het is niet bij het "
        f"dossier gevoegd. {'De hub vraagt het niet meer' if last else 'De hub vraagt het later'} "
        "opnieuw. Vraag de partner het te herstellen.",
    )


def _refuse_infected(connection: Connection, partner: str, document_id: str, found: str) -> None:
    refused = execute(
        connection, _PATH, "refuse",
        partner=partner, document_id=document_id, stand="besmet", reden=found, seconden=0,
    )  # fmt: skip
    if refused:
        report(
            connection,
            BESMET,
            _subject(partner, document_id),
            f"In het document {document_id} van {name_partner(partner)} vond de virusscanner "
            f"{found}. Het is niet bewaard en niet bij het dossier gevoegd. Verwittig de partner; "
            "vraag een nieuw document.",
        )


def _subject(partner: str, document_id: str) -> str:
    return f"{partner} document {document_id}"
