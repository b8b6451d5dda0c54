"""The access log read back: its chain, its proof, its files, and the extract per citizen."""
