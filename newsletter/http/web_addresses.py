"""Handles web addresses: reads what people type, hides passwords, and compares without irrelevant differences.

Nothing here uses the network.
"""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from newsletter.errors import Invalid
from newsletter.http.clean_urls import without_tracking
from subscribers.domain_names import in_ascii_as_browsers_do

DEFAULT_PORTS = {"http": 80, "https": 443}
SAFE_IN_PATH = "/%:=&~+!$,;'@()*-._"
# After the scheme: everything up to an @ before the path. If a colon is followed by something other than a port,
# everything up to the last @, because that is a password with a slash, a space or a question mark in it.
_CREDENTIALS = re.compile(
    r"^((?:[a-z][a-z0-9+.-]*:(?=//|[a-z]+://))*(?:/{2,})?)"
    r"(?:[^/?#\s]*@|[^/?#\s@]*:(?!\d*(?:[/?#]|$)).*@)",
    re.IGNORECASE | re.DOTALL,
)
# The key of an API that wants it in the query: https://ghost.org/docs/content-api/
_KEY = re.compile(r"(/ghost/api/\S*?[?&]key=)[^&#\s]+", re.IGNORECASE)
# \w matches neither combining marks nor emoji, both of which stand in hosts.
_LABEL = r"(?:(?![\u3002\uff0e\uff61])[\w\u0300-\U0010ffff-])+"
SITE_WITHOUT_SCHEME = re.compile(rf"{_LABEL}([.\u3002\uff0e\uff61]{_LABEL})+(:\d+)?([/?#]|$)")
SAFE_IN_QUERY = SAFE_IN_PATH + "?[]|"


def normalise_url(text: str) -> str:
    """Return the http or https URL that a person typed, escaped for use; `example.org` gets https.

    Raises Invalid if the text cannot be a URL.
    """
    given = text.strip()
    if re.match(r"feed:(//)?https?://", given, re.IGNORECASE):
        given = re.sub(r"(?i)^feed:(//)?", "", given)
    elif "://" not in given and SITE_WITHOUT_SCHEME.match(given):
        given = f"https://{given}"
    try:
        parts = urlsplit(given)
        _port = parts.port
        host = ascii_host(parts.hostname or "")
    except HostError as error:
        raise Invalid(f"“{without_credentials(text)}” is not a web address. {error}") from None
    except ValueError:
        raise Invalid(
            f"“{without_credentials(text)}” is not a web address. Enter an address such as "
            "https://example.org/feed."
        ) from None
    if parts.scheme.lower() not in DEFAULT_PORTS:
        raise Invalid(
            f"We cannot fetch “{without_credentials(text)}”. Use a web address that starts with "
            "http:// or https://."
        )
    if not re.fullmatch(r"[a-z0-9._:-]+", host) or re.search(r"[\x00-\x1f\x7f]", given):
        raise Invalid(
            f"“{without_credentials(text)}” is not a web address. Enter an address such as "
            "https://example.org/feed."
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


class HostError(ValueError):
    """A host has a label that a domain name cannot have. The sentence names the label."""


def ascii_host(host: str) -> str:
    """Return a host name in lower case and in ASCII, as DNS needs it. Raises HostError if that is not possible.

    Software that escapes a whole address also escapes its host, which browsers undo.
    """
    if not host or ":" in host:  # an address of IPv6
        return host.lower()
    given = unquote(host) if "%" in host else host
    try:
        return in_ascii_as_browsers_do(given.rstrip(".").lower())
    except Invalid as error:
        raise HostError(str(error)) from None


def split_credentials(address: str) -> tuple[str, str]:
    """Return a URL without its user name and password, and these two as they were written (RFC 3986, 3.2.1)."""
    parts = urlsplit(address)
    credentials, _at, rest = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=rest)), credentials


def origin_of(address: str) -> tuple[str, str]:
    """Return the scheme, and the host with its port, of a URL: what a user name and password belong to."""
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.rpartition("@")[2]


def looks_like_address(text: str) -> bool:
    """Return whether a person who typed this means a web address and not a file."""
    return bool(re.match(r"(feed:)?(//)?[a-z][a-z0-9+.-]*://|feed:", text.strip(), re.IGNORECASE))


def without_credentials(address: str) -> str:
    """Return an address without its user name, password and API key, so that it may be shown and logged.

    The address may not be valid: the scheme may be missing, and a password may contain unescaped characters.
    """
    return _KEY.sub(r"\1…", _CREDENTIALS.sub(r"\1", address.strip()))[:300]


def without_parameter(address: str, name: str) -> str:
    """Return a URL without one of the parameters of its query."""
    parts = urlsplit(address)
    kept = [part for part in parts.query.split("&") if unquote(part.partition("=")[0]) != name]
    return urlunsplit(parts._replace(query="&".join(kept)))


def url_key(address: str) -> str:
    """Return a key that is the same for different spellings of a URL; empty if it is not a web address.

    The key leaves out the scheme, `www.`, the default port, tracking parameters, the order of parameters, a slash or
    `index.html` at the end of the path, and differences in escaping. It keeps what may matter to a server: the case of
    the path, other parameters, and the fragment (some sites publish many articles on one page).
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
    """Return whether a `url_key` is a whole site, which does not say which article is meant."""
    return not set(place) & set("/?#")


def host_of(address: str) -> str:
    """Return the host of a URL; empty if there is none."""
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
