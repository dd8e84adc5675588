"""Makes URLs safe for an email: absolute, with a harmless scheme, and safe inside an attribute."""

import re
from urllib.parse import quote

from newsletter.http.clean_urls import with_ascii_host

_LINK = re.compile(r"(?:https?://[^/?#]|mailto:[^?]|tel:\+?[0-9])", re.IGNORECASE)
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_NOT_IN_A_URL = re.compile(r"[\x00-\x20\x7f]")
# RFC 3986's characters. A vertical bar, a quote or a brace is percent-encoded, so a URL cannot contain a merge tag.
_KEPT = "!#$%&'()*+,-./:;=?@[]_~"
LONGEST = 2_000


def safe_link_url(url: str) -> str:
    """Return the URL of a link (http, https, mailto, tel), or an empty string for any other."""
    return _checked(url, _LINK)


def safe_web_url(url: str) -> str:
    """Return the URL of a page or an image (http, https), or an empty string for any other."""
    return _checked(url, _WEB)


def safe_contact_url(address: str) -> str:
    """Return a link to an email address or page: `corrections@example.org` becomes `mailto:corrections@example.org`."""
    return safe_link_url(address if _LINK.match(address.strip()) else f"mailto:{address.strip()}")


def _checked(url: str, allowed: re.Pattern[str]) -> str:
    url = url.strip()
    if len(url) > LONGEST or allowed.match(url) is None:
        return ""
    if url[:4].lower() == "http":  # escaping would make a host that mail programs cannot find
        url = with_ascii_host(url)
    return quote(_NOT_IN_A_URL.sub("", url), safe=_KEPT, errors="replace")
