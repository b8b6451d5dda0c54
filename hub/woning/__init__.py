"""The dwelling of a dossier: found in the registers, enriched from the sources."""
