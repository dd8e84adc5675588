"""Web addresses: read as people type them, written without secrets, and compared without what does not matter.

Nothing here reaches the network.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from newsletter.errors import Invalid
from newsletter.http.clean_urls import without_tracking
from subscribers.domain_names import in_ascii_as_browsers_do

DEFAULT_PORTS = {"http": 80, "https": 443}
SAFE_IN_PATH = "/%:=&~+!$,;'@()*-._"
# After the scheme: all up to an @ before the path; and where a colon begins something other than a port, all up to
# the last @, since that is a password in which somebody wrote a slash, a space or a question mark.
_CREDENTIALS = re.compile(
    r"^((?:[a-z][a-z0-9+.-]*:(?=//|[a-z]+://))*(?:/{2,})?)"
    r"(?:[^/?#\s]*@|[^/?#\s@]*:(?!\d*(?:[/?#]|$)).*@)",
    re.IGNORECASE | re.DOTALL,
)
SAFE_IN_QUERY = SAFE_IN_PATH + "?[]|"


def normalise_url(text: str) -> str:
    """The http or https address that a person typed, escaped so that it can travel; `example.org` gets https.

    Raises Invalid where the text cannot be one.
    """
    given = text.strip()
    if re.match(r"feed:(//)?https?://", given, re.IGNORECASE):
        given = re.sub(r"(?i)^feed:(//)?", "", given)
    elif "://" not in given and re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]|$)", given):
        given = f"https://{given}"
    try:
        parts = urlsplit(given)
        _port = parts.port
        host = ascii_host(parts.hostname or "")
    except ValueError:
        raise Invalid(
            f"{without_credentials(text)} is not a web address. It should look like https://example.org/feed."
        ) from None
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise Invalid(
            f"{without_credentials(text)} is not a web address that we can fetch. Use an http or https address."
        )
    if not re.fullmatch(r"[a-z0-9._:-]+", host) or re.search(r"[\x00-\x1f\x7f]", given):
        raise Invalid(
            f"{without_credentials(text)} is not a web address. It should look like https://example.org/feed."
        )
    user, at, _rest = parts.netloc.rpartition("@")
    return urlunsplit(
        (
            parts.scheme.lower(),
            quote(user, safe=SAFE_IN_PATH) + at + _host_and_port(parts, host),
            quote(parts.path or "/", safe=SAFE_IN_PATH),
            quote(parts.query, safe=SAFE_IN_QUERY),
            "",
        )
    )


def ascii_host(host: str) -> str:
    """A host name in lower case and in the letters that DNS takes. Raises ValueError where there are none."""
    try:
        return in_ascii_as_browsers_do(host.rstrip(".").lower())
    except Invalid as error:
        raise ValueError(str(error)) from None


def split_credentials(address: str) -> tuple[str, str]:
    """A web address without its name and password, and these two as they stood there (RFC 3986, 3.2.1)."""
    parts = urlsplit(address)
    credentials, _at, rest = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=rest)), credentials


def origin_of(address: str) -> tuple[str, str]:
    """The scheme, and the host with its port, of a web address: what a name and a password belong to."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.rpartition("@")[2]


def looks_like_address(text: str) -> bool:
    """Whether a person who typed this means a place on the web and not a file."""
    return bool(re.match(r"(feed:)?(//)?[a-z][a-z0-9+.-]*://|feed:", text.strip(), re.IGNORECASE))


def without_credentials(address: str) -> str:
    """An address that may be shown and logged: without the name and password that it may carry.

    Nobody has checked it yet: the scheme may be missing, and a password may hold what ends one elsewhere.
    """
    return _CREDENTIALS.sub(r"\1", address.strip())[:300]


def url_key(address: str) -> str:
    """What two spellings of one address have in common; empty where there is no web address.

    Left out are the scheme, `www.`, the default port, tracking parameters, the order of parameters, a slash or
    `index.html` at the end of the path, and how characters are escaped. What a server may well tell apart stays: the
    case of the path, other parameters, and the fragment (some sites publish many pieces on one page).
    """
    try:
        parts = urlsplit(without_tracking(address.strip()))
        host = ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in DEFAULT_PORTS or not host:
        return ""
    host = host.removeprefix("www.")
    if port is not None and port not in DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    path = _one_spelling(re.sub(r"/(index\.(html?|php))?$", "", re.sub(r"/{2,}", "/", parts.path)))
    query = urlencode(sorted(parse_qsl(parts.query, keep_blank_values=True)))
    fragment = _one_spelling(parts.fragment)
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def is_front_page(place: str) -> bool:
    """Whether a `url_key` is a whole site, which says nothing about which piece is meant."""
    return not set(place) & set("/?#")


def host_of(address: str) -> str:
    """The host that an address is fetched from; empty where there is none."""
    try:
        return ascii_host(urlsplit(address).hostname or "")
    except ValueError:
        return ""


def _one_spelling(part: str) -> str:
    return quote(unquote(part), safe=SAFE_IN_PATH)


def _host_and_port(parts: SplitResult, host: str) -> str:
    name = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == DEFAULT_PORTS.get(parts.scheme.lower()):
        return name
    return f"{name}:{parts.port}"
