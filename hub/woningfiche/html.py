"""The woningfiche as one self-contained, accessible HTML page that prints on an A4."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

_FOLDER = Path(__file__).with_name("sjablonen")


def render_html(plain: Mapping[str, Any]) -> bytes:
    """Return the page as UTF-8; the same page gives the same bytes."""
    return _template().render(plain).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("fiche.html.j2")
