"""The example publication: one issue that went out, one that is a draft, and Amara who reads it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.sources import active_sources
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication
from newsletter.issues.models import Issue, Publication
from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Mailing, Variant
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.sending.planned_mailing import planned_mailing

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def accounts():
    """What makes the accounts that a test has beside the publication: nothing."""
    return lambda: None


@pytest.fixture
def publication(kept_tables, home, accounts):
    def make():
        publication = load_publication(EXAMPLES / "publication.toml")
        # Nothing is fetched from example.org.
        publication.hotlink_pictures = True
        publication.save()
        fetch_sources(list(active_sources()))
        accounts()

    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)):
        kept_tables.fill(f"the example and {accounts.__qualname__}", make)
        yield Publication.objects.get()


@pytest.fixture
def amara(publication):
    source = ConsentSource(SourceKind.EDITOR, "Ruth")
    subscription = add_by_editor(
        publication.mailing_list, "amara@example.com", source, consent="She asked for it at the open day."
    )
    return subscription.subscriber


@pytest.fixture
def draft(publication):
    return compose(publication)


@pytest.fixture
def sent_issue(draft, amara):
    mailing = planned_mailing(draft)
    while send_next_batch(mailing.pk):
        pass
    draft.refresh_from_db()
    assert draft.state == draft.State.SENT
    return draft


@pytest.fixture
def copies_of_sent(sent_issue):
    """Copies of the sent issue, No. 2 to No. 30: `copies_of_sent(30)`. `sent_at` gives the moment of each number."""

    def make(count, *, sent_at=lambda _number: timezone.now()):
        mailing = Mailing.objects.get(issue=sent_issue)
        variant = mailing.variants.get()
        for number in range(2, count + 1):
            issue = Issue.objects.create(
                publication=sent_issue.publication,
                number=number,
                subject=f"Week {number}",
                state=Issue.State.SENT,
                composed_at=sent_issue.composed_at,
                sent_at=sent_at(number),
            )
            copy = Mailing.objects.create(
                issue=issue,
                mailing_list=mailing.mailing_list,
                planned_at=mailing.planned_at,
                finished_at=mailing.finished_at,
                digest=mailing.digest,
                audience=0,
            )
            Variant.objects.create(mailing=copy, number=1, email=variant.email, digest=variant.digest)

    return make
