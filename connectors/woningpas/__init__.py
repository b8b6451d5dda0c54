"""The authentic sources about a dwelling, one package each."""
