"""Puts residents in the CRM: profiel, vraag, dossier, aanmelding and toestemming of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.crm.schema import PER_NAAM, Tabel, format_moment
from sandbox.stad.bewoner import Bewoner, build_bewoner

if TYPE_CHECKING:
    from sandbox.world import World

Row = tuple[Tabel, str, dict[str, Any]]


def insert_residents(world: World, seed: int, numbers: range) -> None:
    """Insert the rows of these residents as sets; call inside ``world.rijen.write()``."""
    rows = [row for i in numbers for row in _rows(build_bewoner(seed, i))]
    world.rijen.save_many(rows)


def _rows(bewoner: Bewoner) -> Iterator[Row]:
    profiel, vraag = str(bewoner.guid("profiel")), str(bewoner.guid("vraag"))
    dossier = str(bewoner.guid("dossier"))
    asked = format_moment(bewoner.ontvangen_op)
    agreed = format_moment(bewoner.ontvangen_op + timedelta(hours=2))
    stamp = {"createdon": asked, "modifiedby": bewoner.consulent}
    yield (
        PER_NAAM["profiel"],
        profiel,
        {
            "rh_voornaam": bewoner.voornaam,
            "rh_naam": bewoner.naam,
            "rh_insz": bewoner.insz,
            "rh_email": bewoner.email,
            "rh_telefoon": bewoner.telefoon,
            "rh_contactvoorkeur": bewoner.contact_voorkeur,
            **stamp,
        },
    )
    yield (
        PER_NAAM["vraag"],
        vraag,
        {
            "_rh_profiel_value": profiel,
            "rh_kanaal": bewoner.kanaal,
            "rh_onderwerp": bewoner.onderwerp,
            "rh_tekst": bewoner.tekst,
            "rh_ontvangenop": asked,
            **stamp,
        },
    )
    yield (
        PER_NAAM["dossier"],
        dossier,
        {
            "rh_dossiernummer": bewoner.dossiernummer,
            "_rh_profiel_value": None if bewoner.zonder_profiel else profiel,
            "_rh_vraag_value": vraag,
            "rh_status": "open",
            "rh_startakkoord": bewoner.start_akkoord,
            "rh_startakkoordop": agreed if bewoner.start_akkoord else None,
            "rh_consulent": bewoner.consulent,
            "rh_straat": bewoner.straat,
            "rh_huisnummer": bewoner.huisnummer,
            "rh_busnummer": bewoner.busnummer,
            "rh_postcode": bewoner.postcode,
            "rh_gemeente": bewoner.gemeente,
            "rh_bouwjaar": bewoner.getypt_bouwjaar,
            **stamp,
        },
    )
    yield (
        PER_NAAM["aanmelding"],
        str(bewoner.guid("aanmelding")),
        {
            "_rh_dossier_value": dossier,
            "rh_soort": "duurzaam_bouwadvies",
            "rh_partner": "dialoog",
            "rh_volgnummer": 1,
            "rh_status": "aangevraagd",
            **stamp,
        },
    )
    # Who did not agree to Dialoog did agree to something else: another purpose is no consent.
    consent = ("duurzaam_bouwadvies", "dialoog")
    if not bewoner.toestemming_dialoog:
        consent = ("energielening", "igo")
    until = bewoner.toestemming_tot
    yield (
        PER_NAAM["toestemming"],
        str(bewoner.guid("toestemming")),
        {
            "_rh_profiel_value": profiel,
            "rh_doel": consent[0],
            "rh_ontvanger": consent[1],
            "rh_van": asked,
            "rh_tot": format_moment(until) if until else None,
            **stamp,
        },
    )
    if bewoner.igo is not None:
        yield from _igo_rows(bewoner, bewoner.igo, stamp)


def _igo_rows(bewoner: Bewoner, soort: str, stamp: dict[str, Any]) -> Iterator[Row]:
    """Give what the resident also asks of IGO, and the consent for it when it was given."""
    yield (
        PER_NAAM["aanmelding"],
        str(bewoner.guid("aanmelding igo")),
        {
            "_rh_dossier_value": str(bewoner.guid("dossier")),
            "rh_soort": soort,
            "rh_partner": "igo",
            "rh_volgnummer": 2,
            "rh_status": "aangevraagd",
            **stamp,
        },
    )
    if bewoner.toestemming_igo:
        yield (
            PER_NAAM["toestemming"],
            str(bewoner.guid("toestemming igo")),
            {
                "_rh_profiel_value": str(bewoner.guid("profiel")),
                "rh_doel": soort,
                "rh_ontvanger": "igo",
                "rh_van": stamp["createdon"],
                "rh_tot": None,
                **stamp,
            },
        )
