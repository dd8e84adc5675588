"""Explains to people why a request failed: one sentence for each cause."""

import http.client
import socket
import ssl

from newsletter.http.http_client import NotConnected
from newsletter.http.public_addresses import NameServersSilentError


def failure_sentence(error: Exception, *, host: str, address: str, too_slow: str) -> str:  # noqa: PLR0911 - a table
    """Return the sentence for an error of `HttpConnection.exchange` or of reading a body.

    `address` is the URL in question, `host` is the host to reach, and `too_slow` is the sentence for a timeout.
    """
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    match cause:
        case NameServersSilentError():
            return f"We could not look up {host} in the DNS in time. Try again later."
        case TimeoutError():
            return too_slow
        case socket.gaierror():
            return f"We could not find the server {host}. Check the address."
        case ssl.SSLCertVerificationError():
            return (
                f"The certificate of {address} is not valid ({cause.verify_message}). Check the "
                "address, or tell the owner of the site."
            )
        case ssl.SSLError():
            return (
                f"We could not make a secure connection (TLS) to {address}. Check the address, or try "
                "again later."
            )
        case OSError() if isinstance(error, NotConnected):
            reason = (cause.strerror or "the connection failed").lower()
            return f"We could not connect to {host} ({reason}). Check the address, or try again later."
        case ConnectionError():
            return f"The server closed the connection before it had sent all of {address}. Try again later."
        case http.client.IncompleteRead() | EOFError():
            return f"The server sent only part of {address}, so we did not use it. Try again later."
        case _:
            return (
                f"We could not read the response from {address}, because it is not a valid web response "
                "or is damaged. Try again later."
            )
