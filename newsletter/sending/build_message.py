"""Builds the finished message (RFC 5322) for one recipient from an email and an envelope."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from newsletter.errors import Invalid
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues, fill_tags
from newsletter.sending.outcomes import NotSent, Rejected
from subscribers.clean_text import name_on_one_line, on_one_line
from subscribers.encode_headers import domain_in_ascii, mailbox_value, refolded, text_value, written_address
from subscribers.mail_message import Message, is_surely_one_header, require_one_header

if TYPE_CHECKING:  # the transports build messages
    from newsletter.sending.transport import Envelope

LONGEST_NAME = 200
LONGEST_WORD = 900  # a line may have 998 octets, and we do not break words of a finished value
# Rendering finishes `Email.list_id`; no other header of an email contains encoded words.
WITH_ENCODED_WORDS = frozenset({"List-Id"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VALID_LINKS = MergeValues(*["https://example.org/"] * 3)
# Characters with a meaning in an address header. Some mail programs apply it even inside an encoded word.
SPECIAL_CHARACTERS = str.maketrans(dict.fromkeys('"(),:;<>@[\\]', " "))
NEVER_FROM_OUTSIDE = frozenset(
    {
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "reply-to",
        "list-id",
    }
    | {"content-language", "content-type", "content-transfer-encoding", "content-disposition"}
)


def build_message(email: Email, envelope: "Envelope", *, message_id: str, date: datetime) -> Message:
    """Build the message for one recipient: merge tags filled in, the text part first, UTF-8 throughout.

    Raises Invalid if we cannot build the message, for example because the address cannot be written in a header.
    """
    try:
        return _built(email, envelope, {"Date": format_datetime(date), "Message-ID": message_id})
    except Invalid as error:
        raise Invalid(str(error)) from None
    except ValueError as error:
        # Python's own writer failed. Its message may contain what people typed.
        raise Invalid(
            f"We could not build the message ({type(error).__name__}). Correct the recipient's name and address."
        ) from None


def _built(email: Email, envelope: "Envelope", first: Mapping[str, str]) -> Message:
    filled = fill_tags(email, envelope.person)
    message = Message.to(envelope.address.rpartition("@")[0])
    *headers, language = headers_for(email, envelope, filled.subject, first)
    for name, value in headers:
        message[name] = value
    message.fill(text=filled.text, html=filled.html)
    # After the content, because setting the content removes every header that starts with Content-.
    message[language[0]] = language[1]
    return message


def headers_for(
    email: Email, envelope: "Envelope", subject: str, first: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the finished headers of one message in order. The last one is the language of its content."""
    headers = list(first.items())
    headers.append(("From", mailbox_value("From", name_on_one_line(email.sender_name), email.sender_address)))
    headers.append(("To", mailbox_value("To", display_name(envelope.name), envelope.address)))
    if email.reply_to:
        headers.append(("Reply-To", mailbox_value("Reply-To", "", email.reply_to)))
    headers.append(("Subject", text_value("Subject", on_one_line(subject))))
    headers.append(("List-Id", finished_value("List-Id", email.list_id)))
    headers += [
        (name, finished_value(name, value))
        for name, value in {**email.headers, **envelope.headers}.items()
        if name.lower() not in NEVER_FROM_OUTSIDE
    ]
    headers.append(("Content-Language", finished_value("Content-Language", email.language)))
    return headers


def finished_value(header: str, value: str) -> str:
    """Fold a header value that is already encoded, without breaking any word.

    A value that is not written as a header must be is encoded as text.
    """
    line = on_one_line(value)
    fits = header.startswith("List-") or all(len(word) <= LONGEST_WORD for word in line.split(" "))
    written = line.isascii() and fits and ("=?" not in line or header in WITH_ENCODED_WORDS)
    return refolded(header, line) if written else text_value(header, line)


def headers_of(email: Email) -> dict[str, str]:
    """Return the headers to give a provider that writes headers itself. Raises Invalid as `build_message` does."""
    # given_headers leaves out the language, which SendGrid does not write itself.
    try:
        language = (
            {"Content-Language": _one_header("Content-Language", email.language)} if email.language else {}
        )
    except Invalid as error:
        raise Invalid(str(error)) from None
    return given_headers({"List-Id": email.list_id}) | given_headers(email.headers) | language


def given_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers for such a provider, each value on one line, without those that it or we write separately."""
    try:
        return {name: _one_header(name, value) for name, value in headers.items() if _is_given(name)}
    except Invalid as error:
        raise Invalid(str(error)) from None


# There are few names, and we check each for a great many people.
@lru_cache(maxsize=256)
def _is_given(name: str) -> bool:
    return name == "List-Id" or name.lower() not in NEVER_FROM_OUTSIDE


def _one_header(name: str, value: str) -> str:
    if "=?" not in value and "  " not in value and is_surely_one_header(name, value):
        return value
    line = finished_value(name, value).replace("\n", "")
    require_one_header(name, line)
    return line


def as_bytes(message: Message, *, linesep: str = "\r\n") -> bytes:
    """Return the message as bytes. Raises Invalid if we cannot write it."""
    try:
        return message.as_bytes(linesep=linesep)
    except Invalid as error:
        raise Invalid(str(error)) from None


def outcome_for_unbuildable(email: Email, envelope: "Envelope", why: Invalid) -> Rejected | NotSent:
    """Return the outcome for a person whose message we could not build: Rejected, if the cause is their own details.

    If we cannot build a message from the email for anybody, the outcome is NotSent, and the mailing is paused.
    """
    blameless = envelope._replace(address="reader@example.org", name="", person=VALID_LINKS, headers={})
    try:
        message_id = message_id_of(UUID(int=0), 0, email.sender_address)
        as_bytes(build_message(email, blameless, message_id=message_id, date=EPOCH))
    except Invalid as error:
        return NotSent(f"We could not build an email for this issue: {error}", pause=True)
    return Rejected(str(why), personal=True)


def message_id_of(mailing: UUID, recipient: int, sender_address: str) -> str:
    """Return the Message-ID for a recipient in a mailing: always the same, so that mailboxes recognise a repeat."""
    return f"<{mailing.hex}.{recipient}@{domain_of(sender_address)}>"


def domain_of(address: str) -> str:
    """Return the domain of an address in ASCII, for headers and file names. Raises Invalid if it has none."""
    try:
        return domain_in_ascii(address.rpartition("@")[2])
    except Invalid as error:
        raise Invalid(str(error)) from None


def on_the_wire(address: str) -> str:
    """Return the address with its domain in ASCII, for SMTP and APIs. Raises Invalid as `build_message` does."""
    try:
        return written_address(address)
    except Invalid as error:
        raise Invalid(str(error)) from None


def display_name(name: str) -> str:
    """Return a name to write beside an address: one line, at most 200 characters, none with a special meaning."""
    if name.replace(" ", "").isalnum() and "  " not in name and len(name) <= LONGEST_NAME:
        return name.strip()
    return name_on_one_line(name.translate(SPECIAL_CHARACTERS))[:LONGEST_NAME].strip()
