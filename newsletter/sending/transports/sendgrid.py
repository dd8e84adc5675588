"""Sends by SendGrid's Mail Send v3: one request for each batch.

SendGrid has no idempotency key, so a post whose response is lost is Unknown and is never repeated. Each post has its
own category, by which we can later find out from Email Logs whether it arrived.
Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sendgrid import SendGridAPIClient

from newsletter.environment import Environment
from newsletter.errors import Invalid, Unreachable
from newsletter.http.http_client import HttpConnection, LeaseExpired, NothingSent, ResponseLost
from newsletter.http.http_headers import time_in
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
    Unknown,
)
from newsletter.sending.posting_lease import Lease
from newsletter.sending.transport import LEASE_OVER, BatchReference, BuiltEmail, Post
from newsletter.sending.transports.sendgrid_answer import ASKS_AGAIN, answer_of, message_id_of
from newsletter.sending.transports.sendgrid_categories import batch_category, issue_category
from newsletter.sending.transports.sendgrid_http_client import SendGridHttpClient
from newsletter.sending.transports.sendgrid_personalizations import Personalizations, personalizations
from newsletter.sending.transports.sendgrid_refusal import document_of
from newsletter.sending.transports.sendgrid_rehearsed_request import built_for_each
from newsletter.sending.transports.sendgrid_request import built_for, bytes_at_most, personalizer, request_of
from subscribers.clean_text import without_addresses

log = logging.getLogger(__name__)

LARGEST_REQUEST = 29_000_000  # SendGrid's limit is 30 MB; the rest is for what a proxy may add
LOGS_SECONDS = 10.0


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
        if used + bytes_at_most(post, post.envelopes) <= LARGEST_REQUEST:
            return len(post.envelopes)
        make = personalizer(post)
        for count, envelope in enumerate(post.envelopes):
            person = built_for(make, envelope)
            used += 0 if isinstance(person, Rejected) else len(orjson.dumps(person)) + 1
            if used > LARGEST_REQUEST:
                return max(count, 1)
        return len(post.envelopes)

    def deliver(self, post: Post) -> Iterator[RecipientsOutcome]:
        """Post the batch in one request, which SendGrid accepts or rejects as a whole."""
        assembled = self._assembled(post)
        if isinstance(assembled, RecipientsOutcome):
            yield assembled
            return
        people, body = assembled
        for recipient, answer in people.rejected.items():
            yield RecipientsOutcome([recipient], answer)
        if people.recipients:
            yield RecipientsOutcome(people.recipients, self._post(body, people.recipients, post.lease))

    def build(self, post: Post) -> Iterator[BuiltEmail | RecipientsOutcome]:
        """Build the request of the batch, and read what it would tell SendGrid about each recipient."""
        assembled = self._assembled(post)
        if isinstance(assembled, RecipientsOutcome):
            yield assembled
            return
        people, body = assembled
        for recipient, answer in people.rejected.items():
            yield RecipientsOutcome([recipient], answer)
        yield from built_for_each(body, post.email)

    def _assembled(self, post: Post) -> tuple[Personalizations, bytes] | RecipientsOutcome:
        """Return the recipients of a post and the body of its request, or why there cannot be a request."""
        with batch_assembly_lock:
            try:
                people = personalizations(post)
                return people, orjson.dumps(request_of(post, people.document, self._environment))
            except (Invalid, orjson.JSONEncodeError) as error:
                everybody = [envelope.recipient for envelope in post.envelopes]
                reason = f"We could not build a request for this issue: {error}"
                return RecipientsOutcome(everybody, NotSent(reason, pause=True))

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
            raise Unreachable(
                f"SendGrid's Email Logs are not available at the moment ({response.status_code})."
            )
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
                recipients, Accepted(message_id_of(messages[0].get("sg_message_id")).partition(".")[0])
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


def _is_logged(message: object) -> bool:
    """Return whether a row of Email Logs is about a message."""
    if not isinstance(message, dict):
        return False
    return any(isinstance(message.get(name), str) for name in ("sg_message_id", "to_email"))


def _text(document: object) -> str:
    return orjson.dumps(document).decode()
