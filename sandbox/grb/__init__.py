"""The GRB as OGC API Features: the collection ADP, where parcels lie."""
