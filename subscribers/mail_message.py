"""Messages whose headers are sent exactly as they were written, and the software's own emails."""

import re
from collections.abc import Callable, Mapping
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, make_msgid
from functools import lru_cache
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from subscribers.clean_text import is_printable_ascii, name_on_one_line, on_one_line
from subscribers.encode_headers import domain_in_ascii, mailbox_value, text_value, written_address
from subscribers.errors import Invalid

LONGEST_LINE = 998  # octets, RFC 5322, section 2.1.1
# Quoted-printable writes every "=" of a text as "=3D", so this cannot be a line of a part.
BOUNDARY = "=_part"
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
# The length of the longest name is added.
SURELY_FITS = 900
# A line of visible characters and spaces. The next begins with one space and a visible character.
_LINE = "[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*"
_VALUE = re.compile(f"{_LINE}(?:\n (?! ){_LINE[:-1]}+)*")


class AsWritten(EmailPolicy):
    """Store and write headers as they are given. Anything that is not exactly one header raises Invalid."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Take a finished value. A folded value contains a line feed and a space at each fold."""
        require_one_header(name, str(value), utf8=self.utf8)
        return name, str(value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:  # noqa: ARG002 - the name says nothing more
        """Return the value on one line, encoded words and all."""
        return value.replace("\n", "")

    def fold(self, name: str, value: Any) -> str:
        """Return the header as it is written, its lines ended as the policy ends them."""
        require_one_header(name, value, utf8=self.utf8)
        return f"{name}: {value}\n".replace("\n", self.linesep)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the same in bytes."""
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")


# RFC 2045, section 6.7: the lines of a quoted-printable body. Headers are folded by encode_headers.
POLICY = AsWritten(linesep="\r\n", cte_type="7bit", max_line_length=76)


class Message(EmailMessage):
    """A message with a text part and an HTML part, both UTF-8 in quoted-printable."""

    @classmethod
    def to(cls, address: str) -> "Message":
        """Return an empty message that can name this recipient: in UTF-8 (RFC 6532) only if the address needs it."""
        return cls(policy=POLICY.clone(utf8=not address.isascii()))

    def fill(self, *, text: str, html: str) -> None:
        """Set both parts, the text first. Raises Invalid for characters that UTF-8 cannot encode."""
        try:
            self.set_content(text, charset="utf-8", cte="quoted-printable")
            self.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
        except UnicodeEncodeError:
            raise Invalid(
                "The text contains a character that cannot be sent by email. Remove the character."
            ) from None
        self.set_boundary(BOUNDARY)
        for part in self.iter_parts():
            del part["MIME-Version"]

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "") -> bytes:  # noqa: FBT001, FBT002 - email's own order
        """Return the message as it is sent. `linesep` is for Django's backends. Raises Invalid rather than write
        a bad header.
        """
        chosen = policy or self.policy
        try:
            return super().as_bytes(unixfrom, chosen.clone(linesep=linesep) if linesep else chosen)
        except (MessageError, ValueError) as error:  # newer Pythons refuse some headers themselves
            raise Invalid(f"We could not write the message ({type(error).__name__}).") from None


class SystemMail(EmailMultiAlternatives):
    """An email of the software's own, for any of Django's mail backends.

    Sender and recipient reach the server as bare addresses. Their names are only in the headers, which this class
    writes. `language` is the tag for Content-Language. Replies go to `reply_to` or, if it is empty, to the sender.
    Raises Invalid if it is created with an address that mail cannot use.
    """

    def __init__(
        self,
        *,
        subject: str,
        text: str,
        html: str,
        sender: tuple[str, str],
        recipient: str,
        language: str = "",
        reply_to: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        name, address = sender
        super().__init__(
            subject=on_one_line(subject),
            body=text,
            from_email=written_address(address),
            to=[written_address(recipient)],
            headers=dict(headers or {}),
        )
        self.sender_name = name_on_one_line(name)
        self.language = language
        self.replies_to = written_address(reply_to) if reply_to else ""
        # A backend asks this right before it sends the first byte of the email: whether it may.
        self.begin: Callable[[], bool] = _may_begin
        self.attach_alternative(html, "text/html")

    def message(self) -> Message:  # type: ignore[override]  # as Django's backends need one
        """Return the message with its headers, each once."""
        recipient, html = self.to[0], str(self.alternatives[0][0])
        made = Message.to(recipient + self.from_email)
        made["Date"] = format_datetime(timezone.now())
        headers = {"Message-ID": self._message_id(), **self.extra_headers}
        made["From"] = mailbox_value("From", self.sender_name, self.from_email)
        made["To"] = mailbox_value("To", "", recipient)
        if self.replies_to:
            made["Reply-To"] = mailbox_value("Reply-To", "", self.replies_to)
        made["Subject"] = text_value("Subject", str(self.subject))
        for header, value in headers.items():
            made[header] = text_value(header, on_one_line(str(value)))
        made.fill(text=str(self.body), html=html)
        if self.language:
            # After the content, because setting the content removes every header that starts with Content-.
            made["Content-Language"] = text_value("Content-Language", on_one_line(self.language))
        return made

    def _message_id(self) -> str:
        # Kept, so that an email built twice is the same email.
        self.extra_headers.setdefault(
            "Message-ID", make_msgid(domain=domain_in_ascii(self.from_email.rpartition("@")[2]))
        )
        return str(self.extra_headers["Message-ID"])


def _may_begin() -> bool:
    return True


# There are few different ones.
@lru_cache(maxsize=256)
def _is_header_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def is_surely_one_header(name: str, value: str) -> bool:
    """Return whether the value is on one short line of printable ASCII, as nearly every value is. This is quick."""
    return is_printable_ascii(value) and len(value) <= SURELY_FITS and _is_header_name(name)


def require_one_header(name: str, value: str, *, utf8: bool = False) -> None:
    """Raise Invalid unless name and value make exactly one header on lines that mail can carry."""
    if is_surely_one_header(name, value):
        return
    lines = f"{name}: {value}".split("\n")
    if (
        not _is_header_name(name)
        or not _VALUE.fullmatch(value)
        or not (utf8 or value.isascii())
        or any(len(line.encode()) > LONGEST_LINE for line in lines)
    ):
        raise Invalid(
            f"We could not write the {on_one_line(name)[:60]} header. Shorten its text and remove "
            "line breaks and unusual characters."
        )
