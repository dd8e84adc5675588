"""One finished message (RFC 5322) for one recipient, from a letter and an envelope."""

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
from subscribers.header_text import domain_in_ascii, mailbox_value, refolded, text_value, written_address
from subscribers.mail_message import Message, is_surely_one_header, require_one_header
from subscribers.text import name_on_one_line, on_one_line

if TYPE_CHECKING:  # the ways out build messages
    from newsletter.sending.transport import Envelope

LONGEST_NAME = 200
LONGEST_WORD = 900  # a line may have 998 octets, and a word of a finished value is not broken
# `Letter.list_id` is finished by rendering; no other header of a letter is made of encoded words.
WITH_ENCODED_WORDS = frozenset({"List-Id"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VALID_LINKS = MergeValues(*["https://example.org/"] * 3)
# What has a meaning in an address header; some readers take it for one even inside an encoded word.
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
    """The message as this recipient gets it: merge tags filled, the text part first, UTF-8 throughout.

    Raises Invalid when the message cannot be built: for an address that cannot stand in a header, most of all.
    """
    try:
        return _built(email, envelope, {"Date": format_datetime(date), "Message-ID": message_id})
    except Invalid as error:
        raise Invalid(str(error)) from None
    except ValueError as error:
        # Python's own writer refused; its sentence may hold what people typed.
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
    # After the content: setting that takes away every header that begins with Content-.
    message[language[0]] = language[1]
    return message


def headers_for(
    email: Email, envelope: "Envelope", subject: str, first: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The headers of one message, finished, in their order; the last is the language of its content."""
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
    """A value that is written already, folded between its words, of which none is broken.

    What is not written as a header must be is encoded as text.
    """
    line = on_one_line(value)
    fits = header.startswith("List-") or all(len(word) <= LONGEST_WORD for word in line.split(" "))
    written = line.isascii() and fits and ("=?" not in line or header in WITH_ENCODED_WORDS)
    return refolded(header, line) if written else text_value(header, line)


def headers_of(email: Email) -> dict[str, str]:
    """What a provider that writes the headers itself is given for everybody. Raises Invalid as `build_message`."""
    return given_headers({"List-Id": email.list_id}) | given_headers(email.headers)


def given_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers for such a provider, each value on one line, without those that are its own or ours to write."""
    try:
        return {name: _one_header(name, value) for name, value in headers.items() if _is_given(name)}
    except Invalid as error:
        raise Invalid(str(error)) from None


# There are few names, and each is asked about for very many people.
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
    """The message as it travels. Raises Invalid when it cannot be written."""
    try:
        return message.as_bytes(linesep=linesep)
    except Invalid as error:
        raise Invalid(str(error)) from None


def outcome_for_unbuildable(email: Email, envelope: "Envelope", why: Invalid) -> Rejected | NotSent:
    """What it means that a person's message could not be built: Refused, for a fault of their own.

    A letter of which no message can be built costs nobody their place: it is NotSent, and the mailing pauses.
    """
    blameless = envelope._replace(address="reader@example.org", name="", person=VALID_LINKS, headers={})
    try:
        message_id = message_id_of(UUID(int=0), 0, email.sender_address)
        as_bytes(build_message(email, blameless, message_id=message_id, date=EPOCH))
    except Invalid as error:
        return NotSent(f"We could not build an email for this issue: {error}", pause=True)
    return Rejected(str(why), personal=True)


def message_id_of(mailing: UUID, recipient: int, sender_address: str) -> str:
    """The Message-ID of a recipient in a mailing: always the same, so that a mailbox knows a repeat."""
    return f"<{mailing.hex}.{recipient}@{domain_of(sender_address)}>"


def domain_of(address: str) -> str:
    """The domain of an address in ASCII, as headers and file names need it. Raises Invalid when it has none."""
    try:
        return domain_in_ascii(address.rpartition("@")[2])
    except Invalid as error:
        raise Invalid(str(error)) from None


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII, as SMTP and APIs take it. Raises Invalid as `build_message`."""
    try:
        return written_address(address)
    except Invalid as error:
        raise Invalid(str(error)) from None


def display_name(name: str) -> str:
    """A person's name beside an address: one line of at most 200 characters, none with a meaning there."""
    if name.replace(" ", "").isalnum() and "  " not in name and len(name) <= LONGEST_NAME:
        return name.strip()
    return on_one_line(name_on_one_line(name).translate(SPECIAL_CHARACTERS))[:LONGEST_NAME].strip()
