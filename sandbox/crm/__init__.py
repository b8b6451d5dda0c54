"""The city CRM: an OData v4 service that behaves as Dataverse does."""
