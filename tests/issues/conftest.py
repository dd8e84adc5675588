"""A publication, a source, and a hand that writes articles."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from newsletter.articles.models import Article, Source
from newsletter.issues.models import Publication
from subscribers.models import List

NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def later():
    """A week after noon."""
    return NOON + timedelta(days=7)


@pytest.fixture
def make_publication(db):
    def make(slug="weekly", **fields):
        mailing_list = List.objects.create(slug=slug, name=slug.title())
        identity = {
            "name": slug.title(),
            "organisation": "Harbour",
            "website": "https://example.org/",
            "sender_name": "Harbour",
            "sender_address": "letter@example.org",
            "postal_address": "1 Quay",
            "mailing_list": mailing_list,
        }
        return Publication.objects.create(slug=slug, **(identity | fields))

    return make


@pytest.fixture
def weekly(make_publication):
    return make_publication("weekly")


@pytest.fixture
def source(db):
    return Source.objects.create(name="site", location="https://example.org/feed", kind=Source.Kind.FEED)


@pytest.fixture
def write(source):
    """Publish an article: `write("A title", hours=2)` was published two hours before noon."""
    numbers = count(1)

    def article(title="", *, hours=1.0, at=None, found=None, undated=False, **fields):
        number = next(numbers)
        published = at or NOON - timedelta(hours=hours)
        values = {
            "source": source,
            "title": title or f"Article {number}",
            "url": f"https://example.org/{number}",
            "identity": f"{number:032}",
            "content_hash": f"{number:032}",
            "published_at": None if undated else published,
            "found_at": found or published,
        }
        return Article.objects.create(**(values | fields))

    return article


def articles_of(issue):
    """The titles that an issue prints, in order."""
    from newsletter.issues.item_order import items_to_print

    return [item.article.title for item in items_to_print(issue)]


@pytest.fixture
def titles():
    return articles_of
