"""DOSIS 02.00: registrations are accepted now, processed later, and answered by a receipt.

The facts do not say how the SOAP service tells that an upload was not processed yet, nor
whether it recognises a repeat. Here: exception 30001 until then, and every accepted upload is
one more mutation of the dossier's history, so that a client that sends twice shows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from sandbox.magda.xml import Dienst, Element, need, read_dienst
from sandbox.state import State

_DOMEIN = "dossier-02_00.vip.vlaanderen.be"
REGISTREER = read_dienst(
    "dosis",
    "RegistreerDossier",
    "02.00.0000",
    _DOMEIN,
    "RegistreerDossier",
    "mijnburgerprofiel/dosis/contract/registreerdossier.xsd",
)
RESULTAAT = read_dienst(
    "dosis",
    "GeefResultaatRegistratie",
    "02.00.0000",
    _DOMEIN,
    "GeefResultaatRegistratie",
    "mijnburgerprofiel/dosis/contract/geefresultaatregistratie.xsd",
)


def _read(naam: str) -> Dienst:
    schema = f"mijnburgerprofiel/dosis/contract/{naam.lower()}.xsd"
    return read_dienst("dosis", naam, "02.00.0000", _DOMEIN, naam, schema)


UITZONDERINGEN = _read("GeefUitzonderingenRegistraties")
VERWIJDER = _read("VerwijderDossier")
CODELIJST = _read("GeefCodeLijst")

# Phases with their codes, from the owner's test data.
CODES: dict[str, tuple[str, ...]] = {
    "Samenstelling": ("Geinitieerd", "Aangevraagd", "Ingediend"),
    "Behandeling": (
        "DossierOnvolledig",
        "DossierVolledig",
        "Ontvankelijk",
        "OnOntvankelijk",
        "InBehandeling",
        "KlaarVoorBeslissing",
    ),
    "Beslissing": (
        "InWacht",
        "Beslist",
        "Goedgekeurd",
        "Stopgezet",
        "Stopzetting",
        "Geweigerd",
    ),
    "Uitvoering": ("KlaarVoorBetaling", "Betaald", "DeelsUitbetaald", "Uitgevoerd"),
    "Afgerond": ("ErkendVergund", "DeelsGoedgekeurd", "Goedgekeurd", "Beslist"),
}
# The catalogue of this world: these product numbers exist.
PRODUCTEN = range(1, 30_000)

_DDL = """
CREATE TABLE IF NOT EXISTS dosis_mutatie (
    id INTEGER PRIMARY KEY, bron TEXT NOT NULL, dossiernummer TEXT NOT NULL,
    referte TEXT NOT NULL, insz TEXT NOT NULL, fase TEXT, code TEXT, detail TEXT,
    ontvangen_op TEXT NOT NULL, verwerkt_vanaf REAL NOT NULL, fouten TEXT NOT NULL,
    inhoud TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS dosis_mutatie_dossier ON dosis_mutatie (bron, dossiernummer, id);
CREATE INDEX IF NOT EXISTS dosis_mutatie_insz ON dosis_mutatie (insz, id);
CREATE TABLE IF NOT EXISTS dosis_upload (
    id INTEGER PRIMARY KEY, upload_id TEXT NOT NULL, mutatie_id INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS dosis_upload_naam ON dosis_upload (upload_id);
"""


@dataclass(frozen=True, slots=True)
class Mutatie:
    """One upload of a dossier as the resident's portal would keep it."""

    fase: str
    code: str
    detail: str | None
    insz: str
    fouten: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bewijs:
    """The receipt of an upload: when it was processed (UTC), and what was wrong with it."""

    bron: str
    dossiernummer: str
    tijdstip: datetime
    fouten: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """A processed upload: its dossier, when it came in (ISO 8601), and the message as it came."""

    bron: str
    dossiernummer: str
    ontvangen_op: str
    inhoud: str


class Dossiers:
    """What DOSIS holds: every upload of every dossier, in order, over a restart."""

    def __init__(self, state: State) -> None:
        self._state = state
        state.create(_DDL)

    def add(
        self,
        dossier: Element,
        referte: str,
        inhoud: str,
        processing: Mapping[str, Any],
        upload_id: str | None = None,
    ) -> tuple[str, str, bool]:
        """Store an upload; return source, dossier number and whether it will be shown.

        ``processing`` has the settings ``verwerkingstijd`` and ``verwerkingsfout``: how long
        processing takes, and what it then finds wrong. Call inside ``state.write()``.
        """
        mutatie = read_mutatie(dossier)
        ordered = processing["verwerkingsfout"]
        fouten = [*mutatie.fouten, *([ordered] if ordered else [])]
        bron, nummer = read_identificatie(need(dossier, "Identificatie"))
        cursor = self._state.execute(
            "INSERT INTO dosis_mutatie (bron, dossiernummer, referte, insz, fase, code, detail,"
            " ontvangen_op, verwerkt_vanaf, fouten, inhoud)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                bron, nummer, referte, mutatie.insz, mutatie.fase, mutatie.code,
                mutatie.detail, datetime.now(UTC).isoformat(timespec="milliseconds"),
                time.time() + processing["verwerkingstijd"], json.dumps(fouten), inhoud,
            ),
        )  # fmt: skip
        if upload_id is not None:
            self._state.execute(
                "INSERT INTO dosis_upload (upload_id, mutatie_id) VALUES (?, ?)",
                (upload_id, cursor.lastrowid),
            )
        return bron, nummer, not fouten

    def find_upload(self, upload_id: str) -> Bewijs | None:
        """Return the receipt of the last upload under this name; None before it was processed."""
        rows = self._state.query(
            "SELECT bron, dossiernummer, verwerkt_vanaf, fouten FROM dosis_mutatie"
            " JOIN dosis_upload ON dosis_upload.mutatie_id = dosis_mutatie.id"
            " WHERE dosis_upload.upload_id = ? AND verwerkt_vanaf <= ?"
            " ORDER BY dosis_upload.id DESC LIMIT 1",
            (upload_id, time.time()),
        )
        return _bewijs(rows[0]) if rows else None

    def find_last(self, bron: str, nummer: str) -> Bewijs | None:
        """Return the receipt of a dossier's last upload; None before it was processed."""
        rows = self._state.query(
            "SELECT bron, dossiernummer, verwerkt_vanaf, fouten FROM dosis_mutatie"
            " WHERE bron = ? AND dossiernummer = ? ORDER BY id DESC LIMIT 1",
            (bron, nummer),
        )
        return _bewijs(rows[0]) if rows and rows[0][2] <= time.time() else None

    def list_failed(self, bron: str) -> list[Bewijs]:
        """Return the uploads of a source that failed in processing, oldest first."""
        rows = self._state.query(
            "SELECT bron, dossiernummer, verwerkt_vanaf, fouten FROM dosis_mutatie"
            " WHERE bron = ? AND fouten <> '[]' AND verwerkt_vanaf <= ? ORDER BY id",
            (bron, time.time()),
        )
        return [_bewijs(row) for row in rows]

    def remove(self, bron: str, nummer: str) -> bool:
        """Remove a dossier with its history; tell whether there was one."""
        cursor = self._state.execute(
            "DELETE FROM dosis_mutatie WHERE bron = ? AND dossiernummer = ?", (bron, nummer)
        )
        return cursor.rowcount > 0

    def list_processed(self, insz: str, bronnen: Sequence[str]) -> list[Upload]:
        """Return the processed uploads without fault that a resident may read, oldest first."""
        rows = self._state.query(
            "SELECT bron, dossiernummer, ontvangen_op, inhoud FROM dosis_mutatie"
            " WHERE insz = ? AND fouten = '[]' AND verwerkt_vanaf <= ? ORDER BY id",
            (insz, time.time()),
        )
        return [Upload(*row) for row in rows if not bronnen or row[0] in bronnen]

    def list_shown(self) -> dict[str, dict[str, str | None]]:
        """Return by dossier number the status that its resident sees.

        Of each ``fase``, ``code``, ``detail`` and ``actie`` (what the resident must do).
        """
        rows = self._state.query(
            "SELECT dossiernummer, inhoud FROM dosis_mutatie WHERE id IN (SELECT max(id)"
            " FROM dosis_mutatie WHERE fouten = '[]' AND verwerkt_vanaf <= ?"
            " GROUP BY bron, dossiernummer)",
            (time.time(),),
        )
        return {nummer: _show(inhoud) for nummer, inhoud in rows}

    def list_links(self, since: str) -> dict[str, str | None]:
        """Return by dossier number where the status leads that its resident sees; None: nowhere.

        Only of statuses that came in from ``since`` on (UTC, ISO 8601 to the millisecond).
        """
        rows = self._state.query(
            "SELECT dossiernummer, inhoud FROM dosis_mutatie WHERE id IN (SELECT max(id)"
            " FROM dosis_mutatie WHERE fouten = '[]' AND verwerkt_vanaf <= ?"
            " GROUP BY bron, dossiernummer) AND ontvangen_op >= ? ORDER BY id",
            (time.time(), since),
        )
        return {
            nummer: etree.fromstring(inhoud.encode()).findtext(".//Doorverwijzing")
            for nummer, inhoud in rows
        }

    def lose(self, nummer: str, count: int) -> int:
        """Lose the last uploads of a dossier, as an owner may; return how many there were."""
        with self._state.write():
            cursor = self._state.execute(
                "DELETE FROM dosis_mutatie WHERE id IN (SELECT id FROM dosis_mutatie"
                " WHERE dossiernummer = ? ORDER BY id DESC LIMIT ?)",
                (nummer, count),
            )
        return cursor.rowcount


def _bewijs(row: tuple[Any, ...]) -> Bewijs:
    bron, nummer, moment, fouten = row
    return Bewijs(bron, nummer, datetime.fromtimestamp(moment, UTC), tuple(json.loads(fouten)))


def _show(inhoud: str) -> dict[str, str | None]:
    status = need(etree.fromstring(inhoud.encode()), ".//Vraag/Inhoud/Dossier/Status")
    paths = {
        "fase": "Fase",
        "code": "Code",
        "detail": "Details/Detail",
        "actie": "Actie/Omschrijving",
    }
    return {naam: status.findtext(path) for naam, path in paths.items()}


def read_identificatie(identificatie: Element) -> tuple[str, str]:
    """Return source and dossier number."""
    return str(identificatie.findtext("Bron")), str(identificatie.findtext("Dossiernummer"))


def read_mutatie(dossier: Element) -> Mutatie:
    """Read an upload and find what processing will hold against it."""
    fase = dossier.findtext("Status/Fase") or ""
    code = dossier.findtext("Status/Code") or ""
    fouten = []
    if fase not in CODES:
        fouten.append("De fase van de status is onbekend")
    elif code not in CODES[fase]:
        fouten.append("De code van de status hoort niet bij de fase")
    if dossier.findtext("Type") != "DossierStatus":
        fouten.append("Het type van het dossier is onbekend")
    producten = [int(one.text or 0) for one in dossier.iterfind("Producten/Product")]
    if len(producten) != 1 or producten[0] not in PRODUCTEN:
        fouten.append("Het product is onbekend of niet uniek")
    subjecten = dossier.findall("Subjecten/Subject")
    for subject in subjecten:
        if subject.findtext("Rol") != "Raadpleger" or subject.findtext("Type") != "PERS":
            fouten.append("Het subject is geen persoon met de rol Raadpleger")
        elif not is_insz(str(subject.findtext("Sleutel"))):
            fouten.append("De sleutel van het subject is geen geldig INSZ")
    return Mutatie(
        fase=fase,
        code=code,
        detail=dossier.findtext("Status/Details/Detail"),
        insz=str(subjecten[0].findtext("Sleutel")),
        fouten=tuple(fouten),
    )


def is_insz(text: str) -> bool:
    """Tell whether the check digits hold: 97 - (nine digits mod 97), "2" before from 2000."""
    if len(text) != 11 or not (text.isascii() and text.isdigit()):
        return False
    first, check = text[:9], int(text[9:])
    return check in (97 - int(first) % 97, 97 - int(f"2{first}") % 97)
