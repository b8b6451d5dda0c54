"""Dialoog, the partner for duurzaam bouwadvies: what it needs of a dossier."""
