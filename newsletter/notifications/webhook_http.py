"""Posts to an address of somebody else's, within a deadline, to public addresses only, and follows no redirect."""

import http.client
import ssl
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from newsletter.errors import PressError
from newsletter.http.connect import Deadline, open_http
from newsletter.http.fetch import asked_to_wait, user_agent
from newsletter.http.web_addresses import host_of

FAULTS = (OSError, http.client.HTTPException, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or none; `sentence` says it to a person and names no more than the host."""

    status: int | None
    sentence: str
    retry_after: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - as RFC 9110 has it

    @property
    def gone(self) -> bool:
        """Whether the receiver wants nothing more, ever."""
        return self.status == http.client.GONE


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post JSON to a web address. Whatever goes wrong is an answer too."""
    host = host_of(url)
    with Deadline(settings.NEWSLETTER.hook_seconds) as deadline:
        try:
            return _post(url, body, headers, deadline)
        except PressError as error:
            return Answer(None, _too_slow(host) if deadline.passed else str(error))
        except FAULTS as error:
            return Answer(None, _too_slow(host) if deadline.passed else _said(host, error))


def _post(url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> Answer:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    common = {"Content-Type": "application/json", "User-Agent": user_agent(), "Connection": "close"}
    with closing(open_http(url, deadline)) as connection:
        connection.request("POST", target, body=body, headers={**common, **headers})
        with connection.getresponse() as answer:
            phrase = http.client.responses.get(answer.status, "")
            wait = asked_to_wait(answer.getheader("Retry-After", "")) or 0.0
            return Answer(
                answer.status, f"{host_of(url)} answered {answer.status} {phrase}".rstrip() + ".", wait
            )


def _said(host: str, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{host} has a certificate that does not hold: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"{host} could not be reached safely: the TLS connection failed."
    if isinstance(error, ConnectionError):
        return f"{host} cut the connection without an answer."
    return f"{host} did not answer as a web server does."


def _too_slow(host: str) -> str:
    return f"{host} did not answer within {settings.NEWSLETTER.hook_seconds:g} seconds (NEWSLETTER_HOOK_SECONDS)."
