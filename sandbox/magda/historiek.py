"""GeefDossiers 02.00: the history of a resident's dossiers, as the portal reads it.

Written as the owner's sample writes it: moments in Belgian wall-clock time without offset, whole
seconds; the dossier's own moment on every line is that of its last upload.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from sandbox.magda.dosis import Upload
from sandbox.magda.xml import BRUSSELS, Element, Vraag, make, need, read_dienst

DOSSIERS = read_dienst(
    "dosis",
    "GeefDossiers",
    "02.00.0000",
    "dossier-02_00.vip.vlaanderen.be",
    "GeefDossiers",
    "mijnburgerprofiel/dosis/contract/geefdossiers.xsd",
)


def read_criteria(vraag: Vraag) -> tuple[str, tuple[str, ...]]:
    """Return the INSZ and the sources asked for; no sources means all."""
    criteria = need(vraag.inhoud, "Criteria")
    bronnen = tuple(str(one.text) for one in criteria.iterfind("Bronnen/Bron"))
    return str(criteria.findtext("INSZ")), bronnen


def write_inhoud(uploads: Sequence[Upload]) -> Element | None:
    """Write the content of an answer, one mutation per upload; None without any."""
    per_dossier: dict[tuple[str, str], list[Element]] = {}
    for upload in uploads:
        mutaties = per_dossier.setdefault((upload.bron, upload.dossiernummer), [])
        mutaties.append(_write_mutatie(upload))
    if not per_dossier:
        return None
    for mutaties in per_dossier.values():
        last = mutaties[-1].findtext("DatumModificatie")
        for mutatie in mutaties:
            moment = mutatie.find("DatumModificatie")
            if moment is not None and last is not None:
                moment.text = last
    dossiers = (
        make("Dossier", None, make("DossierMutaties", None, *mutaties))
        for mutaties in per_dossier.values()
    )
    return make("Inhoud", None, make("Dossiers", None, *dossiers))


def _write_mutatie(upload: Upload) -> Element:
    mutatie = need(etree.fromstring(upload.inhoud.encode()), ".//Vraag/Inhoud/Dossier")
    mutatie.tag, mutatie.tail = "DossierMutatie", None
    for moment in mutatie.iter("DatumModificatie", "StreefDatum"):
        moment.text = _wall_clock(str(moment.text))
    begin = mutatie.findtext("Status/DatumModificatie") or _wall_clock(upload.ontvangen_op)
    datum, _, tijd = begin.partition("T")
    start = make("Begin", None, make("Datum", datum), make("Tijd", tijd))
    mutatie.append(make("Periode", None, start))
    return mutatie


def _wall_clock(text: str) -> str:
    moment = datetime.fromisoformat(text)
    local = moment.astimezone(BRUSSELS) if moment.tzinfo is not None else moment
    return local.replace(tzinfo=None).isoformat(timespec="seconds")
