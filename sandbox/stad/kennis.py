"""What the world knows about one resident, told to tests."""

from __future__ import annotations

from typing import Any

from sandbox.stad.bewoner import Bewoner
from sandbox.stad.city import City
from sandbox.stad.epcs import EpcFact
from sandbox.stad.omgeving import describe_omgeving
from sandbox.stad.vlakken import build_capakey


def describe_bewoner(city: City, bewoner: Bewoner) -> dict[str, Any]:
    """Return the case and the truth behind it: CRM ids, dwelling, EPCs."""
    woning = bewoner.woning
    adres = woning.adressen[woning.bewoond]
    eenheid = woning.eenheden[woning.bewoond] if woning.eenheden else None
    epcs = city.epcs_for_gebouweenheid(eenheid.gebouweenheid_id) if eenheid else ()
    return {
        "geval": bewoner.geval,
        "dossiernummer": bewoner.dossiernummer,
        "seed": bewoner.seed,
        "i": bewoner.i,
        "crm": {
            kind: str(bewoner.guid(kind))
            for kind in ("profiel", "vraag", "dossier", "aanmelding", "toestemming")
        },
        "start_akkoord": bewoner.start_akkoord,
        "toestemming_dialoog": bewoner.toestemming_dialoog and bewoner.toestemming_tot is None,
        "igo": bewoner.igo,
        "toestemming_igo": bewoner.igo is not None and bewoner.toestemming_igo,
        "heeft_insz": bewoner.insz is not None,
        "getypt_bouwjaar": bewoner.getypt_bouwjaar,
        "adres": {
            "adres_id": str(adres.adres_id),
            "straat": adres.straat.naam,
            "huisnummer": adres.huisnummer,
            "busnummer": adres.busnummer,
            "postcode": adres.postcode,
            "deelgemeente": adres.straat.deelgemeente,
            "verwijderd": adres.verwijderd,
        },
        "gebouweenheid_id": str(eenheid.gebouweenheid_id) if eenheid else None,
        "gebouw_id": str(eenheid.gebouw_id) if eenheid else None,
        "capakey": build_capakey(woning.i),
        "epcs": [_describe_epc(epc) for epc in epcs],
        "omgeving": describe_omgeving(woning.i),
    }


def _describe_epc(epc: EpcFact) -> dict[str, Any]:
    return {
        "attestnummer": epc.attestnummer,
        "kengetal": str(epc.kengetal),
        "label": epc.label,
        "bouwjaar": epc.bouwjaar,
        "status": epc.status,
        "datum_ingediend": epc.datum_ingediend.isoformat(),
        "datum_geldigheid": epc.datum_geldigheid.isoformat(),
        "adres_id": str(epc.adres_id),
        "gebouweenheid_ids": [str(number) for number in epc.gebouweenheid_ids],
        "gebouwtype": epc.gebouwtype,
        "bouwvorm": epc.bouwvorm,
        "bestemming": epc.bestemming,
        "beschermd_volume": str(epc.beschermd_volume),
        "bruto_vloeroppervlakte": str(epc.bruto_vloeroppervlakte),
    }
