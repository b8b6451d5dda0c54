"""The energy label that follows from the key figure, for a certificate that names none."""

from __future__ import annotations

from decimal import Decimal

from hub.config import load_config


def derive_label(kengetal: Decimal) -> str:
    """Return the label for a key figure in kWh/m2 per year, from the configured bands."""
    config = load_config("bronnen")
    for label, upper in config["labelgrenzen"].items():
        if kengetal <= upper:
            return str(label)
    return str(config["label_boven"])
