"""The hooks of the hub's connection types: what Airflow shows and stores of each."""

from __future__ import annotations

from airflow.sdk import BaseHook

from hub_connections import NAMES


class HubPostgresHook(BaseHook):
    """Connection type `hub_postgres`: the hub's own database, under the role of one job."""

    conn_type = "hub_postgres"
    hook_name = NAMES[conn_type]


class CrmHook(BaseHook):
    """Connection type `crm_odata`: the city CRM's OData service."""

    conn_type = "crm_odata"
    hook_name = NAMES[conn_type]


class BasisregistersHook(BaseHook):
    """Connection type `basisregisters`: the address and building registers."""

    conn_type = "basisregisters"
    hook_name = NAMES[conn_type]


class MagdaHook(BaseHook):
    """Connection type `magda`: one service of MAGDA."""

    conn_type = "magda"
    hook_name = NAMES[conn_type]


class AanmeldingPartnerHook(BaseHook):
    """Connection type `aanmelding_partner`: a partner that speaks the aanmelding contract."""

    conn_type = "aanmelding_partner"
    hook_name = NAMES[conn_type]


class AanmeldingSftpHook(BaseHook):
    """Connection type `aanmelding_sftp`: a partner that takes the contract as files."""

    conn_type = "aanmelding_sftp"
    hook_name = NAMES[conn_type]


class NotificatiesHook(BaseHook):
    """Connection type `notificaties`: messages to residents in Mijn Burgerprofiel."""

    conn_type = "notificaties"
    hook_name = NAMES[conn_type]


class WmsHook(BaseHook):
    """Connection type `wms`: a map service that is asked about one place."""

    conn_type = "wms"
    hook_name = NAMES[conn_type]


class WfsHook(BaseHook):
    """Connection type `wfs`: a map service whose features are asked for."""

    conn_type = "wfs"
    hook_name = NAMES[conn_type]


class DosisRestHook(BaseHook):
    """Connection type `dosis_rest`: DOSIS over REST, signed on at ACM."""

    conn_type = "dosis_rest"
    hook_name = NAMES[conn_type]


class ClamdHook(BaseHook):
    """Connection type `clamd`: a scanner that looks for malware in documents."""

    conn_type = "clamd"
    hook_name = NAMES[conn_type]
