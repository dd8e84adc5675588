"""One finished message (RFC 5322) for one recipient, from a letter and an envelope."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from newsletter.errors import Invalid
from newsletter.rendering.letter import Letter
from newsletter.rendering.merge import fill

if TYPE_CHECKING:  # the ways out build messages
    from newsletter.sending.transports.transport import Envelope


class Unfolded(UnstructuredHeader, BaseHeader):
    """A header that stays as it is written: folding would hide a long URL in encoded words."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Keep the value as it came, encoded words and all."""
        super().parse(value, kwds)
        kwds["decoded"] = value

    def fold(self, *, policy: Policy) -> str:
        """The header in one line."""
        return f"{self.name}: {self}{policy.linesep}" if self.isascii() else super().fold(policy=policy)


HEADERS = HeaderRegistry()
for unfolded in ("list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id", "feedback-id"):
    HEADERS.map_to_type(unfolded, Unfolded)
# 7bit bodies with short lines pass every server; the headers are encoded words (RFC 2047).
POLICY = SMTP.clone(cte_type="7bit", max_line_length=78, header_factory=HEADERS)
LONGEST_NAME = 70
# What has a meaning in an address header; some readers take it for one even inside an encoded word.
WITH_A_MEANING = str.maketrans(dict.fromkeys('"(),:;<>@[\\]', " "))
NEVER_FROM_OUTSIDE = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "mime-version", "reply-to"}
)


def build_message(letter: Letter, envelope: "Envelope", *, message_id: str, date: datetime) -> EmailMessage:
    """The message as this recipient gets it: merge tags filled, the text part first, UTF-8 throughout.

    Raises Invalid when a sender or recipient address cannot stand in a header.
    """
    filled = fill(letter, envelope.person)
    message = EmailMessage(policy=POLICY.clone(utf8=not envelope.address.rpartition("@")[0].isascii()))
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["From"] = _mailbox(letter.sender_name, letter.sender_address)
    message["To"] = _mailbox(envelope.name, envelope.address)
    if letter.reply_to:
        message["Reply-To"] = _mailbox("", letter.reply_to)
    message["Subject"] = one_line(filled.subject)
    message["List-Id"] = one_line(letter.list_id)
    for name, value in {**letter.headers, **envelope.headers}.items():
        if name.lower() not in NEVER_FROM_OUTSIDE:
            message[name] = one_line(value)
    message.set_content(filled.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(filled.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for part in message.iter_parts():
        del part["MIME-Version"]
    # After the content: setting that takes away every header that begins with Content-.
    message["Content-Language"] = one_line(letter.language)
    return message


def message_id_of(mailing: UUID, recipient: int, sender_address: str) -> str:
    """The Message-ID of a recipient in a mailing: always the same, so that a mailbox knows a repeat."""
    return f"<{mailing.hex}.{recipient}@{domain_of(sender_address)}>"


def domain_of(address: str) -> str:
    """The domain of an address in ASCII, as headers and file names need it."""
    return _in_ascii(address.rpartition("@")[2])


# Most readers share a few domains.
@lru_cache(maxsize=4_096)
def _in_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise Invalid(
            f"“{domain}” is no domain that mail can be sent from. Correct the sender's address."
        ) from None


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII, as SMTP and APIs take it. Raises Invalid as `domain_of`."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_in_ascii(domain)}"


def display_name(name: str) -> str:
    """The name as it can stand beside an address: one line, at most 70 signs, none with a meaning there."""
    return one_line(one_line(name).translate(WITH_A_MEANING))[:LONGEST_NAME].strip()


def _mailbox(name: str, address: str) -> Address:
    try:
        local, _, _ = address.rpartition("@")
        return Address(display_name(name), local, domain_of(address))
    except (ValueError, HeaderParseError):
        raise Invalid(f"“{one_line(address)}” is no address that mail can go to. Correct it.") from None


def one_line(value: str) -> str:
    """The value without line breaks and control characters, so that no header can begin inside it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
