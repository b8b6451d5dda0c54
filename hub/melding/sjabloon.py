"""The words of a message: a file per status, its first line the title, the rest the text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from hub.config import load_config
from hub.melding.status import Status

FOLDER = Path(__file__).resolve().parent / "sjablonen"
# For a status without a file of its own: what it says itself, under a general title.
STANDAARD = "standaard"


class SjabloonError(Exception):
    """A template that cannot be filled in; the text says which, and holds nothing of a person."""


@dataclass(frozen=True, slots=True)
class Tekst:
    """A message as the resident reads it."""

    titel: str
    tekst: str


def render(status: Status, nummer: str, *, folder: Path = FOLDER) -> Tekst:
    """Return the words of a status for one dossier or application; white space is drawn together.

    Raises:
        SjabloonError: its template cannot be filled in.
    """
    config, environment = load_config("dossierstatus"), _environment(folder)
    try:
        template = environment.select_template([f"{status.naam}.j2", f"{STANDAARD}.j2"])
        filled = template.render(
            dossiernummer=nummer,
            dienst=config["dienst"],
            naam=config["naam"],
            regeling=status.regeling,
            detail=status.detail,
        )
    except TemplateError as error:
        raise SjabloonError(
            f"het sjabloon van status {status.naam} kan niet ingevuld worden "
            f"({type(error).__name__}): verbeter het in hub/melding/sjablonen"
        ) from None
    title, _, text = filled.strip().partition("\n")
    if not text.strip():
        raise SjabloonError(
            f"het sjabloon van status {status.naam} heeft geen titel en tekst: "
            "de eerste regel is de titel, daarna volgt de tekst"
        )
    return Tekst(" ".join(title.split()), " ".join(text.split()))


@cache
def _environment(folder: Path) -> Environment:
    # Plain text, no page: nothing to escape.
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False)  # noqa: S701
