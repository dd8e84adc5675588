"""Lists that are read page by page with a number in the address: `page=2`."""

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit


def number_of_page(url: str) -> int:
    """Return the number after `page=` in a URL; 1 if it has none, and 0 if we cannot read it."""
    return whole_number(dict(parse_qsl(urlsplit(url).query)).get("page", "1"))


def with_page(url: str, number: int) -> str:
    """Return the URL of another page of the same list, its other parameters as they are."""
    parts = urlsplit(url)
    others = [part for part in parts.query.split("&") if part and part.partition("=")[0] != "page"]
    return urlunsplit(parts._replace(query="&".join([*others, f"page={number}"])))


def whole_number(text: str) -> int:
    """Return the number that a text is; 0 if it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text.strip()) else 0
