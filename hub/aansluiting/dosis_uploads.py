"""The ledger beside the uploads that DOSIS says it could not process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID, uuid4

from sqlalchemy import Engine

from connectors.mijnburgerprofiel.dosis import MislukteRegistratie
from hub.aansluiting.verschillen import (
    Aansluiting,
    begin,
    conclude,
    note_incomplete,
    run_statements,
)
from hub.database import copy_rows

SOORTEN: Final = ("dosis_upload_mislukt",)
_PATH: Final = "ops/aansluiting_dosis_uploads"


class UploadSource(Protocol):
    """The part of either road that comparing needs."""

    def list_uitzonderingen(self, *, bron: str, referte: UUID) -> Sequence[MislukteRegistratie]: ...


def compare_uploads(
    engine: Engine, dosis: UploadSource, *, bron: str, alone: bool = False
) -> Aansluiting:
    """Ask for every failed upload of our source; one that the ledger does not know is an incident.

    It is known once a message of its dossier was settled after it: a later word stands. With
    ``alone`` nothing else is compared with DOSIS (over REST nobody is told what residents see), and
    an incident says so.

    Raises: the error family of `connectors.transport.errors`.
    """
    with engine.begin() as connection:
        begin(connection)
        failed = dosis.list_uitzonderingen(bron=bron, referte=uuid4())
        run_statements(connection, _PATH, "create_failed")
        copied = copy_rows(connection, _PATH, _rows(failed), "copy_failed")
        run_statements(connection, _PATH, "compare")
        if not alone:
            return conclude(connection, "dosis", SOORTEN, vergeleken=copied, over=["dosis"])
        note_incomplete(
            connection,
            "dosis",
            "DOSIS is verbonden over REST, en zegt zo niet wat bewoners zien: de hub vergelijkt "
            "alleen de mislukte uploads.",
            "Geef de verbinding ook een MAGDA-verbinding om te lezen (veld magda_verbinding), of "
            "aanvaard dit verschil.",
        )
        return conclude(connection, "dosis", SOORTEN, vergeleken=copied)


def _rows(failed: Sequence[MislukteRegistratie]) -> Iterator[tuple[str, datetime]]:
    for one in failed:
        # Without dossier or moment nobody could look it up.
        if one.dossiernummer is not None and one.tijdstip is not None:
            yield one.dossiernummer, one.tijdstip
