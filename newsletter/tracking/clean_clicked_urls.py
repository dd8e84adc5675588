"""Cleans a clicked URL: we keep enough to identify the link, but nothing that identifies a person."""

import re
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

from newsletter.http.clean_urls import with_ascii_host

LONGEST = 1_000
# Our tokens have 32 characters or more (subscribers/signed_links.py).
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_=-]{32,}(?=/|$)")
ADDRESS = re.compile(r"@|%40", re.IGNORECASE)
# A path may contain an @ that is not part of an email address: https://social.example/@name.
ADDRESS_IN_PATH = re.compile(r"[^/@]+(?:@|%40)[^/@]+\.[^/@]+", re.IGNORECASE)


def plain_link(url: str) -> str:
    """Return the URL without our tokens, and without a query that names somebody; at most 1,000 characters."""
    root = settings.NEWSLETTER.root_url
    url = iri_to_uri((with_ascii_host(url) or url)[: LONGEST * 4].encode(errors="replace").decode()).replace(
        "\0", ""
    )
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if url.startswith((f"{root}/", f"{root}?")):
        parts = parts._replace(path=TOKEN.sub("…", parts.path), query="", fragment="")
    elif ADDRESS.search(parts.query + parts.fragment):
        parts = parts._replace(query="", fragment="")
    parts = parts._replace(path=ADDRESS_IN_PATH.sub("…", parts.path))
    return urlunsplit(parts)[:LONGEST]
