"""The example publication: one issue that went out, one that is a draft, and Amara who reads it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.sources import active_sources
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication
from newsletter.issues.models import Publication
from newsletter.sending.batches import send_next_batch
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
