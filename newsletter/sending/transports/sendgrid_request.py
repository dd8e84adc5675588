"""Builds the body of one request to Mail Send: what all recipients share, and what differs for each.

Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson

from newsletter.environment import Environment
from newsletter.errors import Invalid
from newsletter.rendering.ascii_sender_names import ascii_name
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import substitutions
from newsletter.sending.build_message import display_name, given_headers, headers_of, on_the_wire
from newsletter.sending.outcomes import Rejected
from newsletter.sending.transport import Envelope, Post
from newsletter.sending.transports.sendgrid_categories import OURS, categories, custom_args
from subscribers.clean_text import on_one_line

LARGEST_SUBSTITUTIONS = 10_000
# For one recipient: names of tags, headers and arguments, numbers, and the punctuation of JSON.
BYTES_BESIDE_VALUES = 1_500
# A character takes at most this many bytes in UTF-8.
BYTES_OF_A_CHARACTER = 4
IN_SUBJECT = "*|FIRST_NAME_TEXT|*"
AROUND_TAGS = re.compile(r"=(?=\*\|)|\|\*(?=\?|\*\|)")
BEYOND_ASCII = "SendGrid does not accept addresses with non-ASCII characters before the @."
TOO_LONG = (
    f"The personal details for this recipient exceed SendGrid's limit of {LARGEST_SUBSTITUTIONS:,} bytes."
)


def request_of(
    post: Post, people: Sequence[Mapping[str, Any] | orjson.Fragment], environment: Environment
) -> dict[str, Any]:
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
    """Return a function that builds what differs for one recipient, without personal data in `custom_args`.

    Only the tags that the email contains are there.
    """
    fallback, used = post.email.first_name_fallback, _tags_in(post.email)
    shared, recipient = custom_args(post.trace), f"{OURS}_recipient"

    def personalization(envelope: Envelope) -> dict[str, Any]:
        values = substitutions(envelope.person, fallback)
        values[IN_SUBJECT] = never_an_encoded_word(values[IN_SUBJECT])
        return {
            "to": [_named(on_the_wire(envelope.address), never_an_encoded_word(display_name(envelope.name)))],
            "substitutions": {tag: value for tag, value in values.items() if tag in used},
            "headers": given_headers(envelope.headers),
            "custom_args": {**shared, recipient: str(envelope.recipient)},
        }

    return personalization


def _tags_in(email: Email) -> frozenset[str]:
    return frozenset(chain(*(pieces[1::2] for pieces in email.pieces)))


def built_for(make: Callable[[Envelope], dict[str, Any]], envelope: Envelope) -> dict[str, Any] | Rejected:
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


def bytes_at_most(post: Post, envelopes: Sequence[Envelope]) -> int:
    r"""Return an upper limit for the bytes of JSON of these envelopes of a post, which is cheap to work out.

    Each value occurs at most twice, once for HTML. No character takes more than six bytes: `&quot;`, `\u0000`.
    """
    for_each = BYTES_BESIDE_VALUES + 2 * 6 * len(post.email.first_name_fallback)
    return for_each * len(envelopes) + 2 * 6 * _personal_characters(envelopes)


def _personal_characters(envelopes: Sequence[Envelope]) -> int:
    """Return the number of personal characters in all of these envelopes."""
    if not envelopes:
        return 0
    _recipients, addresses, names, people, headers = zip(*envelopes, strict=True)
    columns = (addresses, names, *zip(*people, strict=True), chain(*(each.values() for each in headers)))
    # Joining texts to measure them all takes a fraction of the time of measuring each.
    return sum(len("".join(column)) for column in columns)


def is_too_long(person: Mapping[str, Any]) -> bool:
    """Return whether the values of a recipient exceed SendGrid's limit."""
    size = sum(len(tag) + len(value.encode()) for tag, value in person["substitutions"].items())
    return size > LARGEST_SUBSTITUTIONS


def are_surely_short(characters: int) -> bool:
    """Return whether the JSON of a recipient has so few characters that their values cannot exceed the limit."""
    return characters * BYTES_OF_A_CHARACTER <= LARGEST_SUBSTITUTIONS
