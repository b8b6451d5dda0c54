"""The error family of every connector, sorted by what the caller does next."""

from __future__ import annotations

from typing import ClassVar


class ConnectorError(Exception):
    """Say what an outside system did, what the hub did and what a person does next.

    Carries identifiers only: never a body, a name, an INSZ or a token.
    """

    default_done: ClassVar[str] = "Nothing was changed"
    default_advice: ClassVar[str] = "Look at the log of the system"

    def __init__(
        self,
        system: str,
        operation: str,
        key: str,
        observed: str,
        *,
        done: str | None = None,
        advice: str | None = None,
    ) -> None:
        self.system = system
        self.operation = operation
        self.key = key
        self.observed = observed
        self.done = done if done is not None else self.default_done
        self.advice = advice if advice is not None else self.default_advice
        super().__init__(system, operation, key, observed)

    def __str__(self) -> str:
        return (
            f"{self.system} {self.operation} {self.key}: {self.observed}. "
            f"{self.done}. {self.advice}."
        )

    def __reduce__(self) -> tuple[object, ...]:
        # An exception with keyword-only arguments is rebuilt from its state, so that it
        # survives the journey between processes.
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(kind: type[ConnectorError], state: dict[str, object]) -> ConnectorError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (state["system"], state["operation"], state["key"], state["observed"])
    return error


class RetryableError(ConnectorError):
    """It may pass: try again later, at the earliest after `retry_after` seconds."""

    default_done = "Nothing was changed; it will be tried again"
    default_advice = "Nothing to do unless it keeps happening"

    def __init__(
        self,
        system: str,
        operation: str,
        key: str,
        observed: str,
        *,
        done: str | None = None,
        advice: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(system, operation, key, observed, done=done, advice=advice)
        self.retry_after = retry_after


class NotBegunError(RetryableError):
    """The caller's time to begin was over before the first byte; nothing was sent."""

    default_done = "It was not sent"


class ThrottledError(RetryableError):
    """The receiver asks us to slow down; nothing was done."""

    default_done = "Nothing was changed; it will be tried again more slowly"
    default_advice = "Lower the configured rate if it keeps happening"


class PermanentError(ConnectorError):
    """The same message will be refused again: a person must look."""

    default_done = "It was set aside"
    default_advice = "Mend the cause, then send it again"


class ContractError(PermanentError):
    """A request or an answer breaks the contract with this system."""

    default_advice = "Compare the message with the contract of this system"


class GeenRechtError(PermanentError):
    """The hub may not ask this source for this dossier; nothing left the hub."""

    default_done = "The source was not asked"
    default_advice = "Look at the refusals with 'bronrecht toon'"


class AuthenticationError(PermanentError):
    """The system does not let us in (no sign-on or no authorisation): stop the channel."""

    default_done = "The channel to this system must stop"
    default_advice = "Renew the credentials or ask for the authorisation, then open the channel"


class ConflictError(PermanentError):
    """The world changed since the decision was taken: decide anew."""

    default_done = "Nothing was written"
    default_advice = "Nothing to do: the decision is taken again from the current facts"


class AlreadyDoneError(ConnectorError):
    """The receiver already holds this: a success."""

    default_done = "It counts as delivered"
    default_advice = "Nothing to do"


class UnknownOutcomeError(ConnectorError):
    """The receiver may or may not have received the message."""

    default_done = "It was not sent again"
    default_advice = "Ask the receiver what it holds before sending again"
