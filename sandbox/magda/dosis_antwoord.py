"""How the services of DOSIS write what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.magda.dosis import CODES, Bewijs
from sandbox.magda.xml import Element, make, wrap, write_moment

# The code lists of this world, by their names. How the owner names them is not known.
CODETYPES = ("DossierStatusFase", "DossierStatusCode")


def write_resultaat(bewijs: Bewijs) -> Element:
    """Write the receipt of an upload."""
    return make("Inhoud", None, _write("ResultaatRegistratie", bewijs))


def write_failed(failed: Sequence[Bewijs]) -> Element:
    """Write the uploads that failed; at least one."""
    lines = (_write("UitzonderingenRegistratie", one) for one in failed)
    return make("Inhoud", None, make("UitzonderingenRegistraties", None, *lines))


def write_codelijst(codetype: str) -> Element | None:
    """Write a code list; None when there is none of that name."""
    if codetype not in CODETYPES:
        return None
    codes = list(CODES)
    if codetype == CODETYPES[1]:
        codes = list(dict.fromkeys(code for found in CODES.values() for code in found))
    lines = (
        make("CodeType", None, make("Code", code), make("Omschrijving", _describe(code)))
        for code in codes
    )
    return make("Inhoud", None, make("CodeLijst", None, *lines))


def _write(tag: str, bewijs: Bewijs) -> Element:
    fouten = bewijs.fouten
    key = make("Bron", bewijs.bron), make("Dossiernummer", bewijs.dossiernummer)
    return make(
        tag,
        None,
        make("Resultaat", 0 if fouten else 1, Beschrijving="NOK" if fouten else "OK"),
        make("Identificatie", None, *key),
        make("TijdstipVerwerking", write_moment(bewijs.tijdstip)),
        wrap("Fouten", (make("Fout", None, make("Omschrijving", fout)) for fout in fouten)),
    )


def _describe(code: str) -> str:
    """Turn ``InBehandeling`` into "In behandeling"."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in code)
    return words.strip().capitalize()
