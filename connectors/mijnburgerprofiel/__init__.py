"""The services behind the resident's own portal."""
