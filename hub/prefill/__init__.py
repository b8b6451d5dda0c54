"""Fill in the CRM dossier from authentic sources; what a person typed always stays."""
