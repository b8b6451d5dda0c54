"""What the rows of the CRM are called for a resident; what is not here is not shown."""

from __future__ import annotations

STATUSSEN = {
    "afgesloten": "Uw dossier is afgesloten.",
    "geen_akkoord": "Wij hebben uw vraag. Zodra u akkoord gaat, starten wij uw dossier.",
    "open": "Uw dossier loopt.",
}

VOORTGANG = {
    "ontvangen": "Een partner heeft uw aanmelding ontvangen.",
    "ingepland": "Er is een afspraak met u gepland.",
    "plaatsbezoek": "Een adviseur is bij u langs geweest. U krijgt nog nieuws.",
    "advies_opgemaakt": "Uw advies is klaar. Uw consulent bespreekt het met u.",
    "afgerond": "Een partner is klaar met uw aanmelding.",
    "geweigerd": "Een partner kan u niet helpen. Uw consulent bekijkt met u wat wel kan.",
}

# Soort of a step: what it says while it is open, and when it is done; empty: nothing.
STAPPEN = {
    "vraag_geregistreerd": ("", "Wij hebben uw vraag ontvangen."),
    "dossier_gestart": ("", "Uw dossier is gestart."),
    "huisbezoek": ("Uw consulent komt bij u langs.", "Uw consulent is bij u langs geweest."),
    "dubo_advies_aangevraagd": ("", "Wij hebben een duurzaam bouwadvies gevraagd."),
    "dubo_advies_ontvangen": ("", "Uw duurzaam bouwadvies is klaar."),
    "renovatieplan_opgemaakt": ("", "Uw renovatieplan is klaar."),
    "renovatieplan_besproken": (
        "Uw consulent bespreekt het renovatieplan met u.",
        "Uw consulent heeft het renovatieplan met u besproken.",
    ),
    "afsprakennota": (
        "Lees de afsprakennota en onderteken ze.",
        "Wij hebben uw afsprakennota ontvangen.",
    ),
    "architect_nodig": ("Zoek een architect voor uw werken.", "U hebt een architect."),
    "omgevingsvergunning": (
        "Vraag een omgevingsvergunning aan.",
        "Uw omgevingsvergunning is in orde.",
    ),
    "inname_openbaar_domein": (
        "Vraag toestemming voor wat u op straat plaatst.",
        "U mag een stelling of container op straat plaatsen.",
    ),
    "offertes": ("Vraag offertes aan en bezorg ze ons.", "Wij hebben uw offertes ontvangen."),
    "advies_offertes": ("Uw consulent bekijkt uw offertes.", "U kreeg advies over uw offertes."),
    "opdracht_aannemer": ("", "U gaf de opdracht aan een aannemer."),
    "uitvoering": ("De werken aan uw woning starten.", "De werken aan uw woning zijn uitgevoerd."),
    "oplevering": ("Uw werken worden opgeleverd.", "Uw werken zijn opgeleverd."),
    "dossier_afgerond": ("", "Uw dossier is afgerond."),
    "dossier_stopgezet": ("", "Uw dossier is stopgezet."),
}

# What an application for a premie or a loan is called, and how it stands.
AANVRAGEN = {"premie": "Premie", "lening": "Lening"}
AANVRAAG_STANDEN = {
    "aangevraagd": "aangevraagd",
    "beslist_goed": "goedgekeurd",
    "beslist_geweigerd": "geweigerd",
    "betaald": "betaald",
    "ingetrokken": "ingetrokken",
}

# Soort of a document that is meant for the resident, and its name when it has no title.
DOCUMENTEN = {
    "afsprakennota": "Afsprakennota",
    "advies": "Advies",
    "renovatieplan": "Renovatieplan",
    "woningfiche": "Woningfiche",
}
