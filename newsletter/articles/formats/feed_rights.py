"""Reads the licence and the rights that a feed gives for itself and for its entries."""

from typing import Any

from newsletter.articles.html_and_text.html_to_text import plain
from newsletter.articles.incoming_article import IncomingArticle

LONGEST_RIGHTS_OF_FEED = 200_000


def licence_of(known: dict[str, Any]) -> str:
    """Return the link to the licence: of Creative Commons, or of Atom (RFC 4946)."""
    links = known.get("links") or ()
    found = (str(link.get("href") or "") for link in links if link.get("rel") == "license")
    return next(filter(None, found), "")


def rights_of(known: dict[str, Any]) -> str:
    """Return what an entry or a feed says of its rights, also in the element of Media RSS."""
    said = (known.get(name) for name in ("rights", "media_copyright"))
    return "\n".join(dict.fromkeys(each for each in said if each and isinstance(each, str)))


def forbidding_rights_of(feed: Any) -> str:
    """Return what a feed says of the rights to all its entries, or an empty string if it forbids nothing.

    Other rights of a feed are not read: most only say whose feed it is.
    """
    from newsletter.articles.words_of_reuse import forbidding_words

    said = rights_of(dict(feed.items()))
    return forbidding_words(plain(said[:LONGEST_RIGHTS_OF_FEED], decodings=2))


def with_rights_of_feed(article: IncomingArticle, forbidden: str) -> IncomingArticle:
    """Return an article with the rights of its feed, which count if the entry names no licence of its own."""
    if forbidden and not article.licence:
        article.rights = "\n".join(filter(None, (article.rights, forbidden)))
    return article
