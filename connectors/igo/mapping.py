"""From the facts of a dossier to an aanmelding at IGO: begeleiding, or a loan as energiehuis."""

from __future__ import annotations

from connectors.aanmelding.feiten import AanmeldingFeiten, make_aanmelding, refuse
from connectors.aanmelding.models import Aanmelding, Soort

SOORTEN = (Soort.RENOVATIEBEGELEIDING, Soort.ENERGIELENING)


def map_aanmelding(feiten: AanmeldingFeiten, soort: Soort) -> Aanmelding:
    """Make the aanmelding for IGO.

    Raises: ContractError when IGO does not do this, or names the field without which it cannot
    help.
    """
    if soort not in SOORTEN:
        raise refuse("igo", feiten, f"IGO does not do {soort}")
    return make_aanmelding(feiten, partner="igo", soort=soort)
