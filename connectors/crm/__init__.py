"""The city's CRM, spoken to as OData v4 in the way Dataverse does."""
