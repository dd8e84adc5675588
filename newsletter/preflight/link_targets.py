"""Judges where a link leads by its address alone: whether readers can reach it, and whether it was meant for them."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from newsletter.http.clean_urls import target_of
from newsletter.http.private_hosts import is_private_host
from newsletter.http.public_addresses import is_allowed_by_name
from newsletter.http.web_addresses import DEFAULT_PORTS, url_key

_TEST_NAMES = frozenset(
    {
        "staging",
        "stage",
        "stg",
        "test",
        "testing",
        "dev",
        "develop",
        "development",
        "preview",
        "preprod",
        "uat",
        "qa",
        "beta",
        "sandbox",
    }
)
_ONLY_TESTS = frozenset({"staging", "stg", "dev", "preprod", "uat"})
# What a test site is often called together with one of these names, such as staging-www and deploy-preview-12.
_BESIDE_TEST_NAMES = frozenset(
    {"www", "web", "site", "new", "cms", "wp", "api", "app", "deploy", "branch", "git", ""}
)
# Registries sell names below these, so stage.co.uk is a site of its own.
_REGISTRIES = frozenset(
    {"co", "com", "org", "net", "gov", "ac", "edu", "or", "ne", "go", "ltd", "plc", "nhs", "sch"}
)
_TWO_SCHEMES = re.compile(r"https?:/*(?:https?|mailto|ftp|www)(?::|//|%3a)", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s@,;:<>()]+@([^\s@,;<>()]+)")
_FEWEST_DIGITS = 3
_EDITORS_PATH = re.compile(
    r"/(?:wp-admin|wp-login(?:\.php)?)(?:/|$)|^/(?:admin|administrator|typo3|umbraco|user/login)(?:/|$)|/node/\d+/edit/?$",
    re.IGNORECASE,
)
_EDITORS_QUERY = frozenset({("preview", "true"), ("preview", "1"), ("action", "edit")})
_EDITORS_PARAMETERS = frozenset({"preview_id", "preview_nonce"})
# Documents there end in /edit while they are written, and in /view or /pub for readers.
_DOCUMENTS = re.compile(r"(?:docs\.google|(?:www\.)?canva)\.com", re.IGNORECASE)
_MAILBOXES = re.compile(r"mail\.google\.com|outlook\.(?:office|office365|live)\.com", re.IGNORECASE)
# Where people who write websites and emails log in.
_TOOLS = re.compile(
    r"manage\.wix\.com|[\w-]+\.admin\.mailchimp\.com|admin\.mailchimp\.com|admin\.shopify\.com|app\.sendgrid\.com|"
    r"account\.squarespace\.com|app\.hubspot\.com|business\.facebook\.com",
    re.IGNORECASE,
)
# Tunnels to the computer of somebody who builds a site.
_TUNNELS = (".ngrok.io", ".ngrok.app", ".ngrok-free.app", ".ngrok-free.dev", ".loca.lt", ".trycloudflare.com")
# Services that check or count clicks, whose addresses do not contain that of the page.
_CLICKS = re.compile(
    r"https?://(?:urldefense(?:\.proofpoint)?\.com/|[\w.-]+\.mimecast(?:protect)?\.com/s/|linkprotect\.cudasvc\.com/|"
    r"secure-web\.cisco\.com/|[\w.-]+\.ct\.sendgrid\.net/|[\w.-]+\.list-manage\.com/track/|[\w.-]+\.mjt\.lu/|"
    r"[\w.-]+\.safelinks\.protection\.outlook\.com/|[\w.-]+\.hubspotlinks\.com/)",
    re.IGNORECASE,
)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NUMBERS = re.compile(r"[\d.]+")
_EDIT = re.compile(r"/edit/?$", re.IGNORECASE)


def is_private(url: str) -> bool:
    """Return whether a web address leads to a host that surely only a private network knows, by its name alone."""
    host = host_of(url)
    return bool(host) and is_private_host(host)


def looks_like_test_site(url: str) -> bool:
    """Return whether a public web address has the name or the port of a test site. It can be meant for readers."""
    parts = _split(url)
    host = host_of(url)
    if parts is None or not host or is_private(url):
        return False
    if parts.port not in {None, *DEFAULT_PORTS.values()} or host.endswith(_TUNNELS):
        return True
    return any(_is_named_for_tests(label) for label in _labels_of_its_own(host))


def is_for_editors(url: str) -> bool:
    """Return whether a web address leads to a draft, to somebody’s mailbox, or to a page for which one must log in."""
    parts = _split(url)
    if parts is None:
        return False
    asked = {(name.lower(), value.lower()) for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    return (
        _EDITORS_PATH.search(parts.path) is not None
        or bool(asked & _EDITORS_QUERY)
        or any(name in _EDITORS_PARAMETERS for name, _value in asked)
        or bool(parts.password)
        or _MAILBOXES.fullmatch(parts.hostname or "") is not None
        or _TOOLS.fullmatch(parts.hostname or "") is not None
        or (_DOCUMENTS.fullmatch(parts.hostname or "") is not None and _EDIT.search(parts.path) is not None)
    )


def why_impossible(url: str) -> str:
    """Return why no program can follow an address, as a sentence, or an empty string if one could."""
    scheme, _, rest = url.partition(":")
    match scheme.lower():
        case "mailto":
            return _why_no_mailbox(rest.partition("?")[0])
        case "tel":
            digits = sum(character.isdigit() for character in rest)
            is_number = digits >= _FEWEST_DIGITS and "xx" not in rest.lower()
            return "" if is_number else "This is not a phone number."
        case "http" | "https":
            return _why_no_page(url)
    return ""


def is_trusted(url: str) -> bool:
    """Return whether the installation was told to trust the host of a web address."""
    parts = _split(url)
    if parts is None:
        return False
    return is_allowed_by_name(parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme.lower(), 0))


def page_of(url: str) -> str:
    """Return the same text for all addresses of a page: the scheme, capitals of the host, an anchor do not matter."""
    return url_key(url.partition("#")[0]) or url.strip().lower()


def copied_from(url: str) -> str:
    """Return the page to which an address of another service leads, such as that of Outlook; empty if it is none."""
    target = target_of(url)
    return "" if target == url else target


def is_copied(url: str) -> bool:
    """Return whether an address belongs to a service that only leads on to another page."""
    return bool(copied_from(url)) or _CLICKS.match(url) is not None


def host_of(url: str) -> str:
    """Return the host of a web address in small letters, without a full stop at its end; empty if it has none."""
    parts = _split(url)
    return (parts.hostname or "").rstrip(".") if parts else ""


def _why_no_page(url: str) -> str:
    if _TWO_SCHEMES.match(url):
        return "The beginning of the address is repeated, as in https://https://."
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "The address has no valid host name."
    host = unquote(parts.hostname)
    if parts.username and not parts.password and "." in host:
        return "This is an email address, not the address of a page."
    is_name = _HOST.fullmatch(host) and not (_NUMBERS.fullmatch(host) and "." in host)
    if ":" in host or not host.isascii() or is_name or _IP.fullmatch(host):
        return ""
    wrong = next((each for each in host if not (each.isalnum() or each in ".-_")), "")
    return (
        f"“{wrong}” is not allowed in the name of a site."
        if wrong.strip()
        else f"“{host}” is not the name of a site."
    )


def _why_no_mailbox(addresses: str) -> str:
    # Without an address, the reader chooses one.
    given = unquote(addresses).strip()
    for each in given.split(",") if given else ():
        found = _ADDRESS.fullmatch(each.strip())
        if not found or "." not in found[1] or (found[1].isascii() and not _HOST.fullmatch(found[1])):
            return f"“{given}” is not an email address."
    return ""


def _labels_of_its_own(host: str) -> list[str]:
    """Return the parts of a host before the domain that its owner registered."""
    labels = host.split(".")
    registered = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES else 2  # noqa: PLR2004
    return labels[:-registered]


def _is_named_for_tests(label: str) -> bool:
    # A host for previews puts its own name first, as in deploy-preview-12--example.netlify.app.
    parts = [part.rstrip("0123456789") for part in label.partition("--")[0].split("-")]
    is_whole = any(part in _TEST_NAMES for part in parts) and all(
        part in _TEST_NAMES or part in _BESIDE_TEST_NAMES for part in parts
    )
    # “test-results” and “stage-door” are names of other things, but example-staging is not.
    return is_whole or parts[0] in _ONLY_TESTS or parts[-1] in _ONLY_TESTS


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    return parts
