"""Builds a message as bytes, as `build_message` does, but encodes the email only once for all its readers.

Both parts are quoted-printable (RFC 2045, section 6.7). A soft line break separates what is the same for everybody from
what differs, so that each piece can be encoded separately; readers see the same text.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.errors import MessageError
from email.quoprimime import body_encode
from email.utils import format_datetime
from threading import Lock
from typing import TYPE_CHECKING

from newsletter.errors import Invalid
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import substitutions
from newsletter.sending.build_message import headers_for
from subscribers.mail_message import BOUNDARY, Message

if TYPE_CHECKING:  # the transports build messages
    from newsletter.sending.transport import Envelope

# Two less than allowed, because a dot at the start of a line takes three characters.
LONGEST_LINE = 74
SOFT_BREAK = b"=\r\n"
_LINE_ENDS, _DOTS = re.compile("\r\n?"), re.compile(r"(?m)^\.")
_PART = (
    f'--{BOUNDARY}\r\nContent-Type: text/{{}}; charset="utf-8"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
MAX_KEPT = 8


def message_bytes(email: Email, envelope: "Envelope", *, message_id: str, date: datetime) -> bytes:
    """Return the message for one recipient, with CRLF, and without a line that starts with a dot.

    Raises Invalid as `build_message` does.
    """
    encoded = _encoded(email)
    try:
        values = substitutions(envelope.person, email.first_name_fallback)
        subject = "".join([values.get(piece, piece) for piece in email.pieces[0]])
        first = {"Date": format_datetime(date), "Message-ID": message_id}
        head = _head(headers_for(email, envelope, subject, first), envelope)
        return head + encoded.filled(values)
    except Invalid as error:
        raise Invalid(str(error)) from None
    except UnicodeError:
        raise Invalid(
            "The text contains a character that cannot be sent by email. Remove the character."
        ) from None
    except (MessageError, ValueError) as error:
        raise Invalid(
            f"We could not build the message ({type(error).__name__}). Correct the recipient's name and address."
        ) from None


class Encoded:
    """The body of one email: encoded bytes, and between them the names of merge tags."""

    def __init__(self, email: Email) -> None:
        html, text = email.pieces[2:]
        self.pieces: list[bytes | str] = []
        for kind, cut in (("plain", text), ("html", html)):
            self.pieces.append(_PART.format(kind).encode("ascii"))
            self._add(cut)
        self.pieces.append(f"--{BOUNDARY}--\r\n".encode("ascii"))

    def filled(self, values: Mapping[str, str]) -> bytes:
        """Return the body with the values of one reader."""
        # An unknown tag is left as it is.
        return b"".join(
            [each if isinstance(each, bytes) else encoded(values.get(each, each)) for each in self.pieces]
        )

    def _add(self, cut: Sequence[str]) -> None:
        """Add pieces of text: literals are at even positions, tags at odd ones."""
        literals = [_LINE_ENDS.sub("\n", each) if place % 2 == 0 else each for place, each in enumerate(cut)]
        if not literals[-1].endswith("\n"):
            literals[-1] += "\n"
        for place, each in enumerate(literals):
            self.pieces.append(encoded(each) if place % 2 == 0 else each)
        self.pieces.append(b"\r\n")


def encoded(text: str) -> bytes:
    """Encode a piece of text as quoted-printable, so that anything can follow on a new line."""
    if not text:
        return b""
    lines = body_encode(text.encode("utf-8").decode("latin-1"), LONGEST_LINE)
    finished = _DOTS.sub("=2E", lines).replace("\n", "\r\n").encode("ascii")
    return finished if text.endswith("\n") else finished + SOFT_BREAK


def _head(headers: Sequence[tuple[str, str]], envelope: "Envelope") -> bytes:
    policy = Message.to(envelope.address.rpartition("@")[0]).policy
    *others, language = headers
    fixed = [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"')]
    # As in `build_message`, where setting the content removes such headers.
    kept = [each for each in others if not each[0].lower().startswith("content-")]
    return b"".join(policy.fold_binary(name, value) for name, value in [*kept, *fixed, language]) + b"\r\n"


# By identity: a process that sends a mailing uses the same Email object for all its batches.
_kept: dict[int, tuple[Email, Encoded]] = {}
_keeping = Lock()


def _encoded(email: Email) -> Encoded:
    found = _kept.get(id(email))
    if found is not None and found[0] is email:
        return found[1]
    try:
        made = Encoded(email)
    except UnicodeError:
        raise Invalid(
            "The text contains a character that cannot be sent by email. Remove the character."
        ) from None
    with _keeping:
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[id(email)] = (email, made)
    return made
