"""Fetches one URL politely and within limits: seconds, bytes, redirects, and public addresses only.

The result is either a complete document or an error with a sentence, never half a document.
"""

import base64
import http.client
import zlib
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import unquote, urlencode, urljoin

from django.conf import settings

from newsletter.errors import Invalid, Refused, Unreachable
from newsletter.http.deadline_socket import Deadline
from newsletter.http.decompress import Decompressor
from newsletter.http.failure_sentences import failure_sentence
from newsletter.http.fetched_document import Document
from newsletter.http.http_client import HttpConnection, NothingSent, Response, ResponseLost, target_of
from newsletter.http.http_headers import asked_to_wait, user_agent
from newsletter.http.http_response import BodyTooLargeError
from newsletter.http.web_addresses import (
    host_of,
    normalise_url,
    origin_of,
    split_credentials,
    without_credentials,
    without_parameter,
)

REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT_REDIRECTS = {301, 308}
MAX_REDIRECTS = 5
CHUNK = 65_536
WITH_A_DOCUMENT = {http.client.OK, http.client.NON_AUTHORITATIVE_INFORMATION}
FAULTS = (OSError, http.client.HTTPException, ValueError, EOFError, zlib.error)
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
)
SENTENCES = {
    401: "{url} requires a username and password (401). Add the source again with both in its address, such as https://username:password@host/….",
    403: "We are not allowed to read {url} (403). Ask its publisher to allow access from this server.",
    404: "{url} does not exist (404). Check the address.",
    410: "{url} no longer exists (410). Remove the source, or add its new address.",
    429: (
        "We could not read {url}, because the site has asked us to send fewer requests (429). We will "
        "try again later."
    ),
    451: "{url} is not available for legal reasons (451). If this does not change, remove the source.",
    503: "{url} is not available at the moment (503). We will try again later.",
}


class NotAnswered(Unreachable):
    """A source responded with an error `status`, or not at all (0). `retry_after` is the seconds it asks us to wait."""

    def __init__(self, sentence: str, *, retry_after: float | None = None, status: int = 0) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.status = status

    @property
    def gone(self) -> bool:
        """Whether the source says that it was removed for good."""
        return self.status == http.client.GONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The result of a fetch: a document, or None if the source says that nothing has changed.

    `location` is the URL for next time. It only differs from the requested one after permanent redirects. If we sent a
    user name and password, a redirect to another host does not count as permanent.
    """

    document: Document | None
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may use. Redirects to another host than `only_host` are refused, unless it is empty.

    `from_settings` says whether raising a setting would help where a limit is reached.
    """

    seconds: float
    largest: int
    only_host: str = ""
    from_settings: bool = True


@dataclass(slots=True)
class FetchState:
    """The state of a fetch as it follows redirects."""

    url: str
    location: str
    credentials: str
    headers: dict[str, str]
    asked_for_changes: bool
    limits: Limits
    key_parameter: str = ""
    permanent: bool = True
    steps: int = 0

    def follow(self, status: int, target: str) -> None:
        """Follow one redirect. Raises Refused if the rules forbid it."""
        self.steps += 1
        if self.steps > MAX_REDIRECTS:
            raise Refused(
                f"{without_credentials(self.location)} redirects more than {MAX_REDIRECTS} times. "
                "Check the address in a browser."
            )
        # A user name and password in a redirect come from the source, not from us.
        following, _theirs = split_credentials(normalise_url(urljoin(self.url, target.replace(" ", "%20"))))
        if self.key_parameter:
            # Servers repeat what they were asked with, and the key is neither shown nor kept with the address.
            following = without_parameter(following, self.key_parameter)
        if self.url.startswith("https:") and following.startswith("http:"):
            raise Refused(
                f"{without_credentials(self.location)} redirects from https to http, so somebody could "
                "change its content before it reaches us. If this is acceptable, add "
                f"{without_credentials(following)} instead."
            )
        if self.limits.only_host and host_of(following) != self.limits.only_host:
            raise Refused(
                f"{without_credentials(self.location)} redirects to another site. Add the address of "
                "that site instead."
            )
        self.permanent = self.permanent and status in PERMANENT_REDIRECTS
        if self.credentials and origin_of(following) != origin_of(self.url):
            self.credentials = ""
            self.permanent = False
        self.url = following
        if self.permanent:
            self.location = following


def default_limits() -> Limits:
    """Return the limits in the settings."""
    return Limits(
        seconds=settings.NEWSLETTER.fetch_timeout_seconds, largest=settings.NEWSLETTER.fetch_max_bytes
    )


def fetch(
    address: str,
    *,
    credentials: str = "",
    etag: str = "",
    last_modified: str = "",
    limits: Limits | None = None,
    key_parameter: str = "",
    accept: str = ACCEPT,
) -> Fetched:
    """Fetch a document by HTTP (RFC 9110), with a conditional request if ETag or Last-Modified are known.

    `credentials` is `name:password`, escaped as in a URL. They are sent to the host of the URL and, after a redirect,
    to no other host. With `key_parameter` they are the key of an API, and sent in this parameter of the query instead.
    A user name and password in the URL itself are left out. Raises NotAnswered, Unreachable, Refused or Invalid, each
    with a sentence that names the URL.
    """
    url, _left_out = split_credentials(normalise_url(address))
    journey = FetchState(
        url=url,
        location=url,
        credentials=credentials,
        headers=_headers(accept, etag, last_modified),
        asked_for_changes=bool(etag or last_modified),
        limits=limits or default_limits(),
        key_parameter=key_parameter,
    )
    deadline = Deadline(journey.limits.seconds)
    try:
        return _follow_redirects(journey, deadline)
    except (NothingSent, ResponseLost, *FAULTS) as error:
        raise NotAnswered(_sentence(journey, deadline, error)) from error
    except (Unreachable, Refused, Invalid):
        if deadline.passed:
            raise NotAnswered(_too_slow(journey, deadline)) from None
        raise


def _follow_redirects(journey: FetchState, deadline: Deadline) -> Fetched:
    while True:
        answer = _ask(journey, deadline)
        if answer.status in REDIRECTS and (target := answer.header("Location")):
            journey.follow(answer.status, target)
            continue
        if answer.status == http.client.NOT_MODIFIED and journey.asked_for_changes:
            return Fetched(document=None, location=journey.location)
        _check_status(answer, journey)
        return Fetched(document=_document(answer, journey), location=journey.location)


def _ask(journey: FetchState, deadline: Deadline) -> Response:
    headers = dict(journey.headers)
    target = target_of(journey.url)
    if journey.credentials and journey.key_parameter:
        target += f"{'&' if '?' in target else '?'}{urlencode({journey.key_parameter: journey.credentials})}"
    elif journey.credentials:
        headers["Authorization"] = _basic(journey.credentials)
    connection = HttpConnection(
        journey.url,
        public_only=True,
        largest_body=journey.limits.largest,
        bodies_of=WITH_A_DOCUMENT,
    )
    with closing(connection):
        return connection.exchange("GET", target, None, headers, seconds=deadline.left)


def _document(answer: Response, journey: FetchState) -> Document:
    return Document(
        data=_body(answer, journey),
        url=journey.url,
        content_type=answer.header("Content-Type"),
        etag=answer.header("ETag"),
        last_modified=answer.header("Last-Modified"),
        headers={name.lower(): value for name, value in answer.headers.items()},
    )


def _body(answer: Response, journey: FetchState) -> bytes:
    """Return the whole decompressed body. A connection that ends too early is an error (RFC 9112, 8)."""
    most = journey.limits.largest
    too_large = isinstance(answer.fault, BodyTooLargeError)
    if answer.fault is not None and not too_large:
        raise answer.fault
    unpacking = Decompressor(answer.header("Content-Encoding"), most)
    if too_large or not all(
        unpacking.take(answer.body[start : start + CHUNK]) for start in range(0, len(answer.body), CHUNK)
    ):
        advice = " If this size is expected, increase NEWSLETTER_FETCH_MAX_BYTES."
        raise Refused(
            f"{without_credentials(journey.url)} is larger than {most:,} bytes, so we did not read it."
            f"{advice if journey.limits.from_settings else ''}"
        )
    return unpacking.finish()


def _check_status(answer: Response, journey: FetchState) -> None:
    status = answer.status
    if status in WITH_A_DOCUMENT:
        return
    named = f"{status} {http.client.responses.get(status, '')}".rstrip()
    sentence = SENTENCES.get(
        status, f"{{url}} responded with {named}. Check the address, or try again later."
    )
    raise NotAnswered(
        sentence.replace("{url}", without_credentials(journey.url)),
        retry_after=asked_to_wait(answer.header("Retry-After")),
        status=status,
    )


def _headers(accept: str, etag: str, last_modified: str) -> dict[str, str]:
    headers = {
        "User-Agent": user_agent(),
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def _basic(credentials: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(unquote(credentials).encode()).decode("ascii")


def _sentence(journey: FetchState, deadline: Deadline, error: Exception) -> str:
    if deadline.passed:
        return _too_slow(journey, deadline)
    return failure_sentence(
        error,
        host=host_of(journey.url),
        address=without_credentials(journey.url),
        too_slow=_too_slow(journey, deadline),
    )


def _too_slow(journey: FetchState, deadline: Deadline) -> str:
    advice = " If the site is always slow, increase NEWSLETTER_FETCH_TIMEOUT_SECONDS."
    return (
        f"{without_credentials(journey.url)} did not respond within {deadline.seconds:.3g} seconds."
        f"{advice if journey.limits.from_settings else ''}"
    )
