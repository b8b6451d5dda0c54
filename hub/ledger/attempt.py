"""One attempt at one message, and what its outcome means."""

from __future__ import annotations

import logging
import time
from random import Random

from connectors.transport.deadline import begin_by, deadline
from connectors.transport.errors import (
    AlreadyDoneError,
    AuthenticationError,
    ConflictError,
    ConnectorError,
    NotBegunError,
    RetryableError,
    UnknownOutcomeError,
)
from hub.keys import Keyring, KeyringError
from hub.kill_point import kill_point
from hub.ledger.bericht import VerzegeldBericht
from hub.ledger.channel import Capabilities, Kanaal
from hub.ledger.claim import Claimed
from hub.ledger.retry import next_pause
from hub.ledger.settle import Uitslag

_logger = logging.getLogger("hub.deliver")
_NO_CONSENT = "geen geldige toestemming op het ogenblik van verzenden"
_NOTHING_TO_SAY = "bij het verzenden viel er niets meer te melden"
_UNKNOWN = "een eerdere poging brak af; of het bericht aankwam, is niet geweten"
_OUR_FAULT = "een fout in de hub zelf; lees het logboek van de taak en stuur het opnieuw"


class Attempter:
    """Makes attempts for one destination; whatever goes wrong stays with its message."""

    def __init__(self, kanaal: Kanaal, keyring: Keyring, can: Capabilities) -> None:
        self._kanaal = kanaal
        self._keyring = keyring
        self._can = can
        self._random = Random()

    def attempt(self, claimed: Claimed) -> Uitslag:
        """Send one message, or ask about it first; no request outlives the message's lease."""
        bericht = claimed.bericht
        if claimed.geweigerd is not None:
            return Uitslag(bericht, "opgegeven", "regel gebroken", claimed.geweigerd)
        if bericht.inhoud is None:
            return Uitslag(bericht, "overgeslagen", "niets te melden", _NOTHING_TO_SAY)
        if bericht.te_bevragen and (parked := self._park(bericht)) is not None:
            return parked
        if _is_stale(claimed):
            return put_back(bericht)
        try:
            with deadline(claimed.lease_until):
                return self._deliver(claimed)
        except KeyringError as error:
            # The key may come back; until then the others go on.
            return self._again(bericht, error, None, te_bevragen=bericht.te_bevragen)
        except AlreadyDoneError:
            return Uitslag(bericht, "bevestigd", "reeds ontvangen")
        except NotBegunError:
            return self._not_begun(bericht)
        except ConnectorError as error:
            return self._judge(bericht, error)
        except Exception as error:  # noqa: BLE001
            # A fault of the hub itself: the text could hold data, so only its kind is kept.
            name = type(error).__name__
            _logger.error("%s %s: %s", bericht.bestemming, bericht.bericht_id, name)
            return Uitslag(bericht, "opgegeven", name, _OUR_FAULT, te_bevragen=True)

    def _park(self, bericht: VerzegeldBericht) -> Uitslag | None:
        """Return where a message of unknown outcome waits, None when it can be settled now."""
        if self._can.bevestigt_later and (
            bericht.overgenomen or not self._can.doubt_can_be_cleared
        ):
            # It may be in the receiver's queue: only its receipt, or time, can tell.
            return Uitslag(bericht, "aangenomen", "afloop onbekend", _UNKNOWN, te_bevragen=True)
        if not self._can.doubt_can_be_cleared:
            return Uitslag(bericht, "in_twijfel", "afloop onbekend", _UNKNOWN, te_bevragen=True)
        return None

    def _deliver(self, claimed: Claimed) -> Uitslag:
        bericht = claimed.bericht
        opened = bericht.open(self._keyring)
        held = None
        if bericht.te_bevragen and self._can.kan_bevraagd_worden:
            try:
                held = self._kanaal.ask(opened)
            except AuthenticationError:
                raise
            except ConnectorError as error:
                # Whatever went wrong with asking says nothing about the message itself.
                wish = error.retry_after if isinstance(error, RetryableError) else None
                return self._again(bericht, error, wish, te_bevragen=True)
        if held is not None:
            stand = "aangenomen" if held.later else "bevestigd"
            outcome = "ontvanger had het al"
            return Uitslag(bericht, stand, outcome, ontvangst=held.referentie)
        if not bericht.mag_verzenden:
            return Uitslag(bericht, "ingetrokken", "toestemming ingetrokken", _NO_CONSENT)
        if _is_stale(claimed):
            # Asking took too long for the consent that was read.
            return self._not_begun(bericht)
        kill_point("before_send")
        with begin_by(claimed.fresh_until):
            receipt = self._kanaal.send(opened)
        stand = "aangenomen" if receipt.later else "bevestigd"
        return Uitslag(bericht, stand, "aanvaard", ontvangst=receipt.referentie)

    def _not_begun(self, bericht: VerzegeldBericht) -> Uitslag:
        """Return a message that did not leave; if it was asked about, it is not there."""
        doubt = bericht.te_bevragen and not self._can.kan_bevraagd_worden
        return put_back(bericht, te_bevragen=doubt)

    def _judge(self, bericht: VerzegeldBericht, error: ConnectorError) -> Uitslag:
        """Decide what an error of the receiver means for the message."""
        name, text = type(error).__name__, str(error)
        match error:
            case UnknownOutcomeError():
                kill_point("answer_lost")
                if self._can.bevestigt_later:
                    return Uitslag(bericht, "aangenomen", name, text, te_bevragen=True)
                if not self._can.doubt_can_be_cleared:
                    return Uitslag(bericht, "in_twijfel", name, text, te_bevragen=True)
                return self._again(bericht, error, None, te_bevragen=True)
            case RetryableError():
                wish = error.retry_after
                return self._again(bericht, error, wish, te_bevragen=bericht.te_bevragen)
            case AuthenticationError():
                return Uitslag(bericht, "klaar", name, text, te_bevragen=bericht.te_bevragen)
            case ConflictError() if bericht.bestemming == "crm":
                return Uitslag(bericht, "overgeslagen", name, text)
            case _:
                return Uitslag(bericht, "opgegeven", name, text)

    def _again(
        self,
        bericht: VerzegeldBericht,
        error: Exception,
        retry_after: float | None,
        *,
        te_bevragen: bool,
    ) -> Uitslag:
        name, text = type(error).__name__, str(error)
        pause = next_pause(bericht.tegenslagen, bericht.leeftijd, retry_after, self._random)
        if pause is None:
            stand = "in_twijfel" if te_bevragen else "opgegeven"
            return Uitslag(bericht, stand, name, text, te_bevragen=te_bevragen)
        return Uitslag(bericht, "klaar", name, text, te_bevragen=te_bevragen, pauze=pause)


def put_back(bericht: VerzegeldBericht, *, te_bevragen: bool | None = None) -> Uitslag:
    """Return a message that was claimed and did not leave in time: it is claimed anew."""
    doubt = bericht.te_bevragen if te_bevragen is None else te_bevragen
    return Uitslag(bericht, "klaar", "niet begonnen", te_bevragen=doubt)


def _is_stale(claimed: Claimed) -> bool:
    return time.monotonic() > claimed.fresh_until
