"""Without the network, checking 15 articles takes less than half a second of the processor."""

import time

import pytest

from newsletter.preflight.all_checks import check_now
from tests.preflight.good_emails import good_issue


@pytest.mark.django_db
def test_fifteen_articles_take_less_than_half_a_second():
    issue = good_issue(articles=15)
    check_now(issue)
    began = time.process_time()
    check_now(issue)
    assert time.process_time() - began < 0.5
