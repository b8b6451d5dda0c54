"""The woningfiche: what the sources say of a dwelling, on one page, as HTML and as PDF/UA-1."""
