"""How large the HTML of an email is when it arrives, and what to say if that is too much.

Gmail shows only the beginning of a larger email, without its end and its unsubscribe link. It counts the HTML as it was
delivered: in quoted-printable, with a reader's own links, and with the links of click tracking.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from email.quoprimime import body_encode

from newsletter.rendering.email import TAG, Email
from newsletter.sending_settings.current import sending_settings

GMAIL_CLIPS_AT = 100_000  # 99,500 to 100,200 bytes were observed
WARN_AT = 90_000
# A signed link behind the address of the installation, and the name of a reader, as long as they may reasonably be.
LONGEST_LINK = 160
LONGEST_NAME = 80
# SendGrid's links have 150 to 250 characters more than the shortest ones that they replace.
TRACKED_LINK = 250
_TAG = re.compile(r"\*\|([A-Z_]+)\|\*")
_WEB_LINK = re.compile(r'(?<=href=")https?://[^"]*(?=")')


def delivered_bytes(email: Email) -> int:
    """Return the bytes of the email's HTML part as they are delivered to the reader with the longest values."""
    html = _TAG.sub(lambda tag: _longest(email, tag[1]), email.html)
    return _encoded_bytes(_with_tracked_links(html, email))


def _with_tracked_links(html: str, email: Email) -> str:
    """Return HTML whose links are as long as the provider makes them. Only SendGrid replaces links to count clicks.

    What an email says about tracking is what the settings ask for. An email that was approved keeps it with any
    transport.
    """
    if "clicks" not in email.tracked or sending_settings().transport != "sendgrid":
        return html
    return _WEB_LINK.sub(lambda link: link[0].ljust(TRACKED_LINK, "x"), html)


class HtmlSizes:
    """How large the HTML of an email is for readers with different values, without encoding it for each of them."""

    def __init__(self, email: Email) -> None:
        """Measure what is the same for everybody, with as many characters as `delivered_bytes` counts for tracking."""
        html = _with_tracked_links(email.html, email)
        self._tags = Counter(TAG.findall(html))
        self._shared = sum(_encoded_bytes(piece) for piece in TAG.split(html)[::2])

    def of(self, values: Mapping[str, str]) -> int:
        """Return about how many bytes of HTML a reader with these values of merge tags gets."""
        return self._shared + sum(
            count * (_roughly_encoded_bytes(values.get(tag, "")) + _SOFT_BREAKS)
            for tag, count in self._tags.items()
        )

    def at_most(self, everybody: Sequence[Mapping[str, str]]) -> int:
        """Return about how many bytes a reader with the longest values of all gets, without measuring each of them."""
        if not everybody:
            return self._shared
        return self.of(
            {tag: _longest_of([values.get(tag, "") for values in everybody]) for tag in self._tags}
        )


def _longest_of(values: Sequence[str]) -> str:
    longest = max(values, key=len)
    # A shorter value can take more bytes if its characters do.
    return longest if "".join(values).isascii() else _WIDEST * len(longest)


# No character takes more bytes in UTF-8.
_WIDEST = "\U0010ffff"
# A soft line break before and one after what differs.
_SOFT_BREAKS = 6
_LINE = 73


def _encoded_bytes(text: str) -> int:
    # Latin-1 is how this function of the standard library takes bytes.
    return len(body_encode(text.encode().decode("latin-1"), maxlinelen=76, eol="\r\n"))


def _roughly_encoded_bytes(text: str) -> int:
    size = len(text) + 2 * text.count("=") if text.isascii() else _encoded_bytes(text)
    return size + 3 * (size // _LINE)


def size_warning(email: Email) -> str:
    """Say that Gmail would cut off the email, or nearly; empty if it is small enough."""
    size = delivered_bytes(email)
    if size < WARN_AT:
        return ""
    kilobytes = f"{size // 1_000} KB"
    if size < GMAIL_CLIPS_AT:
        return (
            f"This email will be {kilobytes} when it arrives. Gmail cuts off emails of 100 KB or more, so "
            "do not add anything else."
        )
    return (
        f"This email will be {kilobytes} when it arrives. Gmail cuts off emails of 100 KB or more, so "
        "readers would not see the unsubscribe link. Remove articles or shorten the introduction."
    )


def _longest(email: Email, tag: str) -> str:
    return "x" * (len(email.links_to) + LONGEST_LINK if tag.endswith("URL") else LONGEST_NAME)
