"""Change the headline, standfirst and picture of an article for good, and put them back to how the site has them.

The changed fields hold an editor's words, so that everything shows them. `as_on_site` keeps what the site says in these
fields, and each fetch brings that up to date (write_article_rows.py).
"""

from typing import Any

from newsletter.articles.models import Article
from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import Invalid
from subscribers.clean_text import folded

LONGEST_STANDFIRST = 2_000
TEXTS = ("title", "standfirst", "image_alt")
NAMES = {"title": "headline", "standfirst": "standfirst", "image_alt": "picture description"}


def change_texts(article: Article, **texts: str) -> list[str]:
    """Give an article other texts, by the names in TEXTS, and return the fields that changed. It is not saved.

    An empty headline or standfirst, and the text that the site has, put the site's own back. Raises Invalid with a
    sentence about the field.
    """
    changed: list[str] = []
    for name, text in texts.items():
        on_site = (article.as_on_site or {}).get(name, getattr(article, name))
        # Readers of a picture without a description are helped by none, so that an empty one is the site's own too.
        wanted = _clean(name, text) or on_site
        if wanted == getattr(article, name):
            continue
        setattr(article, name, wanted)
        _remember(article, name, on_site if wanted != on_site else None)
        changed.append(name)
    return changed


def change_picture(article: Article, picture: OriginalPicture | None, alt: str = "") -> list[str]:
    """Give an article an uploaded picture with a description, or with None the picture of the site. It is not saved."""
    if picture and not alt.strip():
        raise Invalid("Describe the picture in a few words, for readers who cannot see it.")
    article.picture = picture
    if picture is None:
        return ["picture", *restore_fields(article, ("image_alt",))]
    return ["picture", *change_texts(article, image_alt=alt)]


def restore_fields(article: Article, names: tuple[str, ...] = TEXTS) -> list[str]:
    """Put texts back to how the site has them, and return the fields that changed. It is not saved."""
    on_site = article.as_on_site or {}
    found = [name for name in names if name in on_site]
    for name in found:
        setattr(article, name, on_site[name])
        _remember(article, name, None)
    return found


def restore_texts_of_another_picture(article: Article, image_url: str) -> None:
    """Drop an editor's description of the site's picture when the site shows another picture. It is not saved."""
    if article.picture_id is None and image_url != article.image_url:
        restore_fields(article, ("image_alt",))


def _remember(article: Article, name: str, on_site: str | None) -> None:
    kept: dict[str, Any] = {key: value for key, value in (article.as_on_site or {}).items() if key != name}
    article.as_on_site = (kept if on_site is None else kept | {name: on_site}) or None


def _clean(name: str, text: str) -> str:
    cleaned = folded(text)
    longest = LONGEST_STANDFIRST if name == "standfirst" else 500
    if len(cleaned) > longest:
        raise Invalid(
            f"The {NAMES[name]} can have up to {longest:,} characters. This one has {len(cleaned):,}."
        )
    return cleaned
