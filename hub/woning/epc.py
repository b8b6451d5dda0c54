"""The energy certificate of a dwelling: how it is asked, and what is kept of the answer."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors.transport.errors import ContractError
from connectors.transport.raadpleging import GelogdeRaadpleging
from connectors.woningpas.epc.client import EpcReply
from connectors.woningpas.epc.models import AdresCriteria, Epc, EpcAnswer, GebouweenheidId
from connectors.woningpas.epc.reading import read_reply
from hub.bronbudget.grens import Grens
from hub.canonical import to_canonical
from hub.config import load_config
from hub.database import copy_rows, execute
from hub.keys import Keyring
from hub.quality.content import find_broken, tell_broken
from hub.woning.adres import parse_adres
from hub.woning.bevragen import Bron, TeBevragen, Uitslag, opened_once
from hub.woning.epc_waarden import choose_epc, is_expired, read_values

_PATH = "intermediate/keep_epcs"
_BRUSSELS = ZoneInfo("Europe/Brussels")
# What the rules of hub/quality/inhoud/epc.yml look at.
_JUDGED = (
    "kengetal",
    "label",
    "bouwjaar",
    "beschermd_volume",
    "bruto_vloeroppervlakte",
    "datum_ingediend",
)


class EpcSource(Protocol):
    """The part of the GeefEpc client that the woningbeeld needs."""

    def fetch_epcs(
        self,
        *,
        criteria: GebouweenheidId | AdresCriteria,
        raadpleging: GelogdeRaadpleging,
        adres_ids: Sequence[str] = (),
    ) -> EpcReply: ...


def epc_bron(
    open_source: Callable[[], EpcSource],
    keyring: Keyring,
    *,
    today: date | None = None,
    grens: Grens | None = None,
) -> Bron[EpcAnswer]:
    """Ask the certificates of the dwelling; what counts of them is its newest in force.

    ``grens`` replaces the configured limits of the source.
    """
    source = opened_once(open_source)

    def fetch(woning: TeBevragen, look: GelogdeRaadpleging) -> EpcReply:
        return source().fetch_epcs(
            criteria=_criteria(woning),
            raadpleging=look,
            # A unit may have other addresses; asked by address, the answer must name that one.
            adres_ids=() if woning.gebouweenheid_id else (woning.adres_id,),
        )

    return Bron(
        naam="epc",
        operatie="GeefEpc",
        name_object=_name,
        fetch=fetch,
        parse=partial(_parse, today),
        read=partial(_read, today),
        keep=partial(_keep, keyring),
        volgt_ligging=False,
        grens=grens,
    )


def _name(woning: TeBevragen) -> str:
    if woning.gebouweenheid_id:
        return f"gebouweenheid {woning.gebouweenheid_id}"
    return f"adres {woning.adres_id}"


def _criteria(woning: TeBevragen) -> GebouweenheidId | AdresCriteria:
    if woning.gebouweenheid_id:
        return GebouweenheidId(woning.gebouweenheid_id)
    adres = parse_adres(
        straat=woning.straat,
        huisnummer=woning.huisnummer,
        busnummer=woning.busnummer,
        postcode=woning.postcode,
        gemeente=woning.gemeente,
    )
    return AdresCriteria(
        straat=adres.straat,
        huisnummer=adres.huisnummer,
        busnummer=adres.busnummer,
        postcode=adres.postcode,
        gemeente=load_config("bronnen")["gemeente"],
    )


def _parse(today: date | None, reply: EpcReply) -> EpcAnswer:
    """Read an answer; one whose certificate that counts says what cannot be is refused whole.

    Raises:
        ContractError: a figure of that certificate breaks a rule. The dwelling keeps what it had.
        Others: as `read_reply`.
    """
    answer = read_reply(reply)
    chosen = choose_epc(answer.epcs, today or datetime.now(_BRUSSELS).date())
    if chosen is None:
        return answer
    content = {name: getattr(chosen, name) for name in _JUDGED}
    if broken := find_broken("epc", content):
        raise ContractError(
            "epc",
            "GeefEpc",
            reply.vraag.key,
            tell_broken(broken),
            done="The certificate was not used",
            advice="Tell the source; the hub asks again",
        )
    return answer


def _read(today: date | None, _woning: TeBevragen, answer: EpcAnswer, now: datetime) -> Uitslag:
    day = today or now.astimezone(_BRUSSELS).date()
    chosen = choose_epc(answer.epcs, day)
    if chosen is None:
        return Uitslag((), gevonden=False)
    values = read_values(chosen, today=day, now=now)
    if chosen.datum_geldigheid is None or is_expired(chosen, day):
        return Uitslag(values, gevonden=True)
    # The day after its last one the label and the advice no longer hold.
    ends = chosen.datum_geldigheid + timedelta(days=1)
    return Uitslag(
        values,
        gevonden=True,
        opnieuw_na=datetime(ends.year, ends.month, ends.day, tzinfo=_BRUSSELS),
    )


def _keep(
    keyring: Keyring, connection: Connection, answers: Sequence[EpcAnswer], now: datetime
) -> None:
    execute(connection, _PATH, "create")
    copy_rows(
        connection,
        _PATH,
        (_epc_row(epc, keyring, now) for answer in answers for epc in answer.epcs),
    )
    execute(connection, _PATH, "merge")


def _epc_row(epc: Epc, keyring: Keyring, now: datetime) -> tuple[object, ...]:
    content = json.dumps(_plain(epc), sort_keys=True)
    return (
        epc.attestnummer,
        epc.epc_id,
        epc.adres_id,
        list(epc.gebouweenheid_ids),
        epc.actief,
        epc.status,
        epc.datum_ingediend,
        epc.datum_geldigheid,
        content,
        keyring.content_hash(content.encode()),
        now,
    )


def _plain(value: object) -> object:
    """Return a record as JSON: canonical texts, of a document's content its size only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return len(value)
    return to_canonical(value)
