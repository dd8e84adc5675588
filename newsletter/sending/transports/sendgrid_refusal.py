"""Reads SendGrid's rejection of a request: whom it names, whether people are the cause at all, and its own words.

A rejection is `{"errors": [{"message", "field", "help"}]}`, and `field` is a path such as
`personalizations.37.to.0.email`. We do not rely on this form: an error that we cannot read names nobody.
Source: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from newsletter.sending.outcomes import NotSent, RejectedWhole
from subscribers.clean_text import without_addresses
from subscribers.phrases import few_words

PERSON = re.compile(r"/?personalizations\s*[.\[/]\s*([0-9]{1,6})(?![0-9])", re.IGNORECASE)
# The fields that a request has once for everybody, according to the Mail Send reference.
FOR_EVERYBODY = re.compile(
    r"/?(from|reply_to|reply_to_list|subject|content|template_id|categories|headers|custom_args|sections|send_at|"
    r"batch_id|asm|ip_pool_name|mail_settings|tracking_settings|attachments)(?![a-z0-9_-])",
    re.IGNORECASE,
)
ABOUT_THE_ACCOUNT = re.compile(
    r"\b(account|credits?|billing|suspended|sender identity|from address)\b", re.IGNORECASE
)
LONGEST_MESSAGE, LONGEST_WORDS = 1_000, 500
MAX_ERRORS = 2_000
NO_REASON = "SendGrid gave no reason."


class Complaint(NamedTuple):
    """One entry of `errors`; values that are not text are empty."""

    message: str
    field: str


def refusal_of(body: bytes, status: int, recipients: Sequence[int]) -> RejectedWhole | NotSent:
    """Return what a 400 or 413 means: which recipients it names, or NotSent if no recipient is the cause."""
    complaints = list(_complaints(body))
    words = _words(complaints)
    whole = f"SendGrid rejected the request ({status}): {words}"
    if any(_is_about_everybody(each) for each in complaints):
        return NotSent(
            f"{whole} No single recipient is the cause. Fix the cause, then resume the mailing.", pause=True
        )
    said: dict[int, list[Complaint]] = {}
    for complaint in complaints:
        place = PERSON.match(complaint.field.strip())
        if place and int(place[1]) < len(recipients):
            said.setdefault(recipients[int(place[1])], []).append(complaint)
    named = {
        who: f"SendGrid rejected this recipient ({status}): {_words(each)}" for who, each in said.items()
    }
    return RejectedWhole(whole, named)


def words_of(body: bytes) -> str:
    """Return SendGrid's own words without addresses, shortened."""
    return _words(list(_complaints(body)))


def document_of(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; empty for anything else."""
    try:
        document = orjson.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _complaints(body: bytes) -> Iterator[Complaint]:
    errors = document_of(body).get("errors")
    for error in errors[:MAX_ERRORS] if isinstance(errors, list) else ():
        if isinstance(error, dict):
            yield Complaint(_text(error.get("message")), _text(error.get("field")))


def _is_about_everybody(complaint: Complaint) -> bool:
    if complaint.field:
        return FOR_EVERYBODY.match(complaint.field.strip()) is not None
    return ABOUT_THE_ACCOUNT.search(without_addresses(complaint.message[:LONGEST_MESSAGE])) is not None


def _words(complaints: Sequence[Complaint]) -> str:
    messages = dict.fromkeys(each.message for each in complaints if each.message)
    return few_words(" ".join(messages), at_most=LONGEST_WORDS) or NO_REASON


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
