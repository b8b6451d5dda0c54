"""The MAGDA envelope that all its services share, and its exceptions at three levels.

Level 1 is a SOAP Fault; level 2 stands beside the answers, level 3 beside one answer, both
inside HTTP 200. What a code means for the caller stands in the tables below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import requests

from connectors.transport.errors import (
    AuthenticationError,
    ConnectorError,
    ContractError,
    PermanentError,
    RetryableError,
    ThrottledError,
    UnknownOutcomeError,
)
from connectors.transport.http import HttpClient
from connectors.transport.soap import MAGDA_TIMEOUT, SoapClient, SoapReply
from connectors.transport.soap_contract import SoapFault, load_contract
from connectors.transport.tls import TweezijdigTls, open_tls_session
from connectors.transport.ws_security import BodySigner, Handtekening

GEEN_GEGEVENS: Final = "30001"

# Codes of the owner's mock and of its manual, seen 2026-11-23.
CODES: Final[Mapping[str, tuple[type[ConnectorError], str]]] = {
    "13001": (AuthenticationError, "no authorisation for this service"),
    "20002": (ContractError, "the structure of the request is refused"),
    "40003": (PermanentError, "the citizen is not registered with us"),
    "40006": (AuthenticationError, "not authorised for this question"),
    "60006": (RetryableError, "the source behind MAGDA did not answer"),
    "60009": (RetryableError, "internal error at MAGDA"),
    "99995": (ThrottledError, "too many requests at once, or the source is unavailable"),
    "99996": (ThrottledError, "too many requests at once, or the source is unavailable"),
    "99997": (RetryableError, "the service behind MAGDA is unreachable"),
    "ERR_025": (AuthenticationError, "the signature is missing or refused"),
}
# After these nobody knows whether a registration went through.
EFFECT_UNKNOWN: Final = frozenset({"60006", "60009"})

Niveau = Literal["fault", "repliek", "antwoord"]

_BRUSSELS: Final = ZoneInfo("Europe/Brussels")
_FAULT_CODE: Final = re.compile(r"\b(ERR_[0-9]{3}|[0-9]{5})\b")
_CODE: Final = re.compile(r"[0-9]{1,10}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MagdaAfzender:
    """Who asks, as registered with MAGDA. `hoedanigheid` is the legal capacity's code."""

    identificatie: str
    naam: str | None = None
    hoedanigheid: str | None = None
    organisatie_eenheid: str | None = None


@dataclass(frozen=True, slots=True)
class MagdaVraag:
    """One question of a MAGDA service. `key` names it in errors, without personal data.

    `partial` are the codes by which a look-up over several sources says that one of them did not
    answer: what the others said stands.
    """

    operatie: str
    versie: str
    inhoud: Mapping[str, Any] = field(repr=False)
    referte: UUID
    key: str
    registers: bool = False
    partial: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Uitzondering:
    """An exception of MAGDA or of the source behind it.

    The diagnosis is the owner's text and may quote the question: not for logs, and neither are
    the annotations.
    """

    identificatie: str
    oorsprong: str
    type: str
    niveau: Niveau
    diagnose: str = field(repr=False)
    annotaties: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class MagdaAntwoord:
    """What one question brought: the content (None when no data) and what was said beside it."""

    inhoud: Any | None = field(repr=False)
    geen_gegevens: bool
    uitzonderingen: tuple[Uitzondering, ...]


def read_moment(moment: datetime) -> datetime:
    """Return a moment in UTC; one without offset is Belgian wall clock."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_BRUSSELS)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # Year 1 or 9999: a placeholder, not a moment.
        return moment.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(_BRUSSELS)


class MagdaClient:
    """Ask one MAGDA service. Safe to share between threads."""

    def __init__(
        self,
        soap: SoapClient,
        afzender: MagdaAfzender,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._soap = soap
        self._afzender = afzender
        self._clock = clock

    @property
    def system(self) -> str:
        """The name of the system in errors."""
        return self._soap.system

    def ask(self, vraag: MagdaVraag) -> MagdaAntwoord:
        """Send a question and read its answer.

        Raises: the error family of `connectors.transport.errors`.
        """
        return self.read(vraag, self.fetch(vraag))

    def fetch(self, vraag: MagdaVraag) -> SoapReply:
        """Send a question and return the answer's bytes.

        Raises: the error family of `connectors.transport.errors`.
        """
        envelope = self._soap.build(vraag.operatie, self._write(vraag), key=vraag.key)
        return self._soap.send(
            vraag.operatie,
            envelope,
            key=vraag.key,
            changes=vraag.registers,
            correlation_id=vraag.referte,
        )

    def read(self, vraag: MagdaVraag, reply: SoapReply) -> MagdaAntwoord:
        """Read an answer and turn its exceptions into ours.

        On a look-up 30001 is no data, and a FOUT that the question names as partial, or an unknown
        one beside the content of an answer, says that part of it is missing: the content stands.
        Anything else of type FOUT raises.

        Raises: the error family of `connectors.transport.errors`.
        """
        answer = self._soap.parse(vraag.operatie, reply, key=vraag.key, changes=vraag.registers)
        if isinstance(answer, SoapFault):
            raise self._fault(vraag, answer)
        repliek = answer.Repliek
        antwoord = repliek.Antwoorden.Antwoord if repliek.Antwoorden is not None else None
        uitzonderingen = _read_uitzonderingen(repliek.Uitzonderingen, "repliek")
        if antwoord is not None:
            uitzonderingen += _read_uitzonderingen(antwoord.Uitzonderingen, "antwoord")
            self._check_referte(vraag, repliek.Context, antwoord.Referte)
        inhoud = antwoord.Inhoud if antwoord is not None else None
        for one in uitzonderingen:
            if one.type == "FOUT" and not _is_bearable(vraag, one, inhoud):
                raise self._refusal(vraag, one.identificatie, one.niveau)
        return MagdaAntwoord(
            inhoud=inhoud,
            geen_gegevens=inhoud is None
            and any(one.identificatie == GEEN_GEGEVENS for one in uitzonderingen),
            uitzonderingen=tuple(uitzonderingen),
        )

    def _check_referte(self, vraag: MagdaVraag, context: Any, referte: str) -> None:
        """Refuse an answer to somebody else's question.

        Only a UUID tells: the owner's mock answers with texts of its own, and with the sender's
        reference (seen 2026-11-24). After a registration the receipt decides, not this.
        """
        if vraag.registers or not _UUID.fullmatch(referte):
            return
        if referte.lower() not in (str(vraag.referte), context.Bericht.Afzender.Referte.lower()):
            raise ContractError(
                self.system, vraag.operatie, vraag.key, "the answer is to another question"
            )

    def _write(self, vraag: MagdaVraag) -> Mapping[str, Any]:
        now = self._clock().astimezone(_BRUSSELS)
        referte = str(vraag.referte)
        afzender = {
            "Identificatie": self._afzender.identificatie,
            "Naam": self._afzender.naam,
            "Referte": referte,
            "OrganisatieEenheid": self._afzender.organisatie_eenheid,
            "Hoedanigheid": self._afzender.hoedanigheid,
        }
        return {
            "Verzoek": {
                "Context": {
                    "Naam": vraag.operatie,
                    "Versie": vraag.versie,
                    "Bericht": {
                        "Type": "VRAAG",
                        "Tijdstip": {
                            "Datum": f"{now:%Y-%m-%d}",
                            "Tijd": f"{now:%H:%M:%S}.{now.microsecond // 1000:03d}",
                        },
                        "Afzender": {k: v for k, v in afzender.items() if v is not None},
                    },
                },
                "Vragen": {"Vraag": {"Referte": referte, "Inhoud": vraag.inhoud}},
            }
        }

    def _fault(self, vraag: MagdaVraag, fault: SoapFault) -> ConnectorError:
        """Level 1: a known code in the text decides, else who the Fault says is to blame."""
        known = _FAULT_CODE.search(fault.text)
        if known is not None and known[1] in CODES:
            return self._refusal(vraag, known[1], "fault")
        kind: type[ConnectorError] = ContractError
        if not fault.code.startswith(("Client", "VersionMismatch", "MustUnderstand")):
            kind = UnknownOutcomeError if vraag.registers else RetryableError
        code = f" {known[1]}" if known is not None else ""
        return kind(self.system, vraag.operatie, vraag.key, f"SOAP Fault{code}")

    def _refusal(self, vraag: MagdaVraag, code: str, niveau: Niveau) -> ConnectorError:
        kind, meaning = CODES.get(code, (PermanentError, "an exception that we do not know"))
        if vraag.registers and code in EFFECT_UNKNOWN:
            kind = UnknownOutcomeError
        shown = code if code in CODES or _CODE.fullmatch(code) else "without code"
        observed = f"exception {shown} ({niveau}): {meaning}"
        return kind(self.system, vraag.operatie, vraag.key, observed)


def _is_bearable(vraag: MagdaVraag, fout: Uitzondering, inhoud: Any | None) -> bool:
    if vraag.registers:
        return False
    if fout.identificatie == GEEN_GEGEVENS or fout.identificatie in vraag.partial:
        return True
    return fout.niveau == "antwoord" and inhoud is not None and fout.identificatie not in CODES


def _read_uitzonderingen(group: Any, niveau: Niveau) -> list[Uitzondering]:
    return [
        Uitzondering(
            identificatie=one.Identificatie or "",
            oorsprong=one.Oorsprong,
            type=one.Type,
            niveau=niveau,
            diagnose=one.Diagnose or "",
            annotaties=_read_annotaties(one.Annotaties),
        )
        for one in (group.Uitzondering if group is not None else ())
    ]


def _read_annotaties(group: Any) -> Mapping[str, str]:
    annotaties = group.Annotatie if group is not None else ()
    return {one.Naam or "": one.Waarde or "" for one in annotaties}


def open_magda_client(
    system: str,
    url: str,
    wsdl: Path,
    afzender: MagdaAfzender,
    *,
    handtekening: Handtekening | None = None,
    tls: TweezijdigTls | None = None,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = MAGDA_TIMEOUT,
    pool_size: int = 16,
) -> MagdaClient:
    """Make a client for the service at `url`, from our WSDL or the owner's.

    Raises:
        AuthenticationError: a key or certificate cannot be used now.
        ContractViolationError: the WSDL refers to a remote document.
    """
    if tls is not None:
        session = open_tls_session(system, tls, pool_size)
    http = HttpClient(system, url, session=session, timeout=timeout, pool_size=pool_size)
    signer = BodySigner(system, handtekening) if handtekening is not None else None
    return MagdaClient(SoapClient(http, url, load_contract(wsdl), signer=signer), afzender)
