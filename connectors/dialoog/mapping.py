"""From the facts of a dossier to an aanmelding at Dialoog: duurzaam bouwadvies and nothing else."""

from __future__ import annotations

from connectors.aanmelding.feiten import AanmeldingFeiten, make_aanmelding, refuse
from connectors.aanmelding.models import Aanmelding, Soort


def map_aanmelding(
    feiten: AanmeldingFeiten, soort: Soort = Soort.DUURZAAM_BOUWADVIES
) -> Aanmelding:
    """Make the aanmelding for Dialoog.

    Raises: ContractError when Dialoog does not do this, or names the field without which it
    cannot help.
    """
    if soort is not Soort.DUURZAAM_BOUWADVIES:
        raise refuse("dialoog", feiten, f"Dialoog does not do {soort}")
    return make_aanmelding(feiten, partner="dialoog", soort=soort)
