"""DOSIS by REST v1: the same service by another road, with a receipt per upload.

An upload is judged at once and processed later. It bears a name derived from the dossier and its
change of status, so that a repeat is the same upload. Which codes exist, and what a resident sees,
this service does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

import requests

from connectors.mijnburgerprofiel.dosis.models import DosisDossier, MislukteRegistratie, Resultaat
from connectors.mijnburgerprofiel.dosis.rest_mapping import Velden
from connectors.transport.errors import (
    AlreadyDoneError,
    ConnectorError,
    ContractError,
    PermanentError,
    UnknownOutcomeError,
)
from connectors.transport.fields import read_object, read_objects
from connectors.transport.http import HttpClient, problem_code

REGISTREER: Final = "POST dossiers"
RESULTAAT: Final = "GET resultaten"
UITZONDERINGEN: Final = "GET fouten"
VERWIJDER: Final = "DELETE dossiers"

_SYSTEM: Final = "dosis"
_REFUSED: Final = frozenset({400, 404, 409, 413, 415, 422})
# A field's name, or its path; anything else in its place could quote the dossier.
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,79}")


class DosisRestClient:
    """DOSIS over REST v1: a `DossierstatusDienst`. Safe to share between threads."""

    def __init__(self, http: HttpClient, velden: Velden) -> None:
        self._http = http
        self._velden = velden

    def register_dossier(self, *, dossier: DosisDossier, referte: UUID) -> None:
        """Hand in a dossier's status; it is judged now and processed later.

        Whether DOSIS recognises a repeat is unknown: after an unknown outcome ask for the receipt
        before sending again.

        Raises:
            ContractError: the dossier does not fit the contract; nothing was sent.
            PermanentError: DOSIS refused it; the error names the fields.
            UnknownOutcomeError: it was sent and nobody knows whether it arrived.
            Others of the error family of `connectors.transport.errors`.
        """
        key = dossier.dossiernummer
        try:
            body = self._velden.write_dossier(dossier)
        except ValueError as error:
            observed = str(error)
            raise ContractError(
                _SYSTEM, REGISTREER, key, observed, done="It was not sent"
            ) from None
        response = self._http.request(
            "POST",
            self._velden.paden["dossiers"],
            operation=REGISTREER,
            key=key,
            expected={200, *_REFUSED},
            changes=True,
            json=body,
            correlation_id=referte,
        )
        if response.status_code != 200:
            raise PermanentError(_SYSTEM, REGISTREER, key, _describe_refusal(response))
        try:
            answer = read_object(response, _SYSTEM, REGISTREER, key)
            if answer.text("Status") != "OK":
                answer.refuse("Status", "is not OK")
            if answer.uuid(self._velden.dossier["upload_id"]) != dossier.upload_id:
                answer.refuse(self._velden.dossier["upload_id"], "is another than ours")
        except ContractError as problem:
            observed = problem.observed
        else:
            return
        raise UnknownOutcomeError(_SYSTEM, REGISTREER, key, observed)

    def get_resultaat(
        self, *, bron: str, dossiernummer: str, upload_id: UUID, referte: UUID
    ) -> Resultaat:
        """Return the receipt of this upload; `verwerkt` is False without one.

        Raises: the error family of `connectors.transport.errors`.
        """
        del bron  # the upload's own name says it all
        response = self._http.request(
            "GET",
            self._velden.paden["per_upload"],
            operation=RESULTAAT,
            key=dossiernummer,
            # 404: not processed yet, or never received; nobody can tell which.
            expected={200, 404},
            changes=False,
            params={self._velden.vraag["upload_id"]: str(upload_id)},
            correlation_id=referte,
        )
        if response.status_code == 404:
            return Resultaat(verwerkt=False, gelukt=False)
        answer = read_object(response, _SYSTEM, RESULTAAT, dossiernummer)
        return self._velden.read_resultaat(answer)

    def was_received(self, *, dossier: DosisDossier, referte: UUID) -> bool:
        """Tell whether there is a receipt of this very upload, now.

        Raises: the error family of `connectors.transport.errors`.
        """
        return self.get_resultaat(
            bron=dossier.bron,
            dossiernummer=dossier.dossiernummer,
            upload_id=dossier.upload_id,
            referte=referte,
        ).verwerkt

    def list_uitzonderingen(self, *, bron: str, referte: UUID) -> tuple[MislukteRegistratie, ...]:
        """Return all uploads of a source that failed in processing.

        Raises: the error family of `connectors.transport.errors`.
        """
        response = self._http.request(
            "GET",
            self._velden.paden["fouten"],
            operation=UITZONDERINGEN,
            key=str(referte),
            expected={200, 404},
            changes=False,
            params={self._velden.vraag["bron"]: bron},
            correlation_id=referte,
        )
        if response.status_code == 404:
            return ()
        failed = read_objects(response, _SYSTEM, UITZONDERINGEN, str(referte))
        return tuple(self._velden.read_mislukt(one) for one in failed)

    def delete_dossier(self, *, bron: str, dossiernummer: str, referte: UUID) -> None:
        """Remove a dossier with its history; doing it again does no harm.

        Raises:
            AlreadyDoneError: DOSIS holds no such dossier.
            PermanentError: DOSIS refused it.
            UnknownOutcomeError: it was sent and nobody knows whether it arrived.
            Others of the error family of `connectors.transport.errors`.
        """
        gone: Mapping[int, type[ConnectorError]] = {404: AlreadyDoneError, 410: AlreadyDoneError}
        self._http.request(
            "DELETE",
            self._velden.paden["dossiers"],
            operation=VERWIJDER,
            key=dossiernummer,
            expected={200, 202, 204},
            changes=True,
            params={
                self._velden.vraag["bron"]: bron,
                self._velden.vraag["dossiernummer"]: dossiernummer,
            },
            correlation_id=referte,
            refusals=gone,
        )


def open_dosis_rest_client(
    url: str,
    auth: Callable[[bool], Mapping[str, str]],
    *,
    velden: Velden | None = None,
    timeout: tuple[float, float] = (5.0, 30.0),
    pool_size: int = 16,
) -> DosisRestClient:
    """Make a client of the service whose paths begin below `url`; `auth` signs on at ACM."""
    http = HttpClient(
        _SYSTEM,
        url,
        headers={"Accept": "application/json"},
        auth=auth,
        timeout=timeout,
        pool_size=pool_size,
    )
    return DosisRestClient(http, velden if velden is not None else Velden.load())


def _describe_refusal(response: requests.Response) -> str:
    """Say status, code and the fields that were refused; never the owner's texts."""
    code = problem_code(response)
    observed = f"answered {response.status_code}" + (f" ({code})" if code else "")
    fields = []
    try:
        answer = read_object(response, _SYSTEM, REGISTREER, "")
        for error in answer.children("errors"):
            field = error.optional_text("field")
            if field is not None and _FIELD.fullmatch(field):
                fields.append(field)
    except ContractError:
        return observed
    return f"{observed} because of {', '.join(fields[:5])}" if fields else observed
