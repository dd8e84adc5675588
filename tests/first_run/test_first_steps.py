"""The steps to the first issue."""

import pytest

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.first_run.first_steps import Step, first_steps
from newsletter.first_run.publication_details import save_details
from newsletter.issues.compose import draft_issue
from newsletter.issues.models import Issue
from tests.fakes.source import feed, item
from tests.first_run.typed import details

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_each_step_leads_to_the_next_and_a_composed_issue_ends_them(site):
    site.serve("/feed.xml", feed([item(number) for number in range(5)]))
    assert first_steps().next_step is Step.PUBLICATION
    publication = save_details(details())
    assert first_steps().next_step is Step.SOURCE
    source = add_source(site.url("/feed.xml"))
    assert first_steps().next_step is Step.ARTICLES
    fetch_sources([source])
    assert first_steps().next_step is Step.ISSUE
    issue = draft_issue(publication)
    assert first_steps().next_step is None
    issue.state = Issue.State.CANCELLED
    issue.save()
    assert first_steps().next_step is Step.ISSUE
