"""How messages of the ledger reach each destination."""
