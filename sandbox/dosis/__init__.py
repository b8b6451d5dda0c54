"""DOSIS by REST: the same dossiers as behind MAGDA, by another road."""
