"""The language tag of a text as mail and web pages write it (BCP 47, https://www.rfc-editor.org/info/bcp47)."""

import re
from functools import lru_cache

from newsletter.articles.incoming_article import IncomingArticle
from subscribers.language_tags import is_language_tag

LONGEST = 35

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_MEANINGLESS = frozenset({"und", "mul", "zxx", "mis"})


def set_language(article: IncomingArticle) -> None:
    """Write the article's language as a tag, or its source's where the article names none that can be read."""
    article.language = language_tag(article.language) or language_tag(article.source_language)


def language_tag(text: str) -> str:
    """Return `en-GB` for `en_gb`, and an empty text for anything that is not a language tag."""
    return _language_tag(text[: 10 * LONGEST])  # so that what is remembered is short


@lru_cache(maxsize=256)
def _language_tag(text: str) -> str:
    text = text.strip().partition(",")[0].partition(".")[0].strip().replace("_", "-")
    if len(text) > LONGEST or not _TAG.match(text) or text.lower() in _MEANINGLESS:
        return ""
    first, *others = text.split("-")
    if not is_language_tag(text):
        return ""
    return "-".join([first.lower(), *(_subtag(other) for other in others)])


def _subtag(text: str) -> str:
    if len(text) == len("GB") and text.isalpha():
        return text.upper()
    if len(text) == len("Latn") and text.isalpha():
        return text.title()
    return text.lower()
