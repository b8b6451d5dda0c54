"""What the benchmark of asking a source needs: a source, dwellings to ask about, a way to watch."""
