"""The address of the Content API of a Ghost site, and its key, which we keep apart from the address.

https://ghost.org/docs/content-api/
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

KEY_PARAMETER = "key"
POSTS = "ghost/api/content/posts/"
_ASKED = {"include": "authors,tags", "limit": "100"}
_POSTS_PATH = re.compile(r"/ghost/api/(?:[\w.]+/)?content/posts/?\Z")


def is_ghost_address(address: str) -> bool:
    """Tell whether an address is that of the posts in Ghost's Content API."""
    return bool(_POSTS_PATH.search(urlsplit(address).path))


def posts_address(address: str) -> str:
    """Return the address of the posts of a Ghost site, asking for authors and tags; `address` may be the site's."""
    parts = urlsplit(address)
    if not is_ghost_address(address):
        parts = parts._replace(path=f"{parts.path.removesuffix('/')}/{POSTS}", query="")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    added = [f"{name}={value}" for name, value in _ASKED.items() if name not in given]
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, *added]))))


def split_key(address: str) -> tuple[str, str]:
    """Return an address of Ghost's API without its key, and the key; any other address as it is."""
    parts = urlsplit(address)
    if not is_ghost_address(address):
        return address, ""
    found = [part.partition("=") for part in parts.query.split("&") if part]
    keys = [unquote(value) for name, _, value in found if name == KEY_PARAMETER]
    others = "&".join(f"{name}{mark}{value}" for name, mark, value in found if name != KEY_PARAMETER)
    return urlunsplit(parts._replace(query=others)), keys[0] if keys else ""


def key_in(credentials: str) -> str:
    """Return the key among credentials, which may stand where a name or a password does: `KEY@` or `name:KEY@`."""
    return unquote(credentials.rpartition(":")[2] or credentials.strip(":"))
