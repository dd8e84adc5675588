"""Fills an empty database with 1,000,000 subscribers, 500 issues and 50,000 articles.

One row of each kind is created as the application does it, and copied by SQL (copy_rows.py). Run by `python -m
benchmarks desk`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.copy_rows import ago, bytes_of, copy_rows
from benchmarks.many_subscribers import add_subscribers, unsubscribe_some

if TYPE_CHECKING:
    from newsletter.issues.models import Issue, Publication
    from newsletter.sending.models import Mailing

SUBSCRIBERS, ARTICLES, ISSUES, SOURCES = 1_000_000, 50_000, 500, 20
ENTRIES, POSTS = 100_000, 2_000
OPENS, CLICKS, ITEMS_AN_ISSUE = 300_000, 60_000, 12


@dataclass(frozen=True, slots=True)
class BigInstallation:
    """The publication, its draft, and the issue that was sent to everybody."""

    publication: "Publication"
    draft: "Issue"
    sent: "Issue"


def fill(subscribers: int = SUBSCRIBERS, articles: int = ARTICLES, issues: int = ISSUES) -> BigInstallation:
    """Fill the database, and return what the pages of the benchmark show."""
    from django.db import connection

    from newsletter.issues.models import Issue

    publication = _publication()
    add_subscribers(publication, subscribers)
    _articles(publication, articles)
    mailing = _send_first(publication)
    _events(mailing)
    _more_issues(publication, issues)
    _count_figures()
    _activity_and_webhooks(publication)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return BigInstallation(
        publication, Issue.objects.filter(state=Issue.State.DRAFT).latest("number"), mailing.issue
    )


def _publication() -> "Publication":
    from newsletter.issues.models import Publication
    from subscribers.models import List

    readers = List.objects.create(slug="readers", name="Readers")
    return Publication.objects.create(
        slug="harbour",
        name="The Harbour Letter",
        organisation="Harbour",
        website="https://harbour.example.org",
        mailing_list=readers,
        sender_name="Harbour",
        sender_address="news@harbour.example.org",
        postal_address="1 Quay Street, Newtown",
    )


def _articles(publication: "Publication", count: int) -> None:
    from django.utils import timezone

    from newsletter.articles.models import Article, Source, list_articles
    from subscribers import raw_sql

    source = Source.objects.create(
        name="site", title="Harbour site", location=f"{publication.website}/feed", fetched_at=timezone.now()
    )
    copy_rows(
        source,
        SOURCES - 1,
        name="'site-' || n",
        title="'Site ' || n",
        location="'https://harbour.example.org/feed/' || n",
    )
    first = Article.objects.create(
        source=source,
        identity="first",
        url=f"{publication.website}/first",
        url_key="first",
        title="How the moon moves the sea",
        standfirst="What the tides mean for those who live by the sea, and what a study of 400 harbours found. "
        * 3,
        body_html="<p>How the moon moves the sea, and what that means for those who live by it.</p>" * 20,
        topics=["tides"],
        authors=["Ruth Quay"],
        found_at=timezone.now() - timedelta(days=1),
        published_at=timezone.now() - timedelta(days=1),
    )
    copy_rows(
        first,
        count - 1,
        source_id=f"{source.pk} + n % {SOURCES}",
        identity="'article-' || n",
        url="'https://harbour.example.org/' || n",
        url_key="'url-' || n",
        content_hash="'hash-' || n",
        title="'Study ' || n || ' of tides in harbour ' || (n % 997)",
        topics=raw_sql.json(
            """CASE n % 5 WHEN 0 THEN '["storms"]' ELSE '["tides", "harbour ' || (n % 30) || '"]' END"""
        ),
        found_at=ago("n % 700", "day"),
        published_at=ago("n % 700", "day"),
    )
    # Articles that the application adds have a listing, by which the desk searches.
    list_articles(Article.objects.defer("body_html").iterator(chunk_size=1_000))


def _compose(publication: "Publication", number: int, state: str) -> "Issue":
    from django.utils import timezone

    from newsletter.articles.models import Article
    from newsletter.issues.models import Issue, Item

    issue = Issue.objects.create(
        publication=publication,
        number=number,
        subject=f"Tides of the week {number}",
        preheader="What the sea did",
        state=state,
        composed_at=timezone.now(),
    )
    for position, article in enumerate(Article.objects.order_by("-pk")[:ITEMS_AN_ISSUE]):
        Item.objects.create(issue=issue, article=article, position=position, lead=position == 0)
    return issue


def _send_first(publication: "Publication") -> "Mailing":
    """Return a mailing that was sent to everybody, planned as the application plans it."""
    from django.utils import timezone

    from newsletter.issues.models import Issue
    from newsletter.scheduling.approval import approve
    from newsletter.sending.models import Batch, Mailing, Recipient
    from newsletter.sending.send_now import send_now

    issue = _compose(publication, 1, Issue.State.DRAFT)
    approve(issue)
    send_now(issue, without_undo=True)
    mailing = Mailing.objects.get(issue=issue)
    now = timezone.now()
    Batch.objects.filter(mailing=mailing).update(
        state=Batch.State.ANSWERED, attempts=1, posted_at=now, answered_at=now
    )
    Recipient.objects.filter(mailing=mailing).update(state=Recipient.State.ACCEPTED)
    Mailing.objects.filter(pk=mailing.pk).update(finished_at=now)
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.SENT, sent_at=now)
    mailing.refresh_from_db()
    unsubscribe_some()
    return mailing


def _events(mailing: "Mailing") -> None:
    from django.utils import timezone

    from newsletter.sending.models import Recipient
    from newsletter.tracking.models import Event, Link

    first = Recipient.objects.filter(mailing=mailing).earliest("pk")
    link = Link.objects.create(url="https://harbour.example.org/1")
    copy_rows(link, 29, url="'https://harbour.example.org/link/' || n")
    common: dict[str, Any] = {"mailing": mailing, "recipient": first, "at": timezone.now()}
    events = (
        (Event.Kind.DELIVERED, None, mailing.audience, 1),
        (Event.Kind.OPENED, None, OPENS, 3),
        (Event.Kind.CLICKED, link, CLICKS, 15),
    )
    for kind, where, most, step in events:
        count = min(most, mailing.audience // step)
        row = Event.objects.create(
            kind=kind, link=where, provider_id=f"{kind}-0", fingerprint=kind.encode(), **common
        )
        copy_rows(
            row,
            count - 1,
            recipient_id=f"{first.pk} + n * {step}",
            at=ago("n % 72", "hour"),
            provider_id=f"'{kind}-' || n",
            fingerprint=bytes_of(f"'{kind}-' || n"),
            link_id=f"{where.pk} + n % 30" if where else "NULL",
        )


def _more_issues(publication: "Publication", count: int) -> None:
    from newsletter.issues.models import Issue

    for number in range(2, count + 1):
        state = Issue.State.SENT if number <= count - 10 else Issue.State.DRAFT
        issue = _compose(publication, number, state)
        if state == Issue.State.SENT:
            Issue.objects.filter(pk=issue.pk).update(
                sent_at=issue.composed_at - timedelta(days=count - number)
            )


def _count_figures() -> None:
    """Count the figures as the scheduler does, until nothing is left."""
    from newsletter.tracking.stored_figures import count_next_figures

    while count_next_figures():
        pass


def _activity_and_webhooks(publication: "Publication") -> None:
    """Fill the log of what people did, and what was posted to a webhook; and add a backup."""
    from django.utils import timezone

    from newsletter.backups.models import StoredBackup
    from newsletter.issues.issue_audit import record
    from newsletter.notifications.models import Notification, State, Webhook, WebhookDelivery
    from newsletter.notifications.webhook_secrets import encrypt_secret

    now = timezone.now()
    copy_rows(
        record("edit", "Changed the subject.", publication=publication),
        ENTRIES,
        actor="'editor-' || n % 9",
        at=ago("n % 700", "day"),
        issue_id="1 + n % (SELECT count(*) FROM newsletter_issue)",
    )
    webhook = Webhook.objects.create(
        url="https://hooks.example.org/", secret=encrypt_secret("whsec_"), created_at=now
    )
    event = Notification(kind=Notification.Kind.FIGURES, subject="Sent", link="/desk/", made_at=now)
    for number in range(POSTS):
        event.pk, event.key = None, f"sent:{number}"
        event.save()
        WebhookDelivery.objects.create(
            webhook=webhook, notification=event, body="{}", state=State.DONE, due_at=now
        )
    StoredBackup.objects.create(name="newsletter.tar.gz", reason="nightly", made_at=now, bytes=1)
