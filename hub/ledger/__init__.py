"""The ledger: every write to the outside is first a row here, and has one effect there."""
