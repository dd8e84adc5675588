"""An issue with articles, sections and blocks, the people of the desk, and reviewers who have a proof link."""

import pytest

from newsletter.proof.proof_links import make_proof_link
from tests.preflight.good_emails import good_issue
from tests.scheduling.conftest import ann, by, clock, ruth  # noqa: F401 - the people of the desk

NETWORK = "192.0.2.7"


@pytest.fixture
def issue(db, home, clock):  # noqa: F811
    """Three articles in two sections, and a block of every kind."""
    return good_issue(articles=3)


@pytest.fixture
def articles(issue):
    """The numbers of the articles, the lead first."""
    return list(issue.items.order_by("position").values_list("article", flat=True))


@pytest.fixture
def share(issue, ruth, by):  # noqa: F811
    """Ruth makes a link: `share("Dr Okafor")` gives the row, whose `token` opens it."""

    def make(name="Dr Okafor", **options):
        return by(ruth, make_proof_link, issue, name, **options).link

    return make
