"""Settings that are facts about the outside world we are not sure of, or choices of the city."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).resolve().parent


@cache
def load_config(name: str) -> dict[str, Any]:
    """Return ``hub/config/<name>.yml`` as a dictionary."""
    with (_FOLDER / f"{name}.yml").open(encoding="utf-8") as stream:
        document: dict[str, Any] = yaml.safe_load(stream)
    return document
