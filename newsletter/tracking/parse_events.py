"""Reads a post of SendGrid's Event Webhook: bytes in, reports out. Nothing in it can make this fail as a whole but a
post that is no JSON; an element that is no event is handed back.

Fields: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from newsletter.tracking.broken_json import elements_of
from newsletter.tracking.clicked_links import plain_link
from newsletter.tracking.models import Event

Kind = Event.Kind
# These are what their name says; the others need a look.
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
EARLIEST, LATEST = 1_200_000_000, 4_000_000_000  # unix seconds; SendGrid is not older
# The largest that the columns hold: PostgreSQL refuses the whole statement for one that is larger.
LARGEST_NUMBER, LARGEST_ATTEMPT = 2**63 - 1, 2**31 - 1
DIGEST_BYTES, LONGEST_FINGERPRINT = 12, 16
LONGEST_ID = LONGEST_DETAIL = 100
# Status codes and class names are kept of what a mail server said; its sentences may hold addresses.
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}|[245]\d\d")


# Who says something.
SENDGRID, SMTP_SERVER, BOUNCE_MAILBOX = "SendGrid", "SMTP server", "Bounce mailbox"


class ReportedBatch(NamedTuple):
    """What went with the letter and came back: the mailing's key, the batch, its attempt. "" and 0 if missing."""

    mailing: str
    batch: int
    attempt: int


class Report(NamedTuple):
    """One event as reported. `address` finds people and is not kept. 0 and "" stand for what is missing.

    `reporter` says who reports it, in words for the consent log.
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
    """The reports of a post, and the elements that are none. Raises NotReadable."""
    reports: list[Report] = []
    strange: list[Any] = []
    for element, report in read_elements(body, received_at):
        if report is None:
            strange.append(element)
        else:
            reports.append(report)
    return reports, strange


def read_elements(body: bytes, received_at: int) -> Iterator[tuple[Any, Report | None]]:
    """Each element of a post with its report, or None for one that is no event. Raises NotReadable."""
    document = _document(body)
    report_of = _Reader(received_at).report_of
    for element in document if isinstance(document, list) else [document]:
        try:
            yield element, report_of(element)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
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
    """What was reported of one message otherwise than by the webhook. Of one message each kind counts once.

    Where there is no row of it any more, `recipient` is 0, `address` says who it is, and `message` which one it was.
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
    """Reads elements; what is the same in many of them is worked out once."""

    def __init__(self, received_at: int) -> None:
        self.received_at = received_at
        # The oldest key: what is reported again after the secret key was changed is known again.
        oldest = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)[-1]
        self._digest = hashlib.blake2b(key=_key(oldest), digest_size=DIGEST_BYTES)
        self._traces: dict[tuple[Any, Any, Any], ReportedBatch] = {}
        self._links: dict[str, str] = {}

    def report_of(self, element: dict[str, Any]) -> Report:
        """Raises one of Python's own errors for what is no event: cheaper than asking a million times."""
        get = element.get
        name, at, address = element["event"], get("timestamp"), get("email")
        if type(at) is not int or not EARLIEST < at < LATEST:
            at = self.received_at
        kind, detail = (PLAIN[name], "") if name in PLAIN else _kind_and_detail(name, get)
        provider_id = get("sg_event_id")
        return Report(
            _clean(provider_id, LONGEST_ID) or None if type(provider_id) is str else None,
            self._fingerprint(element, name, f"{kind}\0{detail}", address),
            kind,
            detail,
            at,
            self._trace(get(MAILING), get(BATCH), get(ATTEMPT)),
            _number(get(RECIPIENT)),
            address if type(address) is str else "",
            self._link(get("url")) if name == "click" else "",
        )

    def _fingerprint(self, element: dict[str, Any], name: str, meaning: str, address: Any) -> bytes:
        """The same for a repeat, even if SendGrid gave it another sg_event_id (sendgrid-nodejs#1435).

        All that is kept of an event is in it, so that it is one whatever came first. It begins with the time, so that
        new ones come to stand together in their index.
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
        """A keyed digest, so that nobody finds an address by trying."""
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
            # `blocked` is for now; so is whatever type may be added.
            return (BOUNCED if get("type", "bounce") == "bounce" else BLOCKED), _class_of(get)
        case "blocked":
            return BLOCKED, _class_of(get)
        case "dropped":
            return DROPPED, _without_addresses(get("reason"))
        case "unsubscribe" | "group_unsubscribe":
            return UNSUBSCRIBED, _clean(name, LONGEST_DETAIL)
    return OTHER, _clean(name, LONGEST_DETAIL)


def _class_of(get: Any) -> str:
    """SendGrid's class of a bounce; without one, the status code."""
    given = get("bounce_classification")
    if type(given) is str and given:
        return _without_addresses(given)
    status = STATUS.search(str(get("status") or ""))
    return status.group() if status else ""


def _without_addresses(said: Any) -> str:
    """What SendGrid said, where it names nobody."""
    return _clean(said, LONGEST_DETAIL) if type(said) is str and "@" not in said else ""


def _number(value: Any, largest: int = LARGEST_NUMBER) -> int:
    if type(value) is str and value.isdecimal() and value.isascii() and len(value) <= len(str(largest)):
        number = int(value)
        return number if number <= largest else 0
    return 0


def _clean(text: str, longest: int) -> str:
    """PostgreSQL keeps no NUL, and its columns have an end."""
    return text[:longest].replace("\0", "")


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Half a surrogate, an endless number or a broken byte in one event must not cost a thousand others.
        return elements_of(body.decode(errors="replace"))


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"newsletter.tracking.fingerprint:{secret}".encode()).digest()
