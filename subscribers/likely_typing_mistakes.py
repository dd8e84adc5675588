"""Recognises addresses whose domain is probably a mistyped one of a large mailbox provider, such as gmial.com."""

from subscribers.private_mailboxes import is_private_mailbox

LARGE_PROVIDERS = frozenset(
    {
        "aol.com",
        "btinternet.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "icloud.com",
        "live.co.uk",
        "live.com",
        "mac.com",
        "me.com",
        "msn.com",
        "ntlworld.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "sky.com",
        "talktalk.net",
        "virginmedia.com",
        "web.de",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.de",
        "yahoo.fr",
        "ymail.com",
    }
)
# Shorter names differ by one character from many others.
SHORTEST_NAME = 5
# Providers of mailboxes themselves.
_OTHERS = frozenset({"gmail.de", "proton.ch"})
_MISTYPED = sorted(each for each in LARGE_PROVIDERS if len(each.partition(".")[0]) >= SHORTEST_NAME)


def meant_address(address: str) -> str:
    """Return the address that was probably meant, or an empty string if this one looks right."""
    mailbox, at, domain = address.rpartition("@")
    domain = domain.lower()
    if not at or is_private_mailbox(domain) or domain in _OTHERS:
        return ""
    meant = next((each for each in _MISTYPED if _is_one_mistake(domain, each)), "")
    return f"{mailbox}@{meant}" if meant else ""


def _is_one_mistake(typed: str, meant: str) -> bool:
    """Return whether one character is missing, too many or wrong, or two next to each other are swapped."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    start = next(
        (at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other), None
    )
    if start is None:
        return True
    rest, wanted = typed[start:], meant[start:]
    swapped = rest[1::-1] + rest[2:]
    return wanted in {swapped, wanted[:1] + rest} or rest[1:] in {wanted, wanted[1:]}
