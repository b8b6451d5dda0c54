"""The hub's connection types, and the Dutch names that Airflow's interface gives their fields.

Airflow asks for this while it is still being imported: nothing here may import Airflow.
"""

from __future__ import annotations

from typing import Any

NAMES = {
    "hub_postgres": "Renovatiehub: databank",
    "crm_odata": "Renovatiehub: CRM (OData)",
    "basisregisters": "Renovatiehub: Basisregisters Vlaanderen",
    "magda": "Renovatiehub: MAGDA",
    "dosis_rest": "Renovatiehub: DOSIS (REST)",
    "aanmelding_partner": "Renovatiehub: aanmeldingspartner",
    "aanmelding_sftp": "Renovatiehub: aanmeldingspartner (bestanden, SFTP)",
    "notificaties": "Renovatiehub: Notificaties (Mijn Burgerprofiel)",
    "clamd": "Renovatiehub: viruskeuring (clamd)",
    "wms": "Renovatiehub: kaartdienst (WMS)",
    "wfs": "Renovatiehub: kaartdienst (WFS)",
}
_ADDRESS = {"host": "Adres (URL)"}
_TEXT = {"type": ["string", "null"]}
_OBJECT = {"type": ["object", "null"]}
_NUMBER = {"type": ["integer", "null"], "minimum": 1}
# How an application signs on at ACM; beside the client id in `login`.
_ACM = {
    "sleutelbestand": {"label": "ACM: bestand met de sleutel (PEM)", "schema": _TEXT},
    "sleutel_id": {"label": "ACM: id van de sleutel (kid)", "schema": _TEXT},
    "scopes": {"label": "ACM: scopes, met spaties ertussen", "schema": _TEXT},
    "token_url": {"label": "ACM: adres van het token-eindpunt", "schema": _TEXT},
    "audience": {"label": "ACM: audience van de assertion", "schema": _TEXT},
}


def _one_of(*values: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "enum": [*values, None]}


def get_provider_info() -> dict[str, Any]:
    """Tell Airflow the connection types, and under which names their fields are shown."""
    return {
        "package-name": "renovatiehub",
        "name": "Renovatiehub",
        "description": "Verbindingen van de Renovatiehub",
        "connection-types": [
            _connection_type(
                "hub_postgres",
                "HubPostgresHook",
                hidden=["extra"],
                labels={
                    "host": "Server",
                    "port": "Poort",
                    "schema": "Databank",
                    "login": "Rol",
                    "password": "Wachtwoord",
                },
            ),
            _connection_type(
                "crm_odata",
                "CrmHook",
                hidden=["port", "schema"],
                labels=_ADDRESS | {"login": "Client-id", "password": "Client secret"},
                fields={
                    "token_url": {"label": "Adres van het token-eindpunt", "schema": _TEXT},
                    "scope": {"label": "Scope", "schema": _TEXT},
                    "bladzijde": {"label": "Rijen per bladzijde", "schema": _NUMBER},
                },
            ),
            _connection_type(
                "basisregisters",
                "BasisregistersHook",
                hidden=["port", "schema", "login"],
                labels=_ADDRESS | {"password": "API-sleutel"},
                fields={
                    "wijzigingen_url": {"label": "Adres van de wijzigingen (v3)", "schema": _TEXT},
                    "grb_url": {"label": "Adres van het GRB (OGC API Features)", "schema": _TEXT},
                },
            ),
            _connection_type(
                "magda",
                "MagdaHook",
                hidden=["port", "schema", "login", "password"],
                labels=_ADDRESS,
                fields={
                    "afzender": {"label": "Identificatie van de afzender", "schema": _TEXT},
                    "naam": {"label": "Naam van de afzender", "schema": _TEXT},
                    "hoedanigheid": {"label": "Hoedanigheid", "schema": _TEXT},
                    "bron": {"label": "Bron (URI van de toepassing)", "schema": _TEXT},
                    "sleutelbestand": {
                        "label": "Handtekening: bestand met de sleutel (PEM)",
                        "schema": _TEXT,
                    },
                    "certificaatbestand": {
                        "label": "Handtekening: bestand met het certificaat (PEM)",
                        "schema": _TEXT,
                    },
                    "handtekening": {
                        "label": "Handtekening: methode",
                        "schema": _one_of("rsa-sha256", "rsa-sha1"),
                    },
                    "certificaatvorm": {
                        "label": "Handtekening: certificaat alleen (x509v3) of keten (pkipath)",
                        "schema": _one_of("x509v3", "pkipath"),
                    },
                    "tls_sleutelbestand": {
                        "label": "Tweezijdige TLS: bestand met de sleutel (PEM)",
                        "schema": _TEXT,
                    },
                    "tls_certificaatbestand": {
                        "label": "Tweezijdige TLS: bestand met het cliëntcertificaat (PEM)",
                        "schema": _TEXT,
                    },
                    "tls_cabestand": {
                        "label": "Tweezijdige TLS: bestand met de certificaatautoriteit (PEM)",
                        "schema": _TEXT,
                    },
                    "wsdlbestand": {
                        "label": "Bestand met de WSDL van de eigenaar (GeefEpc)",
                        "schema": _TEXT,
                    },
                },
            ),
            _connection_type(
                "dosis_rest",
                "DosisRestHook",
                hidden=["port", "schema", "password"],
                labels=_ADDRESS | {"login": "ACM: client-id"},
                fields={
                    "bron": {"label": "Bron (URI van de toepassing)", "schema": _TEXT},
                    "magda_verbinding": {
                        "label": "MAGDA-verbinding om te lezen wat bewoners zien",
                        "schema": _TEXT,
                    },
                    **_ACM,
                },
            ),
            _connection_type(
                "aanmelding_partner",
                "AanmeldingPartnerHook",
                hidden=["port", "schema", "login", "extra"],
                labels=_ADDRESS | {"password": "Token"},
            ),
            _connection_type(
                "aanmelding_sftp",
                "AanmeldingSftpHook",
                hidden=["schema"],
                labels={
                    "host": "Server",
                    "port": "Poort",
                    "login": "Gebruiker",
                    "password": "Wachtwoord",
                },
                fields={
                    "hostsleutel": {"label": "Sleutel van de server", "schema": _TEXT},
                    "sleutelbestand": {"label": "Bestand met onze sleutel", "schema": _TEXT},
                },
            ),
            _connection_type(
                "notificaties",
                "NotificatiesHook",
                hidden=["port", "schema", "password"],
                labels=_ADDRESS | {"login": "Client-id bij ACM"},
                fields={
                    "sleutelbestand": {"label": "Bestand met onze sleutel (PEM)", "schema": _TEXT},
                    "sleutel_id": {"label": "Naam van die sleutel (kid)", "schema": _TEXT},
                    "scopes": {"label": "Scopes, met een spatie ertussen", "schema": _TEXT},
                    "token_url": {"label": "Adres van het token-eindpunt", "schema": _TEXT},
                    "audience": {"label": "Audience van het token-eindpunt", "schema": _TEXT},
                    "leesadres": {
                        "label": "Adres waar de dienst zegt wat ze heeft (leeg: geen)",
                        "schema": _TEXT,
                    },
                },
            ),
            _connection_type(
                "clamd",
                "ClamdHook",
                hidden=["schema", "login", "password"],
                labels={"host": "Server", "port": "Poort"},
                fields={"grootste": {"label": "StreamMaxLength (bytes)", "schema": _NUMBER}},
            ),
            _connection_type(
                "wms",
                "WmsHook",
                hidden=["port", "schema", "login", "password"],
                labels=_ADDRESS,
                fields={
                    "versie": {"label": "Versie (1.1.1 of 1.3.0)", "schema": _TEXT},
                    "antwoord": {"label": "Vorm van het antwoord", "schema": _TEXT},
                    "laag": {"label": "Kaartlaag", "schema": _TEXT},
                    "pad": {"label": "Pad, met {soort}", "schema": _TEXT},
                },
            ),
            _connection_type(
                "wfs",
                "WfsHook",
                hidden=["port", "schema", "login", "password"],
                labels=_ADDRESS,
                fields={
                    "lagen": {"label": "Kaartlagen (naam: laag)", "schema": _OBJECT},
                    "inventaris": {"label": "Adres van de inventaris (erfgoed)", "schema": _TEXT},
                },
            ),
        ],
    }


def _connection_type(
    conn_type: str,
    hook: str,
    *,
    hidden: list[str],
    labels: dict[str, str],
    fields: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "connection-type": conn_type,
        "hook-class-name": f"hub_hooks.{hook}",
        "hook-name": NAMES[conn_type],
        "ui-field-behaviour": {
            "hidden-fields": hidden,
            "relabeling": labels,
            "placeholders": {},
        },
        "conn-fields": fields or {},
    }
