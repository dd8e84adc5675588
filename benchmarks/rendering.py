"""Composes and renders a 30-article issue, against premailer alone on the same HTML in the same run.

The limit is 1.5 times. premailer gets the same arguments in both cases; we skip the passes that our own emails do not
need (see rendering/inline_css.py). The database is in memory; each round starts without issues.
"""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

from benchmarks.temporary_database import temporary_database
from benchmarks.verdicts import verdict

if TYPE_CHECKING:
    from newsletter.issues.models import Publication

ROUNDS = 25
WARM_UP = 3
ARTICLES = 30
MOST = 1.5
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STANDFIRST = (
    "Researchers followed 1,200 people over nine years and found that those who walked every day reported fewer "
    "falls. The study cannot say that walking was the cause, because people who walk differ in other ways."
)


def main() -> None:
    """Measure both in turn, and print the medians and their ratio."""
    with temporary_database():
        _measure()


def _measure() -> None:
    from premailer import Premailer

    from newsletter.issues.compose import compose
    from newsletter.issues.models import Issue, Item
    from newsletter.rendering import inline_css, render_email

    publication = _publication()
    with mock.patch.object(inline_css, "inline_styles", side_effect=inline_css.inline_styles) as inlining:
        email = render_email.render_email(compose(publication, now=NOW))
    html = inlining.call_args.args[0]
    ours, bare = [], []
    for _ in range(WARM_UP + ROUNDS):
        Item.objects.all().delete()
        Issue.objects.all().delete()
        ours.append(_seconds(lambda: render_email.render_email(compose(publication, now=NOW))))
        bare.append(_seconds(lambda: Premailer(html, **inline_css.ARGUMENTS).transform()))
    press, premailer = statistics.median(ours[WARM_UP:]), statistics.median(bare[WARM_UP:])
    print(f"rendering: {ARTICLES} articles, {len(email.html.encode()) / 1000:.0f} KB of HTML")
    print(f"  compose and render {press * 1000:6.1f} ms")
    print(f"  premailer alone    {premailer * 1000:6.1f} ms")
    ratio = press / premailer
    print(f"  ratio              {ratio:6.2f}    (at most {MOST}): {verdict(ratio <= MOST)}")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _publication() -> "Publication":
    from newsletter.articles.models import Article, Reference, Source
    from newsletter.issues.models import Publication
    from subscribers.models import List

    source = Source.objects.create(name="site", location="https://example.org/feed")
    for number in range(ARTICLES):
        article = Article.objects.create(
            source=source,
            identity=str(number),
            content_hash=str(number),
            url=f"https://example.org/articles/{number}/",
            title=f"A daily walk and fewer falls, part {number}",
            standfirst=STANDFIRST,
            authors=["Jo Bloggs"],
            topics=["research" if number % 2 else "living"],
            image_url=f"https://example.org/articles/{number}.jpg" if number % 3 == 0 else "",
            image_width=1200,
            image_height=675,
            published_at=NOW - timedelta(days=number),
            found_at=NOW,
        )
        Reference.objects.create(article=article, citation="A study, 2012", doi="10.1038/nm.2890")
    return Publication.objects.create(
        slug="news",
        name="Health News",
        organisation="The Example Trust",
        website="https://example.org/",
        mailing_list=List.objects.create(slug="news", name="Health News"),
        sender_name="Health News",
        sender_address="news@example.org",
        postal_address="1 Example Street\nLondon N1 1AA",
        # Fetching is measured in pictures.py.
        hotlink_pictures=True,
        selection={"at_most": ARTICLES, "since": 365},
        sections=[
            {"title": "Research", "topics": ["research"]},
            {"title": "Living well", "topics": ["living"]},
        ],
    )
