"""What the hub asks of DOSIS, whichever road leads there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from connectors.mijnburgerprofiel.dosis.models import (
    Code,
    DosisDossier,
    DossierLijst,
    MislukteRegistratie,
    Resultaat,
)


class DossierstatusDienst(Protocol):
    """The part that both roads have: MAGDA (`DosisClient`) and REST (`DosisRestClient`).

    Every method raises the error family of `connectors.transport.errors`; `referte` is the
    correlation id.
    """

    def register_dossier(self, *, dossier: DosisDossier, referte: UUID) -> None:
        """Hand in a status; it is accepted now and processed later."""
        ...

    def get_resultaat(
        self, *, bron: str, dossiernummer: str, upload_id: UUID, referte: UUID
    ) -> Resultaat:
        """Return the receipt: of this upload over REST, of the dossier's last one over MAGDA."""
        ...

    def was_received(self, *, dossier: DosisDossier, referte: UUID) -> bool:
        """Tell whether DOSIS processed this very upload, now."""
        ...

    def list_uitzonderingen(self, *, bron: str, referte: UUID) -> Sequence[MislukteRegistratie]:
        """Return the uploads of a source that failed in processing."""
        ...

    def delete_dossier(self, *, bron: str, dossiernummer: str, referte: UUID) -> None:
        """Remove a dossier; AlreadyDoneError when DOSIS holds none."""
        ...


class DossierLezer(Protocol):
    """What residents see. Only MAGDA tells; the REST service has no such question."""

    def get_dossiers(self, *, insz: str, bronnen: Sequence[str], referte: UUID) -> DossierLijst:
        """Return the dossiers of a resident, with the history of their status."""
        ...


class CodelijstBron(Protocol):
    """The owner's code lists. Only MAGDA gives them."""

    def get_codelijst(self, *, codetype: str, taal: str, referte: UUID) -> Sequence[Code]:
        """Return a list; empty when there is none under this name."""
        ...
