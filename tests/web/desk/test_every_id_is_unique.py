"""No page has two elements with one ID: a label would belong to the first, and a link would lead to it."""

import re
from collections import Counter
from http import HTTPStatus

import pytest

from tests.web.desk.test_permissions import (
    ALL,
    ROUTES,
    ask,
    browser,
    own,  # noqa: F401 - a fixture
    path_in,
    sent_and_sending,  # noqa: F401 - a fixture
)

TAG = re.compile(r"<[a-z][^>]*?\sid=\"([^\"]+)\"", re.IGNORECASE)


def repeated_ids(body):
    return [name for name, count in Counter(TAG.findall(body)).items() if count > 1]


def test_an_id_that_is_used_twice_is_found():
    assert repeated_ids('<section class="a" id="nightly"><input type="checkbox" id="nightly">') == ["nightly"]


@pytest.mark.usefixtures("own", "sent_and_sending")
def test_every_id_of_every_page_is_unique(publication):
    chief, wrong, pages = browser(ALL), [], 0
    for route in ROUTES:
        answer, body = ask(chief, "GET", path_in(route, publication))
        if answer.status_code != HTTPStatus.OK or "text/html" not in answer["Content-Type"]:
            continue
        pages += 1
        wrong += [f"{route}: {name}" for name in repeated_ids(body)]
    assert wrong == []
    assert pages > 100
