"""Posts to other people's servers: within a deadline, to public addresses only, and without following redirects."""

import http.client
from contextlib import closing
from dataclasses import dataclass

from django.conf import settings

from newsletter.errors import NewsletterError
from newsletter.http.failure_sentences import failure_sentence
from newsletter.http.http_client import HttpConnection, NothingSent, Response, ResponseLost, target_of
from newsletter.http.http_headers import asked_to_wait, user_agent
from newsletter.http.web_addresses import host_of


@dataclass(frozen=True, slots=True)
class Answer:
    """The response: a status, or None without a response. `sentence` is for people and names only the host."""

    status: int | None
    sentence: str
    retry_after: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the receiver has accepted the event."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - as RFC 9110 has it

    @property
    def gone(self) -> bool:
        """Whether the receiver never wants another event."""
        return self.status == http.client.GONE


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post JSON to a web address. An error is returned as an answer too."""
    host = host_of(url)
    try:
        response = _post(url, body, headers)
    except NewsletterError as error:
        return Answer(None, str(error))
    except (NothingSent, ResponseLost) as error:
        return Answer(None, failure_sentence(error, host=host, address=host, too_slow=_too_slow(host)))
    phrase = http.client.responses.get(response.status, "")
    sentence = f"{host} responded with {response.status} {phrase}".rstrip() + "."
    return Answer(response.status, sentence, asked_to_wait(response.header("Retry-After")) or 0.0)


def _post(url: str, body: bytes, headers: dict[str, str]) -> Response:
    common = {"Content-Type": "application/json", "User-Agent": user_agent(), "Connection": "close"}
    with closing(HttpConnection(url, public_only=True, bodies_of=())) as connection:
        return connection.exchange(
            "POST",
            target_of(url),
            body,
            {**common, **headers},
            seconds=settings.NEWSLETTER.webhook_timeout_seconds,
        )


def _too_slow(host: str) -> str:
    seconds = settings.NEWSLETTER.webhook_timeout_seconds
    return (
        f"{host} did not respond within {seconds:g} seconds. If this receiver is always slow, increase "
        "NEWSLETTER_WEBHOOK_TIMEOUT_SECONDS."
    )
