"""What a failed TLS handshake means. Nothing of the request was handled then."""

from __future__ import annotations

import ssl
from typing import Final

from urllib3.exceptions import MaxRetryError, SSLError

# Alerts (RFC 8446, 6.2) by which a server refuses who we say we are, as OpenSSL names them.
_ALERTS: Final = {
    "BAD_CERTIFICATE": "it cannot read it",
    "UNSUPPORTED_CERTIFICATE": "it does not take this kind",
    "CERTIFICATE_REVOKED": "it was revoked",
    "CERTIFICATE_EXPIRED": "it is expired",
    "CERTIFICATE_UNKNOWN": "it does not accept it",
    "UNKNOWN_CA": "it does not know its authority",
    "ACCESS_DENIED": "it has no access",
    "CERTIFICATE_REQUIRED": "none was shown",
    "HANDSHAKE_FAILURE": "none was shown, or it is not accepted",
}
_OURS: Final = (
    "Check that the connection names a valid client certificate that this system knows, "
    "then open the channel"
)
_THEIRS: Final = (
    "Check the address and this machine's clock, and ask the owner which authority signs "
    "the certificate: its file belongs in the connection"
)


def explain_handshake(problem: BaseException) -> tuple[str, str] | None:
    """Say what was seen and what a person does, when a certificate is the cause; else None."""
    cause = _find_ssl_error(problem)
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = cause.verify_message.strip(" .") or "no reason given"
        # The name in such a message is that of the server, from the connection.
        return f"the server's certificate is not trusted ({reason})", _THEIRS
    reason = (cause.reason if cause is not None else None) or ""
    if "ALERT" in reason:
        for name, meaning in _ALERTS.items():
            if reason.endswith(name):
                return f"the server refused our client certificate: {meaning}", _OURS
    return None


def _find_ssl_error(problem: BaseException) -> ssl.SSLError | None:
    reason: object = problem.reason if isinstance(problem, MaxRetryError) else problem
    if isinstance(reason, SSLError):
        reason = next((one for one in reason.args if isinstance(one, ssl.SSLError)), None)
    return reason if isinstance(reason, ssl.SSLError) else None
