"""An issue that asks whether its article was useful, and went to three people."""

import pytest

from newsletter.rendering.render_email import render_email
from newsletter.sending.batches import send_next_batch
from tests.sending.conftest import (  # noqa: F401 - fixtures of a stage before
    issue,
    join,
    publication,
    way_out,
)
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def asking(publication, issue):  # noqa: F811
    """The issue of a publication that asks."""
    publication.ask_useful = True
    publication.save()
    issue.publication.refresh_from_db()
    assert render_email(issue).html.count("*|USEFUL_URL|*") == 2
    return issue


@pytest.fixture
def posts(asking, join, way_out):  # noqa: F811
    """The posts of its mailing to Ana, Ben and Cem."""
    join("ana", "ben", "cem")
    planned_mailing(asking)
    while send_next_batch():
        pass
    return way_out.posts
