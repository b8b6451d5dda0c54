"""The woningfiche as PDF/UA-1, made by typst: tagged, with title, language, texts for drawings."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

_TEMPLATE = Path(__file__).with_name("sjablonen") / "fiche.typ"
# What the fonts inside the wheel can show, tried out character by character: PDF/UA refuses a
# letter that its font does not have. Latin, Greek, Cyrillic, punctuation, signs.
_SHOWN = (
    (0x20, 0x7E),
    (0xA0, 0xAC),
    (0xAE, 0x2FF),
    (0x384, 0x38A),
    (0x38E, 0x3A1),
    (0x3A3, 0x482),
    (0x48A, 0x4FF),
    (0x1E00, 0x1EFF),
    (0x2010, 0x2027),
    (0x2030, 0x2040),
    (0x2070, 0x2071),
    (0x2074, 0x208E),
    (0x20AC, 0x20AC),
    (0x2190, 0x2193),
    (0x2212, 0x2265),
    (0x25A1, 0x25A1),
)
_STAND_IN = "□"
_lock = threading.Lock()


class WeergaveError(Exception):
    """A page could not be made; the text holds nothing of what stood on it."""


def render_pdf(plain: Mapping[str, Any]) -> bytes:
    """Return the page as PDF/UA-1; the same page gives the same bytes.

    A letter that the fonts do not have becomes a box. Safe to call from several threads.

    Raises:
        WeergaveError: the page could not be made.
    """
    made = datetime.strptime(plain["gemaakt_op"], "%d/%m/%Y").replace(tzinfo=UTC)
    data = json.dumps(_showable(plain))
    failed = ""
    try:
        with _lock:
            document = _compiler().compile(
                format="pdf",
                sys_inputs={"fiche": data},
                pdf_standards=["ua-1"],
                timestamp=made,
            )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001
        # A panic inside typst is no Exception. The error's text could quote the page.
        failed = type(error).__name__
    if failed or not isinstance(document, bytes):
        raise WeergaveError(
            f"The woningfiche could not be made into a PDF ({failed or 'no document'}). "
            "No document was made. Look at the values of this dwelling and tell the maintainer."
        )
    return document


@cache
def _compiler() -> typst.Compiler:
    # The fonts of the wheel only: a font of the machine would make other bytes.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    return typst.Compiler(
        _TEMPLATE, root=_TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True
    )


def _showable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if _is_shown(c) else _STAND_IN for c in value)
    if isinstance(value, Mapping):
        return {name: _showable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_showable(item) for item in value]
    return value


def _is_shown(character: str) -> bool:
    point = ord(character)
    return any(first <= point <= last for first, last in _SHOWN)
