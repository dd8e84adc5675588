"""Domain names in the ASCII form of the DNS: by IDNA 2008 (RFC 5891), with the mapping of UTS #46.

Python's own codec follows IDNA 2003, in which `faß.de` becomes `fass.de`, which is somebody else's domain.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import idna

from subscribers.errors import Invalid

LONGEST_LABEL: Final = 63  # RFC 1035, section 2.3.4

_PLAIN_HOST = re.compile(r"(?:(?!xn--)[^\x80-\U0010ffff.]{1,63}(?:\.(?!\Z)|\Z))+", re.IGNORECASE)
# Symbols, their skin tones and joiners.
_OF_EMOJI = frozenset({"So", "Sk", "Cf"})
# UTS #46, section 2.3: the full stops of other scripts separate labels, too.
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


def in_ascii(domain: str) -> str:
    """Return the domain with each of its labels in ASCII. ASCII labels are kept, unchecked.

    Raises Invalid, naming the label, for one that IDNA 2008 does not allow.
    """
    if domain.isascii():
        return domain
    return ".".join(_checked(label, _label, "domain") for label in _DOTS.split(domain))


def in_ascii_as_browsers_do(host: str) -> str:
    """Return the host of a web address in ASCII. Raises Invalid as `in_ascii` does, also for ASCII labels.

    Browsers find hosts with emoji, which IDNA 2008 does not allow (https://url.spec.whatwg.org/#idna). A label that
    begins with `xn--` must be the one that its Unicode form has.
    """
    if _PLAIN_HOST.fullmatch(host):
        return host
    return _in_ascii_as_browsers_do(host)


@lru_cache(maxsize=1_000)
def _in_ascii_as_browsers_do(host: str) -> str:
    return ".".join(_checked(label, _label_of_a_browser, "host name") for label in _DOTS.split(host))


def _checked(label: str, convert: Callable[[str], str], what: str) -> str:
    try:
        return convert(label)
    except UnicodeError:  # what idna and Python's own codec raise
        raise Invalid(
            f"This {what} contains “{label[:80]}”, which is not allowed in a {what}. Correct the {what}."
        ) from None


def _label(label: str) -> str:
    return label if label.isascii() else idna.encode(label, uts46=True).decode("ascii")


def _label_of_a_browser(label: str) -> str:
    if label[:4].lower() == "xn--":
        written = label.lower()
        if _label_of_a_browser(written[4:].encode("ascii").decode("punycode")) != written:
            raise UnicodeError("the label does not match its Unicode form")
        return written
    if label.isascii():
        if not 0 < len(label) <= LONGEST_LABEL:
            raise UnicodeError("the label is empty or too long")
        return label
    try:
        return _label(label)
    except idna.InvalidCodepoint:
        mapped = idna.uts46_remap(label)
        if others := "".join(each for each in mapped if unicodedata.category(each) not in _OF_EMOJI):
            _label(others)
        found = mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode('ascii')}"
        return _label_of_a_browser(found) if found.isascii() and found[:4] != "xn--" else _not_too_long(found)


def _not_too_long(label: str) -> str:
    if len(label) > LONGEST_LABEL:
        raise UnicodeError("the label is too long")
    return label
