"""Settings of each simulator, changeable while it runs and kept over a restart."""

from __future__ import annotations

import json
from typing import Any

from sandbox.state import State

# ``antwoordtijd`` (seconds) delays every answer of a system; null means no limit.
DEFAULTS: dict[str, dict[str, Any]] = {
    # Dataverse allows 6,000 requests per 300 s per user on each of its web servers; how many
    # servers stand behind an address is not told, so the window is off unless a test asks for it.
    "crm": {
        "antwoordtijd": 0.0,
        "max_gelijktijdig": 52,
        "limiet_per_300s": None,
        "delta_geldig": 604800.0,
        "token_geldig": 3599,
        "tokens_geldig_vanaf": 0.0,
        # A resident stays signed on for so many seconds.
        "sessie_geldig": 1800.0,
    },
    "basisregisters": {
        "antwoordtijd": 0.0,
        "limiet_per_minuut": None,
        "adresmatch_per_minuut": None,
        "sleutel_verplicht": False,
        "epsg": 31370,
        "gebeurtenissen_per_pagina": 100,
    },
    "grb": {"antwoordtijd": 0.0, "limiet_per_minuut": None},
    # Which build of the partner answers: one of sandbox.dialoog.gebreken.BUILDS.
    "dialoog": {"antwoordtijd": 0.0, "limiet_per_minuut": None, "gebrek": ""},
    # Over SFTP a batch is handled after `verwerkingstijd`, so many lines per receipt at most.
    "igo": {
        "antwoordtijd": 0.0,
        "limiet_per_minuut": None,
        "gebrek": "",
        "verwerkingstijd": 0.0,
        "regels_per_ontvangst": None,
        "dubbele_ontvangst": False,
        # Files of progress: each line twice, the last line first, lines and files that are none;
        # and documents with other bytes than their reference says.
        "voortgang_dubbel": False,
        "voortgang_omgekeerd": False,
        "voortgang_onzin": False,
        "document_anders": False,
    },
    # How many features a server gives at most at once, whatever is asked.
    "erfgoed": {"antwoordtijd": 0.0, "limiet_per_minuut": None, "max_kaartobjecten": None},
    "vergunningen": {"antwoordtijd": 0.0, "limiet_per_minuut": None, "max_kaartobjecten": None},
    "bodem": {"antwoordtijd": 0.0, "limiet_per_minuut": None, "max_kaartobjecten": None},
    "overstroming": {"antwoordtijd": 0.0, "limiet_per_minuut": None},
    # The largest stream the scanner takes, in bytes.
    "viruskeuring": {"antwoordtijd": 0.0, "stroomgrens": 104857600},
    "magda": {"handtekening": False, "tweezijdig_tls": False, "max_gelijktijdig": None},
    "epc": {"antwoordtijd": 0.0, "max_gelijktijdig": None},
    # A token lives for so many seconds; one made before `tokens_geldig_vanaf` is refused. The code
    # of a citizen who signed on lives for `code_geldig` seconds.
    "acm": {
        "antwoordtijd": 0.0,
        "token_geldig": 3600,
        "tokens_geldig_vanaf": 0.0,
        "code_geldig": 60.0,
    },
    # With a `verwerkingsfout` every upload is taken in, and fails in processing with that text.
    "dosis": {
        "antwoordtijd": 0.0,
        "max_gelijktijdig": None,
        "verwerkingstijd": 0.0,
        "verwerkingsfout": "",
    },
    # What the contract does not tell: how the parts are spelled, which brands, channels and
    # products (numbers up to one) there are, whether a repeated Id is recognised, and whether it
    # can be asked.
    "notificaties": {
        "antwoordtijd": 0.0,
        "max_gelijktijdig": None,
        "verwerkingstijd": 0.0,
        "ontdubbelt": False,
        "leesbaar": True,
        "merken": "LEUVEN",
        "kanalen": "MijnBurgerprofiel",
        "grootste_product": 29_999,
        "langste_waarde": 2_000,
        "bestemmeling": "Insz",
        "kanaal": "Code",
        "paren": "SleutelWaardeParen",
        "paar_sleutel": "Sleutel",
        "paar_waarde": "Waarde",
    },
}

# Settings that take one of a few values.
_KEUZES: dict[tuple[str, str], tuple[Any, ...]] = {("basisregisters", "epsg"): (31370, 3812)}

_DDL = "CREATE TABLE IF NOT EXISTS instelling (systeem TEXT PRIMARY KEY, waarden TEXT NOT NULL)"


class UnknownSettingError(ValueError):
    """No such system or setting, or a value of another type."""


class Settings:
    """The current settings of every system.

    ``magda_strict`` asks signatures and two-way TLS of MAGDA's clients until a setting changes it.
    """

    def __init__(self, state: State, *, magda_strict: bool = False) -> None:
        self._state = state
        state.create(_DDL)
        strict = {"handtekening": magda_strict, "tweezijdig_tls": magda_strict}
        self._defaults = DEFAULTS | {"magda": DEFAULTS["magda"] | strict}
        self._values = {systeem: dict(values) for systeem, values in self._defaults.items()}
        for systeem, text in state.query("SELECT systeem, waarden FROM instelling"):
            self._values[systeem].update(json.loads(text))

    def get(self, systeem: str) -> dict[str, Any]:
        """Return the live settings of a system; read them at every request."""
        return self._values[systeem]

    def change(self, systeem: str, values: dict[str, Any]) -> dict[str, Any]:
        """Set some settings of a system and return all of them.

        Raises:
            UnknownSettingError: the system or a setting does not exist, or its type is wrong.
        """
        current = self._values.get(systeem)
        if current is None:
            raise UnknownSettingError(f"no system {systeem!r}; known: {', '.join(DEFAULTS)}")
        for name, value in values.items():
            if name not in current:
                raise UnknownSettingError(f"{systeem} has no setting {name!r}")
            default = DEFAULTS[systeem][name]
            if not _fits(default, value) or value not in _KEUZES.get((systeem, name), (value,)):
                raise UnknownSettingError(f"{systeem}.{name} does not take {value!r}")
        current.update(values)
        with self._state.write():
            self._state.execute(
                "INSERT OR REPLACE INTO instelling VALUES (?, ?)", (systeem, json.dumps(current))
            )
        return current

    def reset(self) -> None:
        """Set every setting back to its default."""
        for systeem, values in self._defaults.items():
            self._values[systeem].clear()
            self._values[systeem].update(values)
        with self._state.write():
            self._state.execute("DELETE FROM instelling")


def _fits(default: object, value: object) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if isinstance(default, str):
        return isinstance(value, str)
    if default is None:
        return value is None or isinstance(value, int | float)
    return isinstance(value, int | float) or (value is None and default is not None)
