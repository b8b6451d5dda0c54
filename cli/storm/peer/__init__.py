"""The same storm over a peer: its own environment, a receiver with a journal, the reckoning."""
