"""DOSIS over MAGDA: register a dossier's status, fetch receipts, read what a resident sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import requests

from connectors.mijnburgerprofiel.dosis.mapping import (
    is_accepted,
    is_upload,
    read_codelijst,
    read_dossiers,
    read_resultaat,
    read_uitzonderingen,
    write_criteria,
    write_dossier,
    write_identificatie,
)
from connectors.mijnburgerprofiel.dosis.models import (
    Code,
    DosisDossier,
    DossierLijst,
    MislukteRegistratie,
    Resultaat,
)
from connectors.transport.errors import (
    AlreadyDoneError,
    AuthenticationError,
    ContractError,
    PermanentError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.transport.magda import (
    GEEN_GEGEVENS,
    MagdaAfzender,
    MagdaAntwoord,
    MagdaClient,
    MagdaVraag,
    open_magda_client,
)
from connectors.transport.soap import MAGDA_TIMEOUT
from connectors.transport.tls import TweezijdigTls
from connectors.transport.ws_security import Handtekening

REGISTREER = "RegistreerDossier"
RESULTAAT = "GeefResultaatRegistratie"
DOSSIERS = "GeefDossiers"
UITZONDERINGEN = "GeefUitzonderingenRegistraties"
VERWIJDER = "VerwijderDossier"
CODELIJST = "GeefCodeLijst"
DIENSTEN: Final = (REGISTREER, RESULTAAT, DOSSIERS, UITZONDERINGEN, VERWIJDER, CODELIJST)
VERSIE = "02.00.0000"

# By these codes one source of several says that it did not answer: seen in the owner's sample and
# facts, 2026-11-23.
GEEN_TOEGANG_TOT_BRON: Final = "60013"
FOUT_VAN_BRON: Final = "99986"

_PARTIAL: Final = frozenset({GEEN_TOEGANG_TOT_BRON, FOUT_VAN_BRON})
_CONTRACT = Path(__file__).parent / "contract"


class DosisClient:
    """DOSIS 02.00 over MAGDA: a `DossierstatusDienst`, with what residents see and the code lists.

    `diensten` has a client per service (`DIENSTEN`). Safe to share between threads.
    """

    def __init__(self, diensten: Mapping[str, MagdaClient]) -> None:
        self._diensten = diensten

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
        answer = self._ask(REGISTREER, inhoud, dossier.dossiernummer, referte, registers=True)
        _check_accepted(REGISTREER, dossier.dossiernummer, answer)

    def get_resultaat(
        self,
        *,
        bron: str,
        dossiernummer: str,
        upload_id: UUID | None = None,  # noqa: ARG002
        referte: UUID,
    ) -> Resultaat:
        """Return the receipt of a dossier's last upload; `verwerkt` is False without one.

        MAGDA knows no names of uploads: `upload_id` is not used.

        Raises: the error family of `connectors.transport.errors`.
        """
        inhoud = {"Identificatie": write_identificatie(bron, dossiernummer)}
        answer = self._ask(RESULTAAT, inhoud, dossiernummer, referte)
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
        answer = self._ask(DOSSIERS, write_criteria(insz, bronnen), str(referte), referte)
        return read_dossiers(answer)

    def was_received(self, *, dossier: DosisDossier, referte: UUID) -> bool:
        """Tell whether the history that the resident reads holds this very upload, now.

        Raises:
            AuthenticationError: we have no access to our own source.
            RetryableError: our source did not answer: nothing follows from its silence.
            Others of the error family of `connectors.transport.errors`.
        """
        found = self.get_dossiers(insz=dossier.insz, bronnen=[dossier.bron], referte=referte)
        if any(
            is_upload(mutatie, dossier)
            for one in found.dossiers
            if one.dossiernummer == dossier.dossiernummer
            for mutatie in one.mutaties
        ):
            return True
        for missing in found.ontbrekend:
            kind = AuthenticationError if missing.code == GEEN_TOEGANG_TOT_BRON else RetryableError
            observed = f"exception {missing.code}: a source did not answer"
            raise kind("dosis", DOSSIERS, dossier.dossiernummer, observed)
        return False

    def list_uitzonderingen(self, *, bron: str, referte: UUID) -> tuple[MislukteRegistratie, ...]:
        """Return all uploads of a source that failed in processing.

        Raises: the error family of `connectors.transport.errors`.
        """
        inhoud = {"Identificatie": {"Bron": bron}}
        answer = self._ask(UITZONDERINGEN, inhoud, str(referte), referte)
        return () if answer.inhoud is None else read_uitzonderingen(answer.inhoud)

    def delete_dossier(self, *, bron: str, dossiernummer: str, referte: UUID) -> None:
        """Remove a dossier with its history; doing it again does no harm.

        Raises:
            AlreadyDoneError: DOSIS holds no such dossier.
            PermanentError: DOSIS refused it.
            UnknownOutcomeError: it was sent and nobody knows whether it arrived.
            Others of the error family of `connectors.transport.errors`.
        """
        inhoud = {"Identificatie": write_identificatie(bron, dossiernummer)}
        try:
            answer = self._ask(VERWIJDER, inhoud, dossiernummer, referte, registers=True)
        except PermanentError as error:
            # The facts do not say how an unknown dossier is told; "no data" can mean nothing else.
            if not error.observed.startswith(f"exception {GEEN_GEGEVENS} "):
                raise
            observed = "DOSIS does not hold it"
            raise AlreadyDoneError("dosis", VERWIJDER, dossiernummer, observed) from None
        _check_accepted(VERWIJDER, dossiernummer, answer)

    def get_codelijst(self, *, codetype: str, taal: str, referte: UUID) -> tuple[Code, ...]:
        """Return a code list in one language (NL, FR, DE or EN); empty when there is none.

        Raises: the error family of `connectors.transport.errors`.
        """
        inhoud = {"CodeType": codetype, "Taal": taal}
        answer = self._ask(CODELIJST, inhoud, f"{codetype} {taal}", referte)
        return () if answer.inhoud is None else read_codelijst(answer.inhoud)

    def _ask(
        self,
        operatie: str,
        inhoud: Mapping[str, Any],
        key: str,
        referte: UUID,
        *,
        registers: bool = False,
    ) -> MagdaAntwoord:
        return self._diensten[operatie].ask(
            MagdaVraag(
                operatie=operatie,
                versie=VERSIE,
                inhoud=inhoud,
                referte=referte,
                key=key,
                registers=registers,
                partial=_PARTIAL if operatie == DOSSIERS else frozenset(),
            )
        )


def _check_accepted(operatie: str, dossiernummer: str, answer: MagdaAntwoord) -> None:
    if answer.inhoud is None:
        observed = "neither result nor exception"
        raise UnknownOutcomeError("dosis", operatie, dossiernummer, observed)
    if not is_accepted(answer.inhoud):
        raise PermanentError("dosis", operatie, dossiernummer, "not accepted")


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
    """Make a client for the services below `url`, each under its own name.

    `contract` is a folder with the owner's `registreerdossier.wsdl` and the other services' in
    place of ours.
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

    return DosisClient({operatie: open_service(operatie) for operatie in DIENSTEN})
