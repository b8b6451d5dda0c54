"""The tables of the CRM, their columns and what a value of each kind may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

MEMO = 1_048_576
DOCUMENT = 44_000_000


@dataclass(frozen=True, slots=True)
class Kolom:
    """One column. ``naam`` is the name rows carry, ``bind`` how a lookup is written."""

    naam: str
    soort: str
    tabel: str | None = None
    lengte: int = 400
    keuzes: tuple[str, ...] = ()

    @property
    def bind(self) -> str:
        """``rh_profiel@odata.bind`` for the lookup ``_rh_profiel_value``."""
        return f"{self.naam[1:-6]}@odata.bind"


@dataclass(frozen=True, slots=True)
class Tabel:
    """One table: entity set, primary key, alternate key if any, and its columns by name."""

    naam: str
    set: str
    key: str
    alternate: str | None
    kolommen: dict[str, Kolom]
    binds: dict[str, Kolom]

    @property
    def lookups(self) -> list[Kolom]:
        """The lookup columns."""
        return list(self.binds.values())


class ColumnError(ValueError):
    """A value does not fit its column. ``code`` is Dataverse's."""

    def __init__(self, message: str, code: str = "0x80048d19") -> None:
        super().__init__(message)
        self.code = code


def _text(*namen: str, lengte: int = 400) -> list[Kolom]:
    return [Kolom(f"rh_{naam}", "text", lengte=lengte) for naam in namen]


def _choice(naam: str, *keuzes: str) -> Kolom:
    return Kolom(f"rh_{naam}", "text", keuzes=keuzes)


def _of(soort: str, *namen: str) -> list[Kolom]:
    return [Kolom(f"rh_{naam}", soort) for naam in namen]


def _lookup(naam: str) -> Kolom:
    return Kolom(f"_rh_{naam}_value", "lookup", tabel=naam)


_DOELEN = (
    "duurzaam_bouwadvies", "renovatiebegeleiding", "energielening", "advies_erfgoed",
    "advies_wonen", "advies_ro_milieu",
)  # fmt: skip
_PARTNERS = (
    "dialoog", "igo", "minder_meer", "stad_begeleiding", "stad_erfgoed", "stad_wonen",
    "stad_ro_milieu",
)  # fmt: skip


def _table(naam: str, meervoud: str, alternate: str | None, *kolommen: Kolom) -> Tabel:
    system = [
        Kolom("createdon", "system"),
        Kolom("modifiedon", "system"),
        Kolom("modifiedby", "system"),
    ]
    key = Kolom(f"rh_{naam}id", "key")
    return Tabel(
        naam=naam,
        set=f"rh_{meervoud}",
        key=key.naam,
        alternate=alternate,
        kolommen={k.naam: k for k in (key, *kolommen, *system)},
        binds={k.bind: k for k in kolommen if k.soort == "lookup"},
    )


TABELLEN: tuple[Tabel, ...] = (
    _table(
        "profiel", "profielen", None,
        *_text("voornaam", "naam", "insz", "email", "telefoon", lengte=200),
        _choice("contactvoorkeur", "mijnburgerprofiel", "mail", "telefoon", "geen"),
    ),
    _table(
        "vraag", "vragen", None, _lookup("profiel"),
        _choice("kanaal", "webformulier", "mail", "telefoon", "loket"),
        *_text("onderwerp"), *_text("tekst", lengte=MEMO), *_of("datetime", "ontvangenop"),
    ),
    _table(
        "dossier", "dossiers", "rh_dossiernummer",
        *_text("dossiernummer", lengte=50), _lookup("profiel"), _lookup("vraag"),
        _choice("status", "open", "afgesloten"), *_of("bool", "startakkoord"),
        *_of("datetime", "startakkoordop"),
        *_text("consulent", "straat", "huisnummer", "busnummer", "postcode", "gemeente",
               "adresid", "gebouweenheidid", "gebouwid", "adresstatus", "epcattestnummer",
               "epclabel"),
        *_of("decimal", "epckengetal"), *_of("date", "epcgeldigtot"), *_of("int", "bouwjaar"),
        *_text("gebouwtype", "bouwvorm", "bestemming"),
        *_of("decimal", "beschermdvolume", "brutovloeroppervlakte"),
        *_text("renovatieplicht", "perceelid", "erfgoedstatus", "vergunninglaatste", "bodemstatus",
               "overstromingpluviaal", "overstromingfluviaal", "overstromingvanuitdezee"),
        *_of("int", "vergunningenaantal"), *_text("voortgang"),
    ),
    _table(
        "stap", "stappen", "rh_sleutel", *_text("sleutel"), _lookup("dossier"), *_text("soort"),
        _choice("status", "open", "gedaan"), *_text("omschrijving", lengte=MEMO),
        *_of("date", "vervaldatum"), *_text("keuze"),
        *_of("datetime", "gebeurdop"), *_text("uitvoerder"),
    ),
    _table(
        "aanvraag", "aanvragen", "rh_nummer", *_text("nummer", lengte=50), _lookup("dossier"),
        _choice("soort", "premie", "lening"), *_text("regeling", lengte=100),
        _choice("status", "aangevraagd", "beslist_goed", "beslist_geweigerd", "betaald",
                "ingetrokken"),
        *_of("datetime", "aangevraagdop", "beslistop", "betaaldop"), *_of("decimal", "bedrag"),
    ),
    _table(
        "toestemming", "toestemmingen", None, _lookup("profiel"), _choice("doel", *_DOELEN),
        _choice("ontvanger", *_PARTNERS), *_of("datetime", "van", "tot"),
    ),
    _table(
        "document", "documenten", "rh_sleutel", *_text("sleutel"), _lookup("dossier"),
        *_text("soort", "titel", "mimetype"), *_text("inhoud", lengte=DOCUMENT),
        *_text("sha256", lengte=64),
    ),
    _table(
        "aanmelding", "aanmeldingen", None, _lookup("dossier"), _choice("soort", *_DOELEN),
        _choice("partner", *_PARTNERS), *_of("int", "volgnummer"), *_text("status"),
        *_of("datetime", "verzondenop"), *_text("ontvangst"),
        *_text("voortgang"), *_of("datetime", "voortgangop"), *_text("adviessoort", "adviseur"),
    ),
    _table(
        "gegeven", "gegevens", "rh_sleutel", *_text("sleutel"), _lookup("dossier"),
        *_text("veld"), *_text("waarde", lengte=MEMO),
        *_text("bron", "bronobject", "bronversie"), *_of("datetime", "opgehaaldop"),
        *_of("date", "geldigtot"), *_of("bool", "afgeleid"),
        *_text("suggestie", lengte=MEMO), _choice("beslissing", "aanvaard", "verworpen"),
    ),
)  # fmt: skip

PER_SET = {tabel.set: tabel for tabel in TABELLEN}
PER_NAAM = {tabel.naam: tabel for tabel in TABELLEN}

_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_FRACTION = re.compile(r"\.\d+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)\Z")


def format_moment(moment: datetime) -> str:
    """Write a moment as the service does: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_guid(text: str) -> str | None:
    """Return a guid in lower case, or None when the text is none."""
    try:
        guid = str(UUID(text))
    except ValueError:
        return None
    return guid if guid == text.lower() else None


def check_value(kolom: Kolom, value: Any) -> Any:
    """Return the value as it is stored.

    Raises:
        ColumnError: it is not a value of the column's kind.
    """
    if value is None:
        return None
    match kolom.soort:
        case "text" if isinstance(value, str):
            return _check_text(kolom, value)
        case "bool" if isinstance(value, bool):
            return value
        case "int" if isinstance(value, int) and not isinstance(value, bool):
            if abs(value) <= 2_147_483_647:
                return value
        case "decimal" if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) <= 100_000_000_000:
                return value
        case "date" if isinstance(value, str) and _DATE.match(value):
            return _check_date(kolom, value)
        case "datetime" if isinstance(value, str) and _MOMENT.match(value):
            return _check_moment(kolom, value)
        case _:
            pass
    raise ColumnError(
        f"Error identified in Payload provided by the user for Entity, for parameter "
        f"'{kolom.naam}': cannot convert the literal to the expected type '{kolom.soort}'."
    )


def _check_text(kolom: Kolom, value: str) -> str:
    if len(value) > kolom.lengte:
        raise ColumnError(
            f"A validation error occurred. The length of the '{kolom.naam}' attribute exceeded the "
            f"maximum allowed length of '{kolom.lengte}'.",
            "0x80044331",
        )
    if kolom.keuzes and value not in kolom.keuzes:
        raise ColumnError(
            f"A validation error occurred. The value of '{kolom.naam}' is outside the valid range.",
            "0x80048408",
        )
    return value


def _check_date(kolom: Kolom, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ColumnError(f"'{kolom.naam}' is not a date.") from error


def _check_moment(kolom: Kolom, value: str) -> str:
    try:
        moment = datetime.fromisoformat(_FRACTION.sub("", value))
        return value if len(value) == 20 else format_moment(moment)
    except ValueError as error:
        raise ColumnError(f"'{kolom.naam}' is not a moment in time.") from error
