"""Reads a post of SendGrid's Event Webhook: bytes in, reports out. Nothing in it can make this fail as a whole but a
post that is no JSON; an element that is no event is handed back.

Fields: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import hashlib
import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from newsletter.tracking.links import plain_link
from newsletter.tracking.models import Event

Kind = Event.Kind
KINDS = {
    "processed": Kind.PROCESSED.value,
    "delivered": Kind.DELIVERED.value,
    "deferred": Kind.DEFERRED.value,
    "dropped": Kind.DROPPED.value,
    "bounce": Kind.BOUNCED.value,
    "blocked": Kind.BLOCKED.value,
    "open": Kind.OPENED.value,
    "click": Kind.CLICKED.value,
    "spamreport": Kind.COMPLAINED.value,
    "unsubscribe": Kind.UNSUBSCRIBED.value,
    "group_unsubscribe": Kind.UNSUBSCRIBED.value,
}
# These need more than their name; all others are what their name says.
PLAIN = frozenset({"processed", "delivered", "deferred", "spamreport"})
MAILING, BATCH, ATTEMPT, RECIPIENT = "press_mailing", "press_batch", "press_attempt", "press_recipient"
EARLIEST, LATEST = 1_200_000_000, 4_000_000_000  # unix seconds; SendGrid is not older
LONGEST_NUMBER = 18
LONGEST_ID = LONGEST_DETAIL = 100
# Status codes and class names are kept of what a mail server said; its sentences may hold addresses.
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}|[245]\d\d")


class NotReadable(ValueError):  # noqa: N818 - reads as an outcome
    """The post is no JSON; the message says where."""


class Report(NamedTuple):
    """One event as reported. `address` finds people and is not kept. 0 and "" stand for what is missing."""

    provider_id: str | None
    fingerprint: bytes
    kind: str
    detail: str
    at: int
    mailing: str
    batch: int
    attempt: int
    recipient: int
    address: str
    url: str


def read_post(body: bytes, received_at: int) -> tuple[list[Report], list[Any]]:
    """The reports of a post, and the elements that are none. Raises NotReadable."""
    document = _document(body)
    elements = document if isinstance(document, list) else [document]
    reports: list[Report] = []
    strange: list[Any] = []
    report_of = _Reader(received_at).report_of
    for element in elements:
        try:
            reports.append(report_of(element))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            strange.append(element)
    return reports, strange


class _Reader:
    """Reads elements; what does not change between them is worked out once."""

    def __init__(self, received_at: int) -> None:
        self.received_at = received_at
        self._digest = hashlib.blake2b(key=_key(settings.SECRET_KEY), digest_size=16)

    def report_of(self, element: dict[str, Any]) -> Report:
        """Raises one of Python's own errors for what is no event: cheaper than asking a million times."""
        get = element.get
        name, at, address = element["event"], get("timestamp"), get("email")
        provider_id, message_id = get("sg_event_id"), get("sg_message_id")
        is_click = name == "click"
        if name in PLAIN:
            kind, detail = KINDS[name], ""
        else:
            kind, detail = _kind_and_detail(name, get)
        mailing, url = get(MAILING), get("url") if is_click else None
        return Report(
            _clean(provider_id, LONGEST_ID) if type(provider_id) is str and provider_id else None,
            self._fingerprint(element, (message_id, address, name, at), is_click=is_click),
            kind,
            detail,
            at if type(at) is int and EARLIEST < at < LATEST else self.received_at,
            mailing if type(mailing) is str else "",
            _number(get(BATCH)),
            _number(get(ATTEMPT)),
            _number(get(RECIPIENT)),
            address if type(address) is str else "",
            plain_link(url) if type(url) is str else "",
        )

    def _fingerprint(self, element: dict[str, Any], identity: tuple[Any, ...], *, is_click: bool) -> bytes:
        """The same for a repeat, even if SendGrid gave it another sg_event_id (sendgrid-nodejs#1435)."""
        digest = self._digest.copy()
        message_id, address, _name, _at = identity
        if not (message_id or address):
            whole = {name: value for name, value in element.items() if name != "sg_event_id"}
            digest.update(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))
        elif is_click:
            digest.update(
                repr((identity, element.get("url_offset"), element.get("url"))).encode(errors="replace")
            )
        else:
            digest.update(repr(identity).encode(errors="replace"))
        return digest.digest()


def _kind_and_detail(name: str, get: Any) -> tuple[str, str]:
    kind = KINDS.get(name, Kind.OTHER.value)
    if kind == Kind.BOUNCED:
        # `blocked` is for now; so is whatever type may be added.
        if get("type", "bounce") != "bounce":
            kind = Kind.BLOCKED.value
        return kind, _class_of(get)
    if kind == Kind.BLOCKED:
        return kind, _class_of(get)
    if kind == Kind.DROPPED:
        return kind, _without_addresses(get("reason"))
    if kind == Kind.OPENED and get("sg_machine_open") is True:
        return Kind.MACHINE_OPENED.value, ""
    return kind, _clean(name, LONGEST_DETAIL) if kind == Kind.OTHER or name.startswith("group") else ""


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


def _number(value: Any) -> int:
    if type(value) is str and value.isdecimal() and value.isascii() and len(value) <= LONGEST_NUMBER:
        return int(value)
    return 0


def _clean(text: str, longest: int) -> str:
    """PostgreSQL keeps no NUL."""
    return text[:longest].replace("\0", "")


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Half a surrogate or a broken byte in one bounce's text must not cost a thousand other events.
        return _mended(body)


def _mended(body: bytes) -> Any:
    try:
        document = json.loads(body.decode(errors="replace"), parse_constant=lambda _name: None)
        return orjson.loads(json.dumps(document, ensure_ascii=False).encode(errors="replace"))
    except json.JSONDecodeError as error:
        raise NotReadable(f"This is no JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"This is no JSON that can be read ({type(error).__name__}).") from None


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"newsletter.tracking.fingerprint:{secret}".encode()).digest()
