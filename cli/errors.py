"""What the command says when it cannot do what was asked."""

from __future__ import annotations


class CliError(Exception):
    """One sentence for the user: what went wrong, and what to do."""
