"""Explains to people why a request failed: one sentence for each cause."""

import http.client
import socket
import ssl

from newsletter.http.connection import NotConnected
from newsletter.http.public_addresses import NameServersSilentError


def failure_sentence(error: Exception, *, host: str, address: str, too_slow: str) -> str:  # noqa: PLR0911 - a table
    """Return the sentence for an error of `HttpConnection.exchange` or of reading a body.

    `address` is the URL in question, `host` is the host to reach, and `too_slow` is the sentence for a timeout.
    """
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    match cause:
        case NameServersSilentError():
            return f"The name servers did not find {host} in time."
        case TimeoutError():
            return too_slow
        case socket.gaierror():
            return f"We could not find the host {host}. Check the address."
        case ssl.SSLCertVerificationError():
            return f"{address} has a certificate that is not valid: {cause.verify_message}."
        case ssl.SSLError():
            return f"We could not connect to {address} securely: the TLS connection failed."
        case OSError() if isinstance(error, NotConnected):
            reason = (cause.strerror or "the connection failed").lower()
            return f"We could not connect to {host}: {reason}."
        case ConnectionError():
            return f"{address} closed the connection before sending a complete response."
        case http.client.IncompleteRead() | EOFError():
            return f"{address} sent only part of its response, so we did not use it."
        case _:
            return f"{address} did not send a valid web response, or sent data that we could not decompress."
