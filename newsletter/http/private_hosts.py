"""Judges by the name of a host alone whether surely only a private network knows it."""

from ipaddress import ip_address

from newsletter.http.public_addresses import is_public

_PRIVATE_ENDINGS = tuple(
    f".{ending}"
    for ending in (
        "local",
        "localhost",
        "localdomain",
        "internal",
        "intranet",
        "lan",
        "home",
        "home.arpa",
        "corp",
        "test",
        "invalid",
        "onion",
        "fritz.box",
    )
)


def is_private_host(host: str) -> bool:
    """Return whether a host name or IP address, in small letters, is private. IPv6 can be in brackets."""
    name = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return not is_public(ip_address(name))
    except ValueError:
        return "." not in name or f".{name}".endswith(_PRIVATE_ENDINGS)
