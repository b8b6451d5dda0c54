"""What every benchmark uses: how it is found, where it works, what it answers."""
