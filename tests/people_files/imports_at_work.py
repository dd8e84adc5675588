"""Files of many people, the work of the scheduler on them, and what became of it."""

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.people_files import import_steps
from newsletter.scheduler import JOBS
from subscribers.imports.import_options import ImportOptions
from subscribers.models import Subscription

NOBODY = ImportOptions()


def active():
    return set(Subscription.objects.filter(state="active").values_list("subscriber__address_key", flat=True))


def many(number):
    return "email\n" + "".join(f"reader{each:05}@example.org\n" for each in range(number))


def work(should_stop=lambda: False):
    """Do what a scheduler does until nothing is due, or until it stops."""
    for _ in range(20):
        if not run_next_job(JOBS, should_stop):
            return
    pytest.fail("The scheduler does not come to an end.")


def stored(home):
    return sorted(path.name for path in (home / "jobs").rglob("*") if path.is_file())


def begun(upload, news, number=30):
    """A file whose import waits for the scheduler."""
    file = upload(many(number))
    work()
    file = import_steps.choose_columns(import_steps.find_file(file.pk), NOBODY)
    work()
    return import_steps.import_now(import_steps.find_file(file.pk), news, "Paper")
