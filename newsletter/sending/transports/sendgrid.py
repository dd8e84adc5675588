"""Sends by SendGrid's Mail Send v3: one request for each batch.

SendGrid has no idempotency key, so a post whose response is lost is Unknown and is never repeated. Each post has its
own category, by which we can later find out from Email Logs whether it arrived.
Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send
"""

import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sendgrid import SendGridAPIClient

from newsletter.environment import Environment
from newsletter.errors import Invalid, Unreachable
from newsletter.http.headers import time_in
from newsletter.http.http_client import HttpConnection, LeaseExpired, NothingSent, ResponseLost
from newsletter.rendering.merge_tags import substitutions
from newsletter.rendering.sender_names import ascii_name
from newsletter.sending.build_message import display_name, given_headers, headers_of, on_the_wire
from newsletter.sending.cpu_lock import batch_assembly_lock
from newsletter.sending.outcomes import (
    Accepted,
    Evidence,
    EvidenceUnavailable,
    NoTrace,
    NotSent,
    Outcome,
    RecipientsOutcome,
    Rejected,
    RejectedWhole,
    Unknown,
)
from newsletter.sending.posting_lease import Lease
from newsletter.sending.transport import LEASE_OVER, BatchReference, Envelope, Post
from newsletter.sending.transports.sendgrid_http_client import SendGridHttpClient
from newsletter.sending.transports.sendgrid_refusal import (
    document_of,
    refusal_of,
    words_of,
)
from subscribers.clean_text import on_one_line, without_addresses

log = logging.getLogger(__name__)

LARGEST_REQUEST = 29_000_000  # SendGrid's limit is 30 MB; the rest is for what a proxy may add
LARGEST_SUBSTITUTIONS = 10_000
# For one recipient: names of tags, headers and arguments, numbers, and the punctuation of JSON.
BYTES_BESIDE_VALUES = 1_500
LONGEST_CATEGORY = 255
LONGEST_MESSAGE_ID = 200
OURS = "press"
IN_SUBJECT = "*|FIRST_NAME_TEXT|*"
AROUND_TAGS = re.compile(r"=(?=\*\|)|\|\*(?=\?|\*\|)")
# The server did not read the whole request, or wants it later (RFC 9110 §15.5.9, RFC 8470 §5.2).
ASKS_AGAIN = (408, 425, 429)
LOGS_SECONDS = 10.0
BEYOND_ASCII = "SendGrid does not accept addresses with non-ASCII characters before the @."
TOO_LONG = (
    f"The personal details for this recipient exceed SendGrid's limit of {LARGEST_SUBSTITUTIONS:,} bytes."
)


class SendGrid:
    """The transport `sendgrid`. Each thread has its own client and connection."""

    name = "sendgrid"
    batch_size = 1_000
    one_by_one = False

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._threads = threading.local()
        self._connections: list[HttpConnection] = []

    @property
    def lease_duration(self) -> timedelta:
        """The timeout of a request, plus a minute for a slow machine."""
        return timedelta(seconds=self._environment.sendgrid_timeout_seconds + 60)

    def max_envelopes(self, post: Post) -> int:
        """Return how many envelopes fit into one request, measured in bytes of JSON if they could be too many."""
        try:
            used = len(orjson.dumps(request_of(post, [], self._environment)))
        except (Invalid, orjson.JSONEncodeError):
            return len(post.envelopes)  # `deliver` says what is wrong with the email
        if used + len(post.envelopes) * bytes_at_most(post) <= LARGEST_REQUEST:
            return len(post.envelopes)
        make = personalizer(post)
        for count, envelope in enumerate(post.envelopes):
            person = _built(make, envelope)
            used += 0 if isinstance(person, Rejected) else len(orjson.dumps(person)) + 1
            if used > LARGEST_REQUEST:
                return max(count, 1)
        return len(post.envelopes)

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Post the batch in one request, which SendGrid accepts or rejects as a whole."""
        make = personalizer(post)
        with batch_assembly_lock:
            built = {envelope.recipient: _built(make, envelope) for envelope in post.envelopes}
            refused = {recipient: one for recipient, one in built.items() if isinstance(one, Rejected)}
            people = {recipient: one for recipient, one in built.items() if not isinstance(one, Rejected)}
            if bytes_at_most(post) > LARGEST_SUBSTITUTIONS:
                refused |= dict.fromkeys(_too_long(people), Rejected(TOO_LONG, personal=True))
            for recipient in refused:
                people.pop(recipient, None)
            try:
                body = orjson.dumps(request_of(post, list(people.values()), self._environment))
            except (Invalid, orjson.JSONEncodeError) as error:
                everybody = [envelope.recipient for envelope in post.envelopes]
                reason = f"We could not build a request for this issue: {error}"
                yield RecipientsOutcome(everybody, NotSent(reason, pause=True))
                return
        for recipient, answer in refused.items():
            yield RecipientsOutcome([recipient], answer)
        if people:
            yield RecipientsOutcome(list(people), self._post(body, list(people), post.lease))

    def accepted_addresses(
        self, traces: Sequence[BatchReference], *, issue: BatchReference | None, at_most: int
    ) -> Sequence[str] | None:
        """Ask Email Logs in one query for the categories of posts and of an issue."""
        named = [*map(batch_category, traces), *([issue_category(issue)] if issue else [])]
        query = "categories IN ({})".format(",".join(f"'{name}'" for name in named))
        try:
            response = (
                self._client()
                ._("logs")
                .post(
                    request_body=_text({"query": query, "limit": at_most}),
                    timeout=min(LOGS_SECONDS, self._environment.sendgrid_timeout_seconds),
                )
            )
        except (NothingSent, ResponseLost) as error:
            raise Unreachable(f"SendGrid's Email Logs did not respond ({error}).") from None
        if response.status_code in ASKS_AGAIN or response.status_code >= 500:  # noqa: PLR2004 - an error of its own
            raise Unreachable(f"SendGrid's Email Logs are not available now ({response.status_code}).")
        if response.status_code != 200:  # noqa: PLR2004 - OK
            return None
        document = document_of(response.body)
        messages = document.get("messages")
        if not isinstance(messages, list) or document.get("errors"):
            raise Unreachable("We could not read the response from SendGrid's Email Logs.")
        addresses = [each.get("to_email") for each in messages if isinstance(each, dict)]
        return [each if isinstance(each, str) else "" for each in addresses]

    def evidence(self, trace: BatchReference, recipients: Sequence[int]) -> Iterator[Evidence]:
        """Ask Email Logs for the category of a post: one hit proves that it arrived. No hit proves nothing for a while.

        https://www.twilio.com/docs/sendgrid/api-reference/email-logs
        """
        query = f"categories IN ('{batch_category(trace)}')"
        try:
            response = self._client()._("logs").post(request_body=_text({"query": query, "limit": 1}))
        except (NothingSent, ResponseLost):
            yield EvidenceUnavailable()
            return
        if response.status_code != 200:  # noqa: PLR2004 - OK; any other response proves nothing
            return
        document = document_of(response.body)
        messages = document.get("messages")
        if not isinstance(messages, list) or not all(map(_is_logged, messages)) or document.get("errors"):
            log.warning("Could not read the response from SendGrid's Email Logs.")
        elif messages:
            yield RecipientsOutcome(
                recipients, Accepted(_message_id(messages[0].get("sg_message_id")).partition(".")[0])
            )
        else:
            yield NoTrace(
                "SendGrid's Email Logs have no record of this request.", time_in(response.headers.get("Date"))
            )

    def close(self) -> None:
        """Close the connections of all threads. Call this when no thread is posting any more."""
        while self._connections:
            self._connections.pop().close()

    def _post(self, body: bytes, recipients: Sequence[int], lease: Lease) -> Outcome:
        try:
            response = self._client()._("mail/send").post_bytes(body, lease)
        except LeaseExpired:
            return LEASE_OVER
        except NothingSent as error:
            return NotSent(f"We could not reach SendGrid ({without_addresses(str(error))}).")
        except ResponseLost as error:
            return Unknown(
                "The connection to SendGrid failed before we received a response "
                f"({without_addresses(str(error))})."
            )
        return answer_of(
            response.status_code,
            response.headers,
            response.body,
            recipients=recipients,
            sandbox=self._environment.sendgrid_sandbox,
        )

    def _client(self) -> Any:
        if not hasattr(self._threads, "client"):
            host = str(self._environment.sendgrid_host).rstrip("/")
            sdk = SendGridAPIClient(self._environment.sendgrid_api_key.get_secret_value(), host=host)
            # With a charset in this header, the SDK treats the body as finished text.
            headers = {**sdk.client.request_headers, "Content-Type": "application/json; charset=utf-8"}
            connection = HttpConnection(host)
            self._connections.append(connection)
            self._threads.client = SendGridHttpClient(
                connection=connection,
                seconds=self._environment.sendgrid_timeout_seconds,
                host=host,
                version=3,
                request_headers=headers,
            )
        return self._threads.client


def request_of(post: Post, people: Sequence[Mapping[str, Any]], environment: Environment) -> dict[str, Any]:
    """Build the body of one request for a post, as the Mail Send reference describes it."""
    email = post.email
    request: dict[str, Any] = {
        "personalizations": people,
        "from": _named(
            on_the_wire(email.sender_address), email.sender_name_ascii or ascii_name(email.sender_name)
        ),
        "subject": never_an_encoded_word(on_one_line(email.subject)),
        "content": [
            {"type": "text/plain", "value": email.text},
            {"type": "text/html", "value": email.html},
        ],
        "headers": headers_of(email),
        "categories": categories(post.trace),
        "tracking_settings": {
            # If this were on, SendGrid would add a second List-Unsubscribe header.
            "subscription_tracking": {"enable": False},
            "open_tracking": {"enable": environment.track_opens},
            "click_tracking": {"enable": environment.track_clicks, "enable_text": False},
        },
    }
    if email.reply_to:
        request["reply_to"] = {"email": on_the_wire(email.reply_to)}
    if environment.sendgrid_sandbox:
        request["mail_settings"] = {"sandbox_mode": {"enable": True}}
    return request


def personalizer(post: Post) -> Callable[[Envelope], dict[str, Any]]:
    """Return a function that builds what differs for one recipient, without personal data in `custom_args`."""
    trace, fallback = post.trace, post.email.first_name_fallback
    shared, recipient = custom_args(trace), f"{OURS}_recipient"

    def personalization(envelope: Envelope) -> dict[str, Any]:
        values = substitutions(envelope.person, fallback)
        values[IN_SUBJECT] = never_an_encoded_word(values[IN_SUBJECT])
        return {
            "to": [_named(on_the_wire(envelope.address), never_an_encoded_word(display_name(envelope.name)))],
            "substitutions": values,
            "headers": given_headers(envelope.headers),
            "custom_args": {**shared, recipient: str(envelope.recipient)},
        }

    return personalization


def custom_args(trace: BatchReference) -> dict[str, str]:
    """Return the arguments that SendGrid returns in every event of a post."""
    return {
        f"{OURS}_mailing": str(trace.mailing),
        f"{OURS}_batch": str(trace.batch),
        f"{OURS}_attempt": str(trace.attempt),
    }


def categories(trace: BatchReference) -> list[str]:
    """Return categories for publication, issue and batch, without personal data: at most 255 characters each."""
    publication = f"{OURS} {trace.publication}"
    # Test emails do not have the issue's category, or its mailing would look as if it had been posted.
    issue = issue_category(trace) if trace.batch else f"{publication} test"[:LONGEST_CATEGORY]
    return [publication[:LONGEST_CATEGORY], issue, batch_category(trace)]


def issue_category(trace: BatchReference) -> str:
    """Return the category of every post of an issue."""
    return f"{OURS} {trace.publication} {trace.issue}"[:LONGEST_CATEGORY]


def batch_category(trace: BatchReference) -> str:
    """Return the category of one post alone."""
    return f"{OURS} batch {trace.mailing} {trace.number} {trace.attempt}"


def answer_of(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    recipients: Sequence[int] = (),
    sandbox: bool = False,
) -> Outcome:
    """Return the outcome for the status of a request. Only 202 means accepted, or 200 in the sandbox."""
    if status == 202 or (sandbox and status == 200):  # noqa: PLR2004 - as the reference names them
        return Accepted(_message_id(headers.get("X-Message-Id")))
    if status == 429:  # noqa: PLR2004
        return NotSent("SendGrid asked us to send fewer requests.", retry_after=_wait(headers))
    if 400 <= status < 500:  # noqa: PLR2004
        return _refused(status, headers, body, recipients)
    if 300 <= status < 400:  # noqa: PLR2004
        return Unknown(
            f"SendGrid responded with a redirect ({status}). Check NEWSLETTER_SENDGRID_HOST.", pause=True
        )
    return Unknown(f"SendGrid responded with status {status}.", retry_after=_wait(headers))


def _refused(
    status: int, headers: Mapping[str, str], body: bytes, recipients: Sequence[int]
) -> RejectedWhole | NotSent:
    if status in {400, 413}:
        return refusal_of(body, status, recipients)
    if status in ASKS_AGAIN:
        return NotSent(f"SendGrid did not accept the request ({status}).", retry_after=_wait(headers))
    check = "SENDGRID_API_KEY and the sender" if status in {401, 403} else "NEWSLETTER_SENDGRID_HOST"
    return NotSent(f"SendGrid rejected the request ({status}): {words_of(body)} Check {check}.", pause=True)


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait, by Retry-After (seconds) or X-RateLimit-Reset (Unix time); 0 without either."""
    for name, start in (("Retry-After", 0.0), ("X-RateLimit-Reset", time.time())):
        try:
            seconds = float(headers.get(name, "")) - start
        except ValueError:
            continue
        if not math.isnan(seconds):
            return min(max(seconds, 0.0), 3_600.0)
    return 0.0


def _message_id(said: object) -> str:
    """Return SendGrid's ID for a request with unexpected characters removed, to store in the ledger."""
    text = said if isinstance(said, str) else ""
    return "".join(sign for sign in text if "!" <= sign <= "~")[:LONGEST_MESSAGE_ID]


def _is_logged(message: object) -> bool:
    """Return whether a row of Email Logs is about a message."""
    if not isinstance(message, dict):
        return False
    return any(isinstance(message.get(name), str) for name in ("sg_message_id", "to_email"))


def _text(document: object) -> str:
    return orjson.dumps(document).decode()


def _built(make: Callable[[Envelope], dict[str, Any]], envelope: Envelope) -> dict[str, Any] | Rejected:
    """Return what differs for one recipient, or why we cannot send to them."""
    if not envelope.address.rpartition("@")[0].isascii():
        return Rejected(BEYOND_ASCII, personal=True)
    try:
        return make(envelope)
    except Invalid as error:
        return Rejected(str(error), personal=True)


def never_an_encoded_word(text: str) -> str:
    """Return the text with every `=?` separated by a word joiner, also if filling in a tag would make one.

    SendGrid writes the headers, so we cannot know whether it, or a later server, decodes `=?…?=` (RFC 2047).
    """
    if "=" not in text and "|" not in text:
        return text
    return AROUND_TAGS.sub("\\g<0>\u2060", text.replace("=?", "=\u2060?"))


def _named(address: str, name: str) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def bytes_at_most(post: Post) -> int:
    r"""Return an upper limit for the bytes of JSON of one envelope of a post, which is cheap to work out.

    Each value occurs at most twice, once for HTML. No character takes more than six bytes: `&quot;`, `\u0000`.
    """
    return BYTES_BESIDE_VALUES + 2 * 6 * (post.longest + len(post.email.first_name_fallback))


def _too_long(people: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Return the recipients whose values exceed SendGrid's limit."""
    return [
        recipient
        for recipient, person in people.items()
        if sum(len(tag) + len(value.encode()) for tag, value in person["substitutions"].items())
        > LARGEST_SUBSTITUTIONS
    ]
