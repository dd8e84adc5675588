"""IP addresses as sockets and proxies write them."""

from ipaddress import IPv4Address, IPv6Address, ip_address

# An IPv6 address without its zone: 39 characters; with IPv4 in it: 45.
LONGEST = 45


def parse_network_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an IP address that may have brackets, a port (`[2001:db8::1]:80`) and a zone (`fe80::1%eth0`).

    An IPv4 address that was written as IPv6 (`::ffff:192.0.2.1`) is returned as IPv4. Returns None for anything
    else. See RFC 4291, RFC 6874 and RFC 7239, section 6.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def plain_network_address(text: str) -> str:
    """Return the address in its shortest form, without brackets, port and zone, or the text itself if it is not
    an address.
    """
    found = parse_network_address(text)
    return (str(found) if found else text)[:LONGEST]
