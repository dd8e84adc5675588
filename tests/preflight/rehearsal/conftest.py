"""An issue, the people on its list, and a rehearsal of its mailing."""

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.preflight.rehearsal.ask_for_rehearsal import JOB, ask_for_rehearsal
from newsletter.preflight.rehearsal.rehearsal_results import latest_rehearsal
from newsletter.preflight.rehearsal.rehearse_emails import rehearse
from newsletter.preflight.rehearsal_models import RehearsalProblem
from newsletter.sending import transports
from tests.sending.conftest import crowd  # noqa: F401 - as many people as for sending

JOBS = {JOB: rehearse}


@pytest.fixture
def by_transport(settings, request):
    """Have the mailing sent by a transport: `by_transport("smtp")`."""

    def choose(name, **values):
        update = {"transport": name, "smtp_host": "localhost", "smtp_security": "none", **values}
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=update)
        transports._set_up.cache_clear()

    yield choose
    transports._set_up.cache_clear()


@pytest.fixture
def rehearsed(issue):
    """Rehearse the mailing of the issue, and return the result."""

    def run():
        ask_for_rehearsal(issue)
        assert run_next_job(JOBS)
        return latest_rehearsal(issue)

    return run


@pytest.fixture
def named():
    """Who is named for what: pairs of a first name and a kind of problem."""

    def pairs():
        rows = RehearsalProblem.objects.order_by("pk")
        return sorted(rows.values_list("subscriber__address", "kind"))

    return pairs
