"""Reads a post of SendGrid's Event Webhook: bytes in, reports out. Only a post that is not JSON fails as a whole;
elements that are not events are returned separately.

Fields: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from newsletter.tracking.clean_clicked_urls import plain_link
from newsletter.tracking.models import Event
from newsletter.tracking.read_broken_json import elements_of
from subscribers.whole_numbers import whole_number

Kind = Event.Kind
# These mean what their names say; the others need a closer look.
PLAIN = {
    "processed": Kind.PROCESSED.value,
    "delivered": Kind.DELIVERED.value,
    "deferred": Kind.DEFERRED.value,
    "click": Kind.CLICKED.value,
    "spamreport": Kind.COMPLAINED.value,
}
OPENED, MACHINE_OPENED = Kind.OPENED.value, Kind.MACHINE_OPENED.value
BOUNCED, BLOCKED, DROPPED = Kind.BOUNCED.value, Kind.BLOCKED.value, Kind.DROPPED.value
UNSUBSCRIBED, OTHER = Kind.UNSUBSCRIBED.value, Kind.OTHER.value
MAILING, BATCH, ATTEMPT, RECIPIENT = "press_mailing", "press_batch", "press_attempt", "press_recipient"
EARLIEST, LATEST = 1_200_000_000, 4_000_000_000  # Unix time; SendGrid is not older
# The largest values of the columns: PostgreSQL rejects the whole statement for a larger one.
LARGEST_NUMBER, LARGEST_ATTEMPT = 2**63 - 1, 2**31 - 1
LONGEST_NUMBER = len(str(LARGEST_NUMBER))
DIGEST_BYTES, LONGEST_FINGERPRINT = 12, 16
LONGEST_ID = LONGEST_DETAIL = 100
# Of a mail server's words we only keep status codes and class names; its sentences may contain addresses.
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}|[245]\d\d")


# What `_Reader.report_of` raises.
NOT_AN_EVENT = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError)
# The reporters.
SENDGRID, SMTP_SERVER, BOUNCE_MAILBOX = "SendGrid", "SMTP server", "Bounce mailbox"


class ReportedBatch(NamedTuple):
    """Our arguments of an email, as returned: the mailing's key, the batch, its attempt. "" and 0 if missing."""

    mailing: str
    batch: int
    attempt: int


class Report(NamedTuple):
    """One event as reported. `address` is used to find people and is not stored. 0 and "" mean missing.

    `reporter` says who reported it, in words for the consent log.
    """

    provider_id: str | None
    fingerprint: bytes
    kind: str
    detail: str
    at: int
    trace: ReportedBatch
    recipient: int
    address: str
    url: str
    reporter: str = SENDGRID


def read_post(body: bytes, received_at: int) -> tuple[list[Report], list[Any]]:
    """Return the reports of a post, and the elements that are not events. Raises NotReadable."""
    reports: list[Report] = []
    strange: list[Any] = []
    report_of = _Reader(received_at).report_of
    for element in _elements(body):
        try:
            reports.append(report_of(element))
        except NOT_AN_EVENT:
            strange.append(element)
    return reports, strange


def read_elements(body: bytes, received_at: int) -> Iterator[tuple[Any, Report | None]]:
    """Yield each element of a post with its report, or None if it is not an event. Raises NotReadable."""
    report_of = _Reader(received_at).report_of
    for element in _elements(body):
        try:
            yield element, report_of(element)
        except NOT_AN_EVENT:
            yield element, None


NOWHERE = ReportedBatch("", 0, 0)


def report_about(
    recipient: int,
    kind: Event.Kind,
    detail: str,
    *,
    at: int,
    reporter: str,
    address: str = "",
    message: str = "",
) -> Report:
    """Make a report about one message that did not come by the webhook. Each kind counts once for a message.

    If the recipient row no longer exists, `recipient` is 0, `address` identifies the person, and `message` the message.
    """
    which = str(recipient) if recipient else f"{address}\0{message}"
    digest = _Reader(at).digest(f"{which}\0{kind}".encode())
    fingerprint = bytes(LONGEST_FINGERPRINT - DIGEST_BYTES) + digest
    return Report(
        None,
        fingerprint,
        kind.value,
        _clean(detail, LONGEST_DETAIL),
        at,
        NOWHERE,
        recipient,
        address,
        "",
        reporter,
    )


class _Reader:
    """Reads elements, and works out only once what is the same in many of them."""

    def __init__(self, received_at: int) -> None:
        self.received_at = received_at
        # The oldest key, so that we recognise a repeated report after the secret key was changed.
        oldest = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)[-1]
        self._digest = hashlib.blake2b(key=_key(oldest), digest_size=DIGEST_BYTES)
        self._traces: dict[tuple[Any, Any, Any], ReportedBatch] = {}
        self._links: dict[str, str] = {}

    def report_of(self, element: dict[str, Any]) -> Report:
        """Return the report of an element. Raises a built-in error if it is not an event: cheaper than checks."""
        get = element.get
        name, at, address = element["event"], get("timestamp"), get("email")
        if type(at) is not int or not EARLIEST < at < LATEST:
            at = self.received_at
        kind, detail = (PLAIN[name], "") if name in PLAIN else _kind_and_detail(name, get)
        provider_id = get("sg_event_id")
        values = (
            _clean(provider_id, LONGEST_ID) or None if type(provider_id) is str else None,
            self._fingerprint(element, name, f"{kind}\0{detail}", address),
            kind,
            detail,
            at,
            self._trace(get(MAILING), get(BATCH), get(ATTEMPT)),
            _number(get(RECIPIENT)),
            address if type(address) is str else "",
            self._link(get("url")) if name == "click" else "",
            SENDGRID,
        )
        # What `Report(*values)` does, in half the time.
        return tuple.__new__(Report, values)

    def _fingerprint(self, element: dict[str, Any], name: str, meaning: str, address: Any) -> bytes:
        """Return the same bytes for a repeat, even if SendGrid gave it another sg_event_id (sendgrid-nodejs#1435).

        All that we store of an event is part of the fingerprint, so that the order of reports does not matter. It
        starts with the time, so that new events are next to each other in the index.
        """
        get = element.get
        message_id, at = get("sg_message_id"), get("timestamp")
        if not (message_id or address):
            whole = {name: value for name, value in element.items() if name != "sg_event_id"}
            said = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
        elif name == "click":
            place = (get("url_offset"), get("url"))
            said = f"{message_id}\0{address}\0{name}\0{at}\0{place}".encode(errors="replace")
        else:
            said = f"{message_id}\0{address}\0{name}\0{meaning}\0{at}".encode(errors="replace")
        time = at if type(at) is int and EARLIEST < at < LATEST else 0
        return time.to_bytes(4) + self.digest(said)

    def digest(self, said: bytes) -> bytes:
        """Return a keyed hash, so that nobody can find an address by trying many."""
        digest = self._digest.copy()
        digest.update(said)
        return digest.digest()

    def _trace(self, mailing: Any, batch: Any, attempt: Any) -> ReportedBatch:
        given = (mailing, batch, attempt)
        if given not in self._traces:
            key = mailing if type(mailing) is str else ""
            self._traces[given] = ReportedBatch(key, _number(batch), _number(attempt, LARGEST_ATTEMPT))
        return self._traces[given]

    def _link(self, url: Any) -> str:
        if type(url) is not str:
            return ""
        if url not in self._links:
            self._links[url] = plain_link(url)
        return self._links[url]


def _kind_and_detail(name: str, get: Any) -> tuple[str, str]:
    match name:
        case "open":
            return (MACHINE_OPENED if get("sg_machine_open") is True else OPENED), ""
        case "bounce":
            # `blocked` is temporary, and so is any type that SendGrid may add.
            return (BOUNCED if get("type", "bounce") == "bounce" else BLOCKED), _class_of(get)
        case "blocked":
            return BLOCKED, _class_of(get)
        case "dropped":
            return DROPPED, _without_addresses(get("reason"))
        case "unsubscribe" | "group_unsubscribe":
            return UNSUBSCRIBED, _clean(name, LONGEST_DETAIL)
    return OTHER, _clean(name, LONGEST_DETAIL)


def _class_of(get: Any) -> str:
    """Return SendGrid's class of a bounce or, without one, the status code."""
    given = get("bounce_classification")
    if type(given) is str and given:
        return _without_addresses(given)
    status = STATUS.search(str(get("status") or ""))
    return status.group() if status else ""


def _without_addresses(said: Any) -> str:
    """Return what SendGrid said, or an empty string if it contains an address."""
    return _clean(said, LONGEST_DETAIL) if type(said) is str and "@" not in said else ""


def _number(value: Any, largest: int = LARGEST_NUMBER) -> int:
    number = (whole_number(value, digits=LONGEST_NUMBER) or 0) if type(value) is str else 0
    return number if number <= largest else 0


def _clean(text: str, longest: int) -> str:
    """Shorten text and remove NUL, which PostgreSQL cannot store."""
    return text[:longest].replace("\0", "")


def _elements(body: bytes) -> list[Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Half a surrogate, a huge number or a broken byte in one event must not lose a thousand others.
        document = elements_of(body.decode(errors="replace"))
    return document if isinstance(document, list) else [document]


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"newsletter.tracking.fingerprint:{secret}".encode()).digest()
