"""A list with two topics, on one day."""

from datetime import UTC, datetime

import pytest
import time_machine

from subscribers.models import List, Topic

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def news():
    with time_machine.travel(NOW, tick=False):
        news = List.objects.create(slug="news", name="The News")
        List.objects.create(slug="other", name="Other")
        for slug in ("prostate", "diet"):
            Topic.objects.create(list=news, slug=slug, name=slug.title())
        yield news
