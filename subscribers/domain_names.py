"""Domain names in the ASCII form of the DNS: by IDNA 2008 (RFC 5891), with the mapping of UTS #46.

Python's own codec follows IDNA 2003, in which `faß.de` becomes `fass.de`, which is somebody else's domain.
"""

import re

import idna

from subscribers.errors import Invalid

# UTS #46, section 2.3: the full stops of other scripts separate labels, too.
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


def in_ascii(domain: str) -> str:
    """Return the domain with each of its labels in ASCII. ASCII labels are kept, unchecked.

    Raises Invalid for a label that IDNA 2008 does not allow.
    """
    if domain.isascii():
        return domain
    try:
        return ".".join(map(_label, _DOTS.split(domain)))
    except UnicodeError:  # what idna raises
        raise Invalid(
            "This domain contains characters that are not allowed in a domain. Correct the domain."
        ) from None


def in_ascii_as_browsers_do(host: str) -> str:
    """Return the host of a web address in ASCII. Raises Invalid as `in_ascii` does.

    Browsers find hosts with emoji, which IDNA 2008 does not allow (https://url.spec.whatwg.org/#idna).
    """
    if host.isascii():
        return host
    try:
        return ".".join(map(_label_of_a_browser, _DOTS.split(host)))
    except UnicodeError:
        raise Invalid(
            "This host name contains characters that are not allowed in a host name. Correct the host name."
        ) from None


def _label(label: str) -> str:
    return label if label.isascii() else idna.encode(label, uts46=True).decode("ascii")


def _label_of_a_browser(label: str) -> str:
    try:
        return _label(label)
    except idna.InvalidCodepoint:
        mapped = idna.uts46_remap(label)
        return mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode('ascii')}"
