"""Resident i of a seed: the person, the question, the consents and what the CRM was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sandbox.stad import namen
from sandbox.stad.epcs import build_epcs
from sandbox.stad.gevallen import VAST, get_geval
from sandbox.stad.straten import GEMEENTE, ONBEKENDE_STRAAT
from sandbox.stad.woning import Woning, get_woning
from sandbox.stad.worp import draw, pick

_NAMESPACE = uuid5(NAMESPACE_URL, "https://sandbox.leuven.example/stad")
_EERSTE_VRAAG = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bewoner:
    """What the city knows about resident i of a seed. All times are UTC."""

    seed: int
    i: int
    geval: str
    dossiernummer: str
    voornaam: str
    naam: str
    insz: str | None = field(repr=False)
    email: str | None
    telefoon: str | None
    contact_voorkeur: str
    kanaal: str
    onderwerp: str
    tekst: str
    ontvangen_op: datetime
    consulent: str
    start_akkoord: bool
    straat: str
    huisnummer: str | None
    busnummer: str | None
    postcode: str | None
    gemeente: str
    getypt_bouwjaar: int | None
    zonder_profiel: bool
    toestemming_dialoog: bool
    toestemming_tot: datetime | None
    igo: str | None
    toestemming_igo: bool
    woning: Woning = field(repr=False)

    def guid(self, kind: str) -> UUID:
        """Return the id of one of this resident's CRM rows."""
        return uuid5(_NAMESPACE, f"{self.seed}/{self.i}/{kind}")


def build_dossiernummer(seed: int, i: int) -> str:
    """Return the dossier number of resident i."""
    return f"RD-{seed:04d}-{i + 1:06d}"


def parse_dossiernummer(dossiernummer: str) -> tuple[int, int] | None:
    """Return (seed, i) of a dossier number, or None."""
    parts = dossiernummer.split("-")
    if len(parts) != 3 or parts[0] != "RD" or not (parts[1] + parts[2]).isdigit():
        return None
    return int(parts[1]), int(parts[2]) - 1


def build_tst_insz(birth: date, sequence: int) -> str:
    """Return a test number: month + 60, valid modulo 97 ("2" put before births from 2000)."""
    first = f"{birth:%y}{birth.month + 60:02d}{birth:%d}{sequence:03d}"
    prefix = "2" if birth.year >= 2000 else ""
    return f"{first}{97 - int(prefix + first) % 97:02d}"


def build_bewoner(seed: int, i: int) -> Bewoner:
    """Return resident i of a seed."""
    geval = get_geval(seed, i)
    woning = get_woning(i)
    adres = woning.adressen[woning.bewoond]
    worp = draw("bewoner", seed, i)
    if geval == "diakrieten":
        voornaam = namen.DIAKRIETEN_VOORNAMEN[worp % len(namen.DIAKRIETEN_VOORNAMEN)]
        naam = namen.DIAKRIETEN_FAMILIENAMEN[(worp >> 8) % len(namen.DIAKRIETEN_FAMILIENAMEN)]
    else:
        voornaam = namen.VOORNAMEN[worp % len(namen.VOORNAMEN)]
        naam = namen.FAMILIENAMEN[(worp >> 8) % len(namen.FAMILIENAMEN)]
    onderwerp, tekst = namen.VRAGEN[(worp >> 16) % len(namen.VRAGEN)]
    ontvangen = _EERSTE_VRAAG + timedelta(minutes=(worp >> 20) % (280 * 1440))
    verlopen = ontvangen + timedelta(hours=20)
    straat, huisnummer, busnummer = adres.straat.naam, adres.huisnummer, adres.busnummer
    postcode: str | None = adres.postcode
    gemeente = adres.straat.deelgemeente if (worp >> 40) % 2 else GEMEENTE
    if geval == "adres_onbekend":
        straat = ONBEKENDE_STRAAT
    elif geval == "adres_dubbelzinnig":
        postcode, gemeente = None, GEMEENTE
    elif geval == "appartement_zonder_bus":
        busnummer = None
    elif geval == "huisnummer_bus":
        huisnummer, busnummer = f"{huisnummer} bus {busnummer}", None
    elif geval == "crm_fout_postcode":
        postcode = adres.postcode[:2] + "O" + adres.postcode[3]
    elif geval == "crm_fout_huisnummer":
        huisnummer = ""
    elif geval == "crm_fout_gemeente":
        postcode, gemeente = "3300", "Tienen"
    return Bewoner(
        seed=seed,
        i=i,
        geval=geval,
        dossiernummer=build_dossiernummer(seed, i),
        voornaam=voornaam,
        naam=naam,
        insz=_insz(seed, i, geval),
        email=f"bewoner{i + 1}.s{seed}@voorbeeld.example" if worp % 10 else None,
        telefoon=f"+32 470 00 {i // 100 % 100:02d} {i % 100:02d}" if worp % 3 else None,
        contact_voorkeur=pick(("mijnburgerprofiel", "mail", "telefoon"), "voorkeur", seed, i),
        kanaal=pick(("webformulier", "mail", "telefoon", "loket"), "kanaal", seed, i),
        onderwerp=onderwerp,
        tekst=tekst,
        ontvangen_op=ontvangen,
        consulent=f"consulent-{1 + (worp >> 44) % 8:02d}",
        start_akkoord=geval != "geen_start",
        straat=straat,
        huisnummer=huisnummer or None,
        busnummer=busnummer,
        postcode=postcode,
        gemeente=gemeente,
        getypt_bouwjaar=_typed_year(woning) if geval == "typed_value" else None,
        zonder_profiel=geval == "crm_fout_profiel",
        toestemming_dialoog=geval != "geen_toestemming",
        toestemming_tot=verlopen if geval == "toestemming_verlopen" else None,
        igo=_igo(geval, i),
        toestemming_igo=i % 4 != 3,
        woning=woning,
    )


def _insz(seed: int, i: int, geval: str) -> str | None:
    if geval == "geen_insz":
        return None
    birth = date(1945, 1, 3) + timedelta(days=(i * 7919 + seed * 131) % 22_000)
    insz = build_tst_insz(birth, 1 + (seed * 31 + i // 22_000) % 997)
    if geval == "crm_fout_insz":
        return insz[:9] + f"{(int(insz[9:]) + 12) % 97:02d}"
    return insz


def _igo(geval: str, i: int) -> str | None:
    """Return what the resident also asks of IGO, if anything; the hard cases ask one thing."""
    if geval != "normal" or i < len(VAST) - 1 or i % 3:
        return None
    return "renovatiebegeleiding" if i % 2 == 0 else "energielening"


def _typed_year(woning: Woning) -> int:
    epcs = build_epcs(woning, woning.eenheden[woning.bewoond])
    known = epcs[-1].bouwjaar if epcs else None
    return (known or 1962) - 7
