"""A home folder, a list, and a file that goes through the steps of an import."""

from datetime import timedelta

import pytest

from newsletter.people_files import import_steps
from newsletter.people_files.receive_file import add_part, begin_file
from subscribers.imports import adaptive_pieces
from subscribers.models import List


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"home": tmp_path})
    return tmp_path


@pytest.fixture
def news(db):
    return List.objects.create(slug="news", name="News")


@pytest.fixture
def upload(news):
    """Upload a file: `upload("email\\nada@example.org\\n", "people.csv")`."""

    def receive(content, name="people.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        file = begin_file(name, len(data))
        return import_steps.finish_receiving(add_part(file, 0, [data]))

    return receive


@pytest.fixture
def by_the_scheduler(monkeypatch):
    """Nothing is so small that its page waits for it."""
    monkeypatch.setattr(import_steps, "SMALL_FILE", 0)
    monkeypatch.setattr(import_steps, "SMALL_UNDO", 0)


@pytest.fixture
def in_tens(monkeypatch):
    """An import merges ten people at once, and tells every page."""
    for name in ("FIRST_PIECE", "FEWEST", "MOST"):
        monkeypatch.setattr(adaptive_pieces, name, 10)
    monkeypatch.setattr("newsletter.background_jobs.run_jobs.TOLD_EVERY", timedelta())
