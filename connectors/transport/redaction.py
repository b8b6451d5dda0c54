"""Keep personal data and secrets out of every log line, whatever a caller passes.

A safety net under the rule that logs carry identifiers only: it masks what can be recognised.
"""

from __future__ import annotations

import logging
import re
from typing import Final

MASK: Final = "***"

# Loggers of libraries that print URLs, headers or whole envelopes below WARNING.
TALKATIVE: Final = ("urllib3", "requests", "zeep", "httpx", "httpcore", "authlib")

_SEPARATOR = r"[ .\-/\u00a0\u2010-\u2015\u202f]{0,3}"
_EMAIL: Final = re.compile(r"[^\s@<>\"(),;:]{1,64}(?:@[^\s@<>\"'(),;:=/?&*]+)+")
_SECRET: Final = re.compile(
    r"(?P<before>\b(?:bearer|basic)[ \t]+)[A-Za-z0-9._~+/=-]+"
    r"|(?P<name>\b(?:x-)?(?:api[_-]?key|access_token|token|client_secret|secret|password|"
    r"wachtwoord|authorization)\b[\"']?[ \t]*[=:][ \t]*)[\"']?(?!(?:bearer|basic)\b)[^\s\"'&,;]+",
    re.IGNORECASE,
)
# The first two alternatives find identifiers and moments, which look like numbers and are kept.
_NUMBER: Final = re.compile(
    r"(?=[\da-fA-F+(])(?:"
    r"(?P<uuid>(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"(?![0-9A-Za-z]))"
    r"|(?P<moment>(?<![0-9])[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}"
    r"(?:[.,][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?![0-9]))"
    rf"|(?P<insz>(?<!\d)\d{{2}}{_SEPARATOR}\d{{2}}{_SEPARATOR}\d{{2}}{_SEPARATOR}\d{{3}}"
    rf"{_SEPARATOR}\d{{2}}(?!\d))"
    r"|(?P<abroad>(?:(?<![\w+])\+|(?<![\w.\-])00)[1-9]\d{0,2}"
    r"(?:[ ./()\-\u00a0]{0,3}\d){6,12}(?!\d))"
    r"|(?P<mobile>(?<![\w.\-])\(?04[5-9]\d\)?(?:[ ./\-\u00a0]{0,3}\d){6}(?!\d))"
    r"|(?P<landline>(?<![\w.\-])\(?0[1-9]\d?\)?(?:[ ./\-\u00a0]{0,3}\d){6,7}(?!\d)))"
)


def redact(text: str) -> str:
    """Mask INSZ-shaped numbers, e-mail addresses, phone numbers and secrets in a text."""
    if "@" in text:
        text = _EMAIL.sub(MASK, text)
    return _NUMBER.sub(_mask_number, _SECRET.sub(_mask_secret, text))


class RedactingFilter(logging.Filter):
    """Mask the message, arguments and traceback of a log record; keeps every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place, so that every later handler sees it masked."""
        try:
            record.msg = redact(record.getMessage())
        except Exception:  # noqa: BLE001 - a log call must never fail the work it tells about
            record.msg = f"{MASK} (a log message that could not be formatted)"
        record.args = ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def protect_logging(*handlers: logging.Handler) -> None:
    """Put the mask on these handlers (default: the root's) and silence talkative libraries."""
    for handler in handlers or tuple(logging.getLogger().handlers):
        if not any(isinstance(known, RedactingFilter) for known in handler.filters):
            handler.addFilter(RedactingFilter())
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def _mask_secret(match: re.Match[str]) -> str:
    return (match["before"] or match["name"]) + MASK


def _mask_number(match: re.Match[str]) -> str:
    return match.group() if match.lastgroup in ("uuid", "moment") else MASK
