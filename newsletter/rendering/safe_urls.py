"""Web addresses as a letter may carry them: absolute, of a harmless scheme, and safe inside an attribute."""

import re
from urllib.parse import quote

_LINK = re.compile(r"(?:https?://[^/?#]|mailto:[^?]|tel:\+?[0-9])", re.IGNORECASE)
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f]")
# RFC 3986's characters; a vertical bar, a quote or a brace is percent-encoded, so no merge tag fits into an address.
_KEPT = "!#$%&'()*+,-./:;=?@[]_~"
LONGEST = 2_000


def safe_link_url(url: str) -> str:
    """The address of a link (http, https, mailto, tel), or nothing when it is none of these."""
    return _checked(url, _LINK)


def safe_web_url(url: str) -> str:
    """The address of a page or an image (http, https), or nothing."""
    return _checked(url, _WEB)


def safe_contact_url(address: str) -> str:
    """The link to a mail address or a page: `corrections@example.org` becomes `mailto:corrections@example.org`."""
    return safe_link_url(address if _LINK.match(address.strip()) else f"mailto:{address.strip()}")


def _checked(url: str, allowed: re.Pattern[str]) -> str:
    url = url.strip()
    if len(url) > LONGEST or allowed.match(url) is None:
        return ""
    return quote(_NOT_IN_A_URL.sub("", url), safe=_KEPT, errors="replace")
