"""Notificaties v2: messages that a resident reads in Mijn Burgerprofiel."""

from connectors.mijnburgerprofiel.notificaties.client import (
    NotificatiesClient,
    open_notificaties_client,
)
from connectors.mijnburgerprofiel.notificaties.models import (
    NotificatieBundel,
    Ontvangen,
    OntvangenBladzijde,
)

__all__ = [
    "NotificatieBundel",
    "NotificatiesClient",
    "Ontvangen",
    "OntvangenBladzijde",
    "open_notificaties_client",
]
