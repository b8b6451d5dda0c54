"""Register a dossier's status at DOSIS, fetch its receipt, and read what a resident sees there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import requests

from connectors.mijnburgerprofiel.dosis.mapping import (
    is_accepted,
    read_dossiers,
    read_resultaat,
    write_criteria,
    write_dossier,
    write_identificatie,
)
from connectors.mijnburgerprofiel.dosis.models import DosisDossier, DossierLijst, Resultaat
from connectors.transport.errors import ContractError, PermanentError, UnknownOutcomeError
from connectors.transport.magda import MagdaAfzender, MagdaClient, MagdaVraag, open_magda_client
from connectors.transport.soap import MAGDA_TIMEOUT
from connectors.transport.tls import TweezijdigTls
from connectors.transport.ws_security import Handtekening

REGISTREER = "RegistreerDossier"
RESULTAAT = "GeefResultaatRegistratie"
DOSSIERS = "GeefDossiers"
VERSIE = "02.00.0000"

# By these codes one source of several says that it did not answer: seen in the owner's sample and
# facts, 2026-11-23.
GEEN_TOEGANG_TOT_BRON: Final = "60013"
FOUT_VAN_BRON: Final = "99986"

_CONTRACT = Path(__file__).parent / "contract"


class DosisClient:
    """DOSIS 02.00 over MAGDA: three services. Safe to share between threads."""

    def __init__(
        self, registreer: MagdaClient, resultaat: MagdaClient, dossiers: MagdaClient
    ) -> None:
        self._registreer = registreer
        self._resultaat = resultaat
        self._dossiers = dossiers

    def register_dossier(self, *, dossier: DosisDossier, referte: UUID) -> None:
        """Hand in a dossier's status; it is accepted now and processed later.

        Whether DOSIS recognises a repeat is unknown: after an unknown outcome ask for the
        receipt before sending again.

        Raises:
            ContractError: the dossier does not fit the contract; nothing was sent.
            PermanentError: DOSIS refused it.
            UnknownOutcomeError: it was sent and nobody knows whether it arrived.
            Others of the error family of `connectors.transport.errors`.
        """
        try:
            inhoud = write_dossier(dossier)
        except ValueError as error:
            observed = str(error)
            raise ContractError(
                "dosis", REGISTREER, dossier.dossiernummer, observed, done="It was not sent"
            ) from None
        answer = self._registreer.ask(
            MagdaVraag(
                operatie=REGISTREER,
                versie=VERSIE,
                inhoud=inhoud,
                referte=referte,
                key=dossier.dossiernummer,
                registers=True,
            )
        )
        if answer.inhoud is None:
            raise UnknownOutcomeError(
                "dosis", REGISTREER, dossier.dossiernummer, "neither result nor exception"
            )
        if not is_accepted(answer.inhoud):
            raise PermanentError("dosis", REGISTREER, dossier.dossiernummer, "not accepted")

    def get_resultaat(self, *, bron: str, dossiernummer: str, referte: UUID) -> Resultaat:
        """Return the receipt of a dossier's last upload; `verwerkt` is False without one.

        Raises: the error family of `connectors.transport.errors`.
        """
        answer = self._resultaat.ask(
            MagdaVraag(
                operatie=RESULTAAT,
                versie=VERSIE,
                inhoud={"Identificatie": write_identificatie(bron, dossiernummer)},
                referte=referte,
                key=dossiernummer,
            )
        )
        # The facts are silent on what the service says before it processed an upload: no data
        # (30001) and an answer without content both mean that there is no receipt yet.
        if answer.inhoud is None:
            return Resultaat(verwerkt=False, gelukt=False)
        return read_resultaat(answer.inhoud)

    def get_dossiers(self, *, insz: str, bronnen: Sequence[str], referte: UUID) -> DossierLijst:
        """Return the dossiers of a resident at these sources, with the history of their status.

        None of them is no error (30001). Sources that did not answer stand beside the dossiers of
        the others; as long as the answer misses a source, a dossier that is not there may exist.

        Raises: the error family of `connectors.transport.errors`.
        """
        answer = self._dossiers.ask(
            MagdaVraag(
                operatie=DOSSIERS,
                versie=VERSIE,
                inhoud=write_criteria(insz, bronnen),
                referte=referte,
                key=str(referte),
                partial=frozenset({GEEN_TOEGANG_TOT_BRON, FOUT_VAN_BRON}),
            )
        )
        return read_dossiers(answer)


def open_dosis_client(
    url: str,
    afzender: MagdaAfzender,
    *,
    contract: Path | None = None,
    handtekening: Handtekening | None = None,
    tls: TweezijdigTls | None = None,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = MAGDA_TIMEOUT,
    pool_size: int = 16,
) -> DosisClient:
    """Make a client for the three services below `url`, each under its own name.

    `contract` is a folder with the owner's `registreerdossier.wsdl`,
    `geefresultaatregistratie.wsdl` and `geefdossiers.wsdl` in place of ours.
    """

    def open_service(operatie: str) -> MagdaClient:
        return open_magda_client(
            "dosis",
            f"{url.rstrip('/')}/{operatie}",
            (contract or _CONTRACT) / f"{operatie.lower()}.wsdl",
            afzender,
            handtekening=handtekening,
            tls=tls,
            session=session,
            timeout=timeout,
            pool_size=pool_size,
        )

    return DosisClient(open_service(REGISTREER), open_service(RESULTAAT), open_service(DOSSIERS))
