"""Publications and issues that tests render. Everything here is stored; the times are fixed."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from newsletter.articles.models import Article, Reference, Source
from newsletter.issues.models import Issue, Item, Publication, StandingBlock
from newsletter.rendering.merge_tags import MergeValues
from subscribers.models import List

MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PERSON = MergeValues(
    first_name="Ada",
    unsubscribe_url="https://press.example.org/u/abc?list=1&person=2",
    preferences_url="https://press.example.org/p/abc",
    read_online_url="https://press.example.org/i/12/abc",
)
_numbers = count(1)

STANDFIRST = (
    "Researchers followed 1,200 people over nine years and found that those who walked every day reported fewer "
    "falls. The study cannot say that walking was the cause, because people who walk differ in other ways, and the "
    "authors say so plainly. What it does show is that the habit is common among those who stay well."
)


def publish(**changes):
    """A publication and its list."""
    number = next(_numbers)
    mailing_list = List.objects.create(
        slug=f"monthly-{number}", name=changes.pop("list_name", "Health News Monthly")
    )
    fields = {
        "slug": f"health-news-{number}",
        "name": "Health News",
        "tagline": "What the studies say, and what they do not",
        "organisation": "The Example Trust",
        "website": "https://example.org/",
        "mailing_list": mailing_list,
        "sender_name": "Health News",
        "sender_address": "news@example.org",
        "postal_address": "The Example Trust\n1 Example Street\nLondon N1 1AA",
        # Tests of our own copies: tests/issues/test_issue_pictures.py.
        "hotlink_pictures": True,
    }
    return Publication.objects.create(**fields | changes)


def write(title="A daily walk and fewer falls", **changes):
    """An article of a source."""
    number = next(_numbers)
    source, _ = Source.objects.get_or_create(name="site", defaults={"location": "https://example.org/feed"})
    fields = {
        "source": source,
        "identity": f"identity-{number}",
        "url": f"https://example.org/articles/{number}/",
        "content_hash": f"{number}",
        "title": title,
        "standfirst": STANDFIRST,
        "authors": ["Jo Bloggs"],
        "published_at": MORNING - timedelta(days=number % 20),
        "found_at": MORNING,
    }
    return Article.objects.create(**fields | changes)


def cite(article, citation, url="", *, kind=Reference.Kind.STUDY):
    """A reference below an article."""
    return Reference.objects.create(article=article, citation=citation, url=url, kind=kind)


def edit(publication, articles, *, sections=(), **changes):
    """An issue with these articles, the first of them leading; sections are given out in turn."""
    fields = {
        "publication": publication,
        "number": 12,
        "subject": "Walking, sleeping, and what a headline left out",
        "preheader": "Twelve articles from November, and how to read them.",
        "opening": "Dear {{ first_name }},\n\nThis month we read the studies behind the headlines. As ever, "
        "[tell us](https://example.org/contact) where we went wrong.\n\n*The editors*",
        "composed_at": MORNING,
    }
    issue = Issue.objects.create(**fields | changes)
    for position, article in enumerate(articles):
        section = sections[position * len(sections) // len(articles)] if sections else ""
        Item.objects.create(
            issue=issue, article=article, position=position, lead=position == 0, section=section
        )
    return issue


def add_blocks(publication):
    """One standing block of every kind."""
    for position, (kind, title, body, data) in enumerate(BLOCKS):
        StandingBlock.objects.create(
            publication=publication,
            name=kind,
            kind=kind,
            position=position,
            title=title,
            body=body,
            data=data,
            starts_on=date(2026, 1, 1),
        )


BLOCKS = (
    (
        "appeal",
        "Help us to answer the phone",
        "Our nurses took **9,000 calls** last year. Each call costs about £12.",
        {
            "target": "40000",
            "raised": "26750",
            "currency": "GBP",
            "amounts": [
                {"amount": amount, "url": f"https://example.org/give?amount={amount}&from=news"}
                for amount in ("12", "25", "60")
            ],
            "url": "https://example.org/give",
            "button": "Give now",
            "tax_note": "With Gift Aid we can claim 25p more for every £1 you give, at no cost to you.",
        },
    ),
    (
        "promotion",
        "How to read a study",
        "A booklet of sixteen pages, for readers without statistics.",
        {
            "image_url": "https://example.org/booklet.png",
            "image_alt": "The cover of the booklet",
            "image_width": 960,
            "image_height": 480,
            "url": "https://example.org/booklet",
            "button": "Order the booklet",
            "price": "£4, post free",
        },
    ),
    (
        "community",
        "Tell your story",
        "What helped you may help others.",
        {
            "links": [
                {"label": "Write to us", "url": "https://example.org/story"},
                {"label": "Find a support group", "url": "https://example.org/groups"},
            ]
        },
    ),
    (
        "notice",
        "Information, not advice",
        "Nothing here replaces what your doctor or nurse tells you. Do not change a treatment because of an article.",
        {},
    ),
    (
        "social",
        "",
        "",
        {
            "links": [
                {"network": "Mastodon", "url": "https://social.example/@news"},
                {"network": "Bluesky", "url": "https://bsky.example/news"},
            ]
        },
    ),
    ("corrections", "", "Did we get a fact wrong? Please say so.", {"address": "corrections@example.org"}),
    (
        "copyright",
        "",
        "© 2026 The Example Trust. You may reuse our text under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).",
        {},
    ),
)
