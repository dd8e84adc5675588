"""Recognises an address in the words of a link or in the name of a sender, and whether it is another one than meant."""

import re
from urllib.parse import unquote

from newsletter.preflight.link_targets import page_of

_MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PAGE = re.compile(r"(?:https?://|www\.)[^\s<>“”\"]+", re.IGNORECASE)
# Without http or www, only words in small letters count: “Booking.com” is a name, and “plan.pdf” a file.
_NO_ENDINGS = frozenset(
    {"md", "py", "sh", "pl", "rs", "ps", "cc", "gz", "js", "ai", "so", "vb", "cs", "ts", "st", "nr", "al"}
)
_SITE = re.compile(
    r"(?:[a-z0-9][a-z0-9-]+\.)+(com|org|net|edu|gov|int|info|eu|app|news|health|wales|cymru|scot|[a-z]{2})(?:/\S*)?"
)
_AROUND = " .,:;!?()[]<>{}«»„“”‘’\"'…"


def names_another_address(words: str, url: str) -> bool:
    """Return whether the words are, for the most part, an address that belongs to another site or person than the URL.

    A site and the sites below it, such as example.org and shop.example.org, belong together.
    """
    said = _address_in(words)
    scheme = url.partition(":")[0].lower()
    if not said or scheme not in {"http", "https", "mailto", "tel"}:
        return False
    if scheme == "tel":
        return True
    if _MAILBOX.fullmatch(said):
        if scheme == "mailto":
            return said.casefold() not in _mailboxes(url)
        return not _related(_domain(said), _site(url))
    page = said if "://" in said else f"https://{said}"
    if scheme == "mailto":
        return not any(_related(_site(page), _domain(each)) for each in _mailboxes(url))
    return _is_another_page(page, url)


def _address_in(words: str) -> str:
    """Return the address that makes up at least half of the words, or an empty string."""
    bare = words.strip(_AROUND)
    site = _SITE.fullmatch(bare)
    if site and site[1] not in _NO_ENDINGS:
        return bare
    found = _MAILBOX.search(bare) or _PAGE.search(bare)
    return found[0].strip(_AROUND) if found and 2 * len(found[0]) >= len(bare) else ""


def _is_another_page(said: str, url: str) -> bool:
    if not _related(_site(said), _site(url)):
        return True
    is_same_host = _site(said) == _site(url)
    said, meant = page_of(said).casefold(), page_of(url).casefold()
    # A text often leaves out the end of a long address.
    return is_same_host and not meant.startswith(said)


def _related(one: str, other: str) -> bool:
    one, other = (each.casefold().removeprefix("www.") for each in (one, other))
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")


def _mailboxes(url: str) -> list[str]:
    addresses = unquote(url.partition(":")[2].partition("?")[0]).split(",")
    return [each.strip().casefold() for each in addresses]


def _site(url: str) -> str:
    """Return the host of a web address in ASCII, without `www.`."""
    return re.split("[/?]", page_of(url))[0]


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]
