"""What the hub asks of a scanner, whichever it is."""

from __future__ import annotations

from typing import Protocol


class Keuring(Protocol):
    """Looks at the bytes of a document; safe to share between threads."""

    def keur(self, inhoud: bytes) -> str | None:
        """Return None when nothing was found, else the name of what was found.

        Raises: RetryableError when the scanner does not answer, PermanentError when it cannot
        look at this document as a whole.
        """
        ...
