"""Ask GeefEpc for the certificates of a dwelling; every question was logged first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from connectors.transport.errors import ContractError
from connectors.transport.magda import MagdaAfzender, MagdaClient, MagdaVraag, open_magda_client
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.transport.soap import MAGDA_TIMEOUT, SoapReply
from connectors.transport.soap_contract import ContractViolationError
from connectors.transport.tls import TweezijdigTls
from connectors.transport.ws_security import Handtekening
from connectors.woningpas.epc.mapping import (
    find_contradiction,
    find_double,
    name_criteria,
    read_epcs,
    write_criteria,
)
from connectors.woningpas.epc.models import Criteria, Documenten, Epc, EpcAnswer

OPERATIE = "GeefEpc"
VERSIE = "02.01.0000"
WSDL = Path(__file__).parent / "contract" / "geefepc.wsdl"


@dataclass(frozen=True, slots=True)
class EpcReply:
    """An answer that was received and not yet read, with the question it belongs to."""

    vraag: MagdaVraag
    criteria: Criteria
    adres_ids: frozenset[str]
    reply: SoapReply


class EpcClient:
    """GeefEpc 02.01. Safe to share between threads."""

    def __init__(self, magda: MagdaClient) -> None:
        self._magda = magda

    def get_epcs(
        self,
        *,
        criteria: Criteria,
        raadpleging: GelogdeRaadpleging,
        adres_ids: Collection[str] = (),
        documenten: Documenten | None = None,
    ) -> EpcAnswer:
        """Return the certificates of a dwelling; none when the source has no data.

        `adres_ids` are the object ids of the addresses meant: compared, not sent.

        Raises:
            ContractError: the answer breaks the contract, contradicts itself, or is of another
                dwelling.
            Others of the error family of `connectors.transport.errors`.
        """
        return self.read_epcs(
            self.fetch_epcs(
                criteria=criteria,
                raadpleging=raadpleging,
                adres_ids=adres_ids,
                documenten=documenten,
            )
        )

    def fetch_epcs(
        self,
        *,
        criteria: Criteria,
        raadpleging: GelogdeRaadpleging,
        adres_ids: Collection[str] = (),
        documenten: Documenten | None = None,
    ) -> EpcReply:
        """Send the question and receive the answer's bytes: the part that occupies the source.

        Raises: the error family of `connectors.transport.errors`.
        """
        reason = raadpleging.raadpleging
        vraag = MagdaVraag(
            operatie=OPERATIE,
            versie=VERSIE,
            inhoud=write_criteria(criteria, documenten=documenten or Documenten()),
            referte=reason.correlatie_id,
            key=f"dossier {reason.dossier_id}, {name_criteria(criteria)}",
        )
        return EpcReply(vraag, criteria, frozenset(adres_ids), self._magda.fetch(vraag))

    def read_epcs(self, reply: EpcReply) -> EpcAnswer:
        """Read a received answer: the part that only costs us time.

        Raises: as `get_epcs`.
        """
        answer = self._magda.read(reply.vraag, reply.reply)
        if answer.inhoud is None:
            if not answer.geen_gegevens:
                raise self._contract_error(reply, "neither content nor exception in the answer")
            return EpcAnswer((), answer.uitzonderingen)
        epcs = self._read_content(reply, answer.inhoud)
        double = find_double(epcs)
        if double is not None:
            raise self._contract_error(reply, f"EPC {double} stands twice and differs")
        for epc in epcs:
            contradiction = find_contradiction(epc, reply.criteria, reply.adres_ids)
            if contradiction is not None:
                raise self._contract_error(reply, f"EPC {epc.epc_id} {contradiction}")
        return EpcAnswer(epcs, answer.uitzonderingen)

    def _read_content(self, reply: EpcReply, inhoud: Any) -> tuple[Epc, ...]:
        try:
            return read_epcs(inhoud)
        except ContractViolationError as violation:
            observed = str(violation)
        raise self._contract_error(reply, observed)

    def _contract_error(self, reply: EpcReply, observed: str) -> ContractError:
        return ContractError(self._magda.system, OPERATIE, reply.vraag.key, observed)


def open_epc_client(
    url: str,
    afzender: MagdaAfzender,
    *,
    wsdl: Path | None = None,
    handtekening: Handtekening | None = None,
    tls: TweezijdigTls | None = None,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = MAGDA_TIMEOUT,
    pool_size: int = 16,
) -> EpcClient:
    """Make a client for the service at `url`; `wsdl` takes the owner's own in place of ours."""
    return EpcClient(
        open_magda_client(
            "epc",
            url,
            wsdl or WSDL,
            afzender,
            handtekening=handtekening,
            tls=tls,
            session=session,
            timeout=timeout,
            pool_size=pool_size,
        )
    )
