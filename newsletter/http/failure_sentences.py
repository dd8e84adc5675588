"""Says to a person why a request failed: one sentence for each thing that can go wrong on the way."""

import http.client
import socket
import ssl

from newsletter.http.connection import NotConnected
from newsletter.http.public_addresses import NameServersSilentError


def failure_sentence(error: Exception, *, host: str, address: str, too_slow: str) -> str:  # noqa: PLR0911 - a table
    """Return the sentence for an error of `HttpConnection.exchange`, or of reading a body.

    `address` is what the sentence is about, `host` what could not be reached, `too_slow` the sentence for a deadline.
    """
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    match cause:
        case NameServersSilentError():
            return f"The name servers did not say in time where {host} is."
        case TimeoutError():
            return too_slow
        case socket.gaierror():
            return f"The host {host} was not found. Check the address."
        case ssl.SSLCertVerificationError():
            return f"{address} has a certificate that does not hold: {cause.verify_message}."
        case ssl.SSLError():
            return f"{address} could not be reached safely: the TLS connection failed."
        case OSError() if isinstance(error, NotConnected):
            reason = (cause.strerror or "it failed").lower()
            return f"No connection to {host} could be made: {reason}."
        case ConnectionError():
            return f"{address} cut the connection without a whole answer."
        case http.client.IncompleteRead() | EOFError():
            return f"{address} sent only a part of its answer, so none of it was used."
        case _:
            return f"{address} did not answer as a web server does, or sent data that cannot be unpacked."
