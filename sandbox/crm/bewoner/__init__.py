"""The CRM's own page for a resident: the dossier, behind the citizen's sign-on."""
