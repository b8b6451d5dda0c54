"""A malware scanner: clamd as seen over TCP."""
