"""Fills the database of a journey: `python -m tests.journeys.fill_database PEOPLE ISSUES APPROVED`."""

import sys

import django


def main(people, issues, approved):
    django.setup()
    from django.utils import timezone

    from newsletter.articles.models import Article, Source
    from newsletter.issues.models import Issue, Item, Publication
    from newsletter.scheduling.approval import approve
    from subscribers.models import List, Subscriber, Subscription

    readers = List.objects.create(slug="readers", name="Readers")
    subscribers = Subscriber.objects.bulk_create(
        (
            Subscriber(address=f"reader{n}@example.org", address_key=f"reader{n}@example.org")
            for n in range(people)
        ),
        batch_size=1_000,
    )
    Subscription.objects.bulk_create(
        (
            Subscription(subscriber=each, list=readers, state=Subscription.State.ACTIVE)
            for each in subscribers
        ),
        batch_size=1_000,
    )
    publication = Publication.objects.create(
        slug="harbour",
        name="The Harbour Letter",
        organisation="Harbour",
        website="https://harbour.example.org",
        mailing_list=readers,
        sender_name="Harbour",
        sender_address="news@harbour.example.org",
        postal_address="1 Quay Street, Newtown",
        theme="plain",
    )
    now = timezone.now()
    source = Source.objects.create(name="site", location="https://harbour.example.org/feed", fetched_at=now)
    article = Article.objects.create(
        source=source, url="https://harbour.example.org/a", title="Tides explained", found_at=now
    )
    for number in range(1, issues + 1):
        issue = Issue.objects.create(
            publication=publication, number=number, subject=f"Tides {number}", composed_at=now
        )
        Item.objects.create(issue=issue, article=article, lead=True)
        if approved:
            approve(issue)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
