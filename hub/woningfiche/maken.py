"""Make the document of a woningfiche in the form that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.woningfiche.html import render_html
from hub.woningfiche.pdf import render_pdf

PDF: Final = "application/pdf"
HTML: Final = "text/html"


def make_document(plain: Mapping[str, Any], mimetype: str) -> bytes:
    """Return the page as PDF or HTML; the same page gives the same bytes.

    Raises:
        WeergaveError: the page could not be made.
        ValueError: there is no such form.
    """
    if mimetype == PDF:
        return render_pdf(plain)
    if mimetype == HTML:
        return render_html(plain)
    raise ValueError(f"A woningfiche is not made as {mimetype!r}. Ask for {PDF} or {HTML}.")
