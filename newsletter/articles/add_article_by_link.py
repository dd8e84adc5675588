"""Add one article by the address of its page, which is read like the pages of a source."""

from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.article_keys import key_of
from newsletter.articles.editor_article_sources import source_of_kind
from newsletter.articles.incoming_article import IncomingArticle, Reading
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import locked_source
from newsletter.articles.steps.identity_keys import add_keys
from newsletter.errors import Invalid, NotFound
from newsletter.http.web_addresses import (
    SITE_WITHOUT_SCHEME,
    looks_like_address,
    normalise_url,
    split_credentials,
    url_key,
    without_credentials,
)


@dataclass(frozen=True, slots=True)
class AddedArticle:
    """An article that an address leads to. `is_new` is false if we had it already."""

    article: Article
    is_new: bool


def add_by_link(address: str) -> AddedArticle:
    """Fetch the page at an address and keep its article, or return the article that we have from there already.

    It fetches, so never call it inside a transaction. Raises Refused unless an editor asks, Invalid if the page has no
    article, and Unreachable if the site does not answer, each with a sentence.
    """
    require_role(Role.AUTHOR, "Adding an article", publication=ANY)
    if not (looks_like_address(address) or SITE_WITHOUT_SCHEME.match(address.strip())):
        raise Invalid("Paste the address of a page, such as https://www.example.org/news/a-new-lifeboat.")
    place, credentials = split_credentials(normalise_url(address.strip()))
    if credentials:
        raise Invalid("Remove the username and password from the address. You can only add public pages.")
    if known := _known(place):
        return AddedArticle(known, is_new=False)
    found = _read(place)
    if known := _known(found.url):
        return AddedArticle(known, is_new=False)
    return _store(found)


def _read(address: str) -> IncomingArticle:
    # The readers of all formats are slow to load, and most pages of the desk need none.
    from newsletter.articles.choose_format import read_document
    from newsletter.articles.ingest import prepare
    from newsletter.articles.request_document import request_document

    fetched = request_document(address, kind=Source.Kind.WEB_PAGE)
    if fetched.document is None:  # which only answers a request for changes
        raise Invalid(f"{without_credentials(address)} sent an empty response. Try again later.")
    reading = read_document(fetched.document)
    if reading.kind != Source.Kind.WEB_PAGE:
        raise Invalid(
            f"{without_credentials(address)} lists {len(reading.articles)} articles, so it is not the page "
            "for a single article. Add it as a source instead."
        )
    prepared = prepare(replace(reading, articles=tuple(_with_address(reading, fetched.document.url))))
    if not prepared or not prepared[0].title:
        raise Invalid(
            f"We could not find an article at {without_credentials(address)}. You can write the article here instead."
        )
    return prepared[0]


def _with_address(reading: Reading, address: str) -> list[IncomingArticle]:
    """Return the article of the page. A page that is not in a list says nothing about the rest of its source."""
    return [
        replace(article, url=article.url or address, on_later_page=True) for article in reading.articles[:1]
    ]


def _store(found: IncomingArticle) -> AddedArticle:
    from newsletter.articles.ingest import store

    source = source_of_kind(Source.Kind.LINKS)
    reading = Reading(kind=Source.Kind.LINKS, articles=(found,))
    with transaction.atomic():
        source = locked_source(source)
        counts = store(source, reading, [found], now=timezone.now())
        add_keys(found, source.pk)
        article = _stored(found)
        if counts.added:
            audit_log.write(
                "article",
                f"Added the article “{article.title[:200]}” from a link.",
                thing=f"article {article.pk}",
                changes={"title": [None, article.title]},
            )
    return AddedArticle(article, is_new=bool(counts.added))


def _stored(found: IncomingArticle) -> Article:
    same_words = Article.objects.filter(content_hash=found.content_hash).order_by("-pk").first()
    article = _known(found.url) or same_words
    if article is None:
        raise NotFound("The article was removed while you were adding it. Add it again.")
    return article


def _known(address: str) -> Article | None:
    place = url_key(address)
    if not place:
        return None
    return Article.objects.filter(url_key=key_of(place)).select_related("source").order_by("-pk").first()
