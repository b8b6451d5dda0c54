"""What a person does to messages and channels: checked, done in one set, and written down.

Every act takes a list, changes all of it or nothing, and does nothing a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from connectors.transport.redaction import redact
from hub.database import execute, fetch_all, fetch_one
from hub.incident import close, refresh_ledger_incidents
from hub.ledger.channel import stop_channel

_PATH = "ops/handeling"
_LONGEST_REASON = 500
_NAMED = 3


class HandelingError(Exception):
    """An act that was refused: what was seen, that nothing changed, and what to do."""


@dataclass(frozen=True, slots=True)
class Gedaan:
    """How many the act changed, and how many were already as asked."""

    gewijzigd: int
    ongewijzigd: int


def resend(
    connection: Connection,
    bericht_ids: Sequence[UUID],
    *,
    reden: str,
    wie: str,
    niet_aangekomen: bool = False,
) -> Gedaan:
    """Let messages that were given up, or are in doubt, leave again as they were written down.

    What may have arrived is asked about first. Where the destination can neither be asked nor
    recognise a repeat, ``niet_aangekomen`` must state that a person looked and it did not arrive.

    Raises:
        HandelingError: a message is in another state, was overtaken by a newer status, or needs
            that statement.
    """

    def refuse(row: Mapping[str, Any]) -> str | None:
        if row["stand"] not in ("opgegeven", "in_twijfel"):
            return (
                f"staat op {row['stand']} en kan niet opnieuw vertrekken. Er is niets gewijzigd. "
                "Alleen wat opgegeven of in twijfel is, kan opnieuw: laat de andere weg."
            )
        if row["ingehaald"]:
            return (
                "is ingehaald door een nieuwere status van hetzelfde dossier. Er is niets "
                "gewijzigd. Zet het opzij, zodat de bewoner geen oude status ziet."
            )
        in_doubt = row["stand"] == "in_twijfel" or row["te_bevragen"]
        if in_doubt and not row["herkent_herhaling"] and not niet_aangekomen:
            return (
                f"kan bij {row['bestemming']} aangekomen zijn, en de hub kan dat daar niet vragen. "
                "Er is niets gewijzigd. Zoek het op bij de ontvanger. Kwam het aan, bevestig het; "
                "kwam het niet aan, stuur het opnieuw met die verklaring erbij."
            )
        return None

    def stated(row: Mapping[str, Any]) -> bool:
        # Where the hub can ask, it asks, whatever a person believes.
        return niet_aangekomen and not row["herkent_herhaling"]

    execute(connection, _PATH, "hold_newer", bericht_ids=list(bericht_ids))
    rows, as_asked = _lock(
        connection, bericht_ids, reden, wie, refuse, done=("klaar", "onderweg", "aangenomen")
    )
    for arrived in (False, True):
        chosen = [row["bericht_id"] for row in rows if stated(row) is arrived]
        execute(connection, _PATH, "resend", bericht_ids=chosen, niet_aangekomen=arrived)
    return _note(connection, "opnieuw", rows, as_asked, reden, wie)


def confirm(connection: Connection, bericht_ids: Sequence[UUID], *, reden: str, wie: str) -> Gedaan:
    """State of messages in doubt that they did arrive.

    Raises:
        HandelingError: a message is in another state.
    """

    def refuse(row: Mapping[str, Any]) -> str | None:
        if row["stand"] == "in_twijfel":
            return None
        return (
            f"staat op {row['stand']} en kan niet bevestigd worden. Er is niets gewijzigd. "
            "Alleen wat in twijfel is, bevestigt een mens: laat de andere weg."
        )

    rows, as_asked = _lock(connection, bericht_ids, reden, wie, refuse, done=("bevestigd",))
    execute(connection, _PATH, "confirm", bericht_ids=_ids(rows))
    return _note(connection, "bevestig", rows, as_asked, reden, wie)


def set_aside(
    connection: Connection, bericht_ids: Sequence[UUID], *, reden: str, wie: str
) -> Gedaan:
    """Put messages aside for good: given up, in doubt, or waiting and surely not at the receiver.

    Raises:
        HandelingError: a message is in another state, or waits with an attempt of unknown outcome.
    """

    def refuse(row: Mapping[str, Any]) -> str | None:
        if row["stand"] in ("opgegeven", "in_twijfel"):
            return None
        if row["stand"] != "klaar":
            return (
                f"staat op {row['stand']} en kan niet opzij. Er is niets gewijzigd. Wacht tot de "
                "poging of het antwoord er is, of laat het weg."
            )
        if row["te_bevragen"]:
            return (
                "wacht nog, en een eerdere poging kan aangekomen zijn. Er is niets gewijzigd. De "
                "hub vraagt het eerst aan de ontvanger: wacht de volgende poging af."
            )
        return None

    rows, as_asked = _lock(connection, bericht_ids, reden, wie, refuse, done=("overgeslagen",))
    text = f"opzijgezet door een operator: {reden.strip()}"
    execute(connection, _PATH, "set_aside", bericht_ids=_ids(rows), reden=text)
    return _note(connection, "opzij", rows, as_asked, reden, wie)


def keep(
    connection: Connection,
    bericht_ids: Sequence[UUID],
    *,
    tot: datetime | None,
    reden: str,
    wie: str,
) -> Gedaan:
    """Keep content and row of messages at least until ``tot``; None leaves it to the general term.

    Raises:
        HandelingError: there is no such message.
    """
    rows, _ = _lock(connection, bericht_ids, reden, wie, lambda _: None, done=())
    changed = [row for row in rows if row["bewaren_tot"] != tot]
    execute(connection, _PATH, "keep", bericht_ids=_ids(changed), tot=tot)
    return _note(connection, "bewaar", changed, len(rows) - len(changed), reden, wie)


def stop_by_hand(connection: Connection, bestemming: str, *, reden: str, wie: str) -> Gedaan:
    """Stop a destination's channel: nothing is claimed until a person opens it.

    Raises:
        HandelingError: there is no such destination.
    """
    if _lock_channel(connection, bestemming, reden, wie):
        return Gedaan(0, 1)
    stop_channel(connection, bestemming, f"gestopt door een operator: {reden.strip()}")
    return _note_channel(connection, "kanaal_stop", bestemming, reden, wie)


def open_channel(connection: Connection, bestemming: str, *, reden: str, wie: str) -> Gedaan:
    """Open a stopped channel and close its incident; what waits leaves with the next run.

    Raises:
        HandelingError: there is no such destination.
    """
    if not _lock_channel(connection, bestemming, reden, wie):
        return Gedaan(0, 1)
    execute(connection, _PATH, "open_kanaal", bestemming=bestemming)
    close(connection, "kanaal_gestopt", bestemming)
    return _note_channel(connection, "kanaal_open", bestemming, reden, wie)


def try_now(connection: Connection, bestemming: str, *, reden: str, wie: str) -> Gedaan:
    """Let what waits for a later attempt leave with the next run, also where the receiver asked to
    wait: for when an outage is over. Returns how many messages that are.

    Raises:
        HandelingError: there is no such destination.
    """
    _lock_channel(connection, bestemming, reden, wie)
    moved = execute(connection, _PATH, "now_kanaal", bestemming=bestemming)
    if moved:
        _note_channel(connection, "kanaal_nu", bestemming, reden, wie)
    return Gedaan(moved, 0)


def _lock(
    connection: Connection,
    bericht_ids: Sequence[UUID],
    reden: str,
    wie: str,
    refuse: Callable[[Mapping[str, Any]], str | None],
    *,
    done: tuple[str, ...],
) -> tuple[list[dict[str, Any]], int]:
    """Hold the messages; return those to change, and how many are in a state of ``done``."""
    check_words(reden, wie)
    wanted = list(dict.fromkeys(bericht_ids))
    rows = fetch_all(connection, _PATH, "lock_berichten", bericht_ids=wanted)
    missing = sorted(str(found) for found in set(wanted) - {row["bericht_id"] for row in rows})
    if missing:
        raise HandelingError(
            f"Er is geen bericht {_some(missing)}. Er is niets gewijzigd. Kijk het nummer na."
        )
    to_change = [row for row in rows if row["stand"] not in done]
    refused = [(row, why) for row in to_change if (why := refuse(row)) is not None]
    if refused:
        same = [str(row["bericht_id"]) for row, why in refused if why == refused[0][1]]
        raise HandelingError(f"Bericht {_some(same)} {refused[0][1]}")
    return to_change, len(rows) - len(to_change)


def _note(
    connection: Connection,
    soort: str,
    rows: Sequence[Mapping[str, Any]],
    as_asked: int,
    reden: str,
    wie: str,
) -> Gedaan:
    execute(
        connection,
        _PATH,
        "note_berichten",
        soort=soort,
        reden=reden.strip(),
        wie=wie.strip(),
        bericht_ids=_ids(rows),
        bestemmingen=[row["bestemming"] for row in rows],
        standen=[row["stand"] for row in rows],
    )
    refresh_ledger_incidents(connection)
    return Gedaan(len(rows), as_asked)


def _lock_channel(connection: Connection, bestemming: str, reden: str, wie: str) -> bool:
    """Hold a channel; return whether it is stopped."""
    check_words(reden, wie)
    row = fetch_one(connection, _PATH, "lock_kanaal", bestemming=bestemming)
    if row is None:
        raise HandelingError(
            f"Er is geen bestemming {bestemming!r}. Er is niets gewijzigd. "
            "Bekijk de bestemmingen met 'kanaal toon'."
        )
    return bool(row["gestopt"])


def _note_channel(
    connection: Connection, soort: str, bestemming: str, reden: str, wie: str
) -> Gedaan:
    execute(
        connection,
        _PATH,
        "note_kanaal",
        soort=soort,
        bestemming=bestemming,
        reden=reden.strip(),
        wie=wie.strip(),
    )
    return Gedaan(1, 0)


def check_words(reden: str, wie: str) -> None:
    """Refuse an act without a reason or a name, and a reason that tells of a person."""
    if not reden.strip() or not wie.strip():
        raise HandelingError(
            "Een handeling zonder reden of zonder naam. Er is niets gewijzigd. "
            "Zeg waarom, en wie het doet."
        )
    if len(reden) > _LONGEST_REASON or redact(reden) != reden:
        raise HandelingError(
            f"De reden is langer dan {_LONGEST_REASON} tekens, of bevat een rijksregisternummer, "
            "mailadres, telefoonnummer of geheim. Er is niets gewijzigd. Schrijf de reden zonder "
            "gegevens van personen."
        )


def _ids(rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    return [row["bericht_id"] for row in rows]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (en {more} andere)" if more > 0 else "")
