"""Compose the woningbeeld of dwellings from their values and the state of every source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from hub.database import fetch_all
from hub.woning.beeld import BRONNEN, Bronstand, Waarde, Woningbeeld

_PATH = "intermediate/compose_woningbeelden"


def compose_woningbeelden(
    connection: Connection, woning_ids: Sequence[UUID]
) -> Mapping[UUID, Woningbeeld]:
    """Return the woningbeeld of each dwelling; a source that was never asked is shown as such."""
    ids = list(woning_ids)
    waarden: dict[UUID, dict[str, list[Waarde]]] = defaultdict(lambda: defaultdict(list))
    for row in fetch_all(connection, _PATH, "gegevens", woning_ids=ids):
        woning_id = row.pop("woning_id")
        waarden[woning_id][row["veld"]].append(Waarde(**row))
    standen: dict[UUID, dict[str, Bronstand]] = defaultdict(dict)
    for name in ("bronstanden", "found"):
        for row in fetch_all(connection, _PATH, name, woning_ids=ids):
            woning_id = row.pop("woning_id")
            standen[woning_id][row["bron"]] = Bronstand(**row)
    never = {
        bron: Bronstand(bron, "niet_gevraagd", None, "Deze bron werd nog niet bevraagd.")
        for bron in BRONNEN
    }
    return {
        woning_id: Woningbeeld(
            woning_id,
            {
                veld: tuple(sorted(values, key=lambda waarde: waarde.onderdeel))
                for veld, values in sorted(waarden[woning_id].items())
            },
            never | standen[woning_id],
        )
        for woning_id in ids
    }
