"""A new check is one file and its name in CHECKS, as docs/how-to/add-a-check.md says."""

import pytest

from newsletter import doctor
from newsletter.doctor.doctor_finding import Level
from newsletter.issues.models import Publication
from tests.docs_examples import example_module

pytestmark = pytest.mark.django_db


@pytest.fixture
def logo(tmp_path, monkeypatch):
    """The example of the page as a module of its own, added to the checks as the page says."""
    with example_module("add-a-check.md", doctor, "logo", tmp_path) as module:
        monkeypatch.setattr(doctor, "CHECKS", (*doctor.CHECKS, module))
        yield module


@pytest.mark.usefixtures("logo", "publication", "configure")
def test_a_check_added_as_the_page_says_is_run_with_the_others(says):
    Publication.objects.update(name="The News", slug="news", logo_url="")
    assert says("logo") == [
        (
            Level.WARNING,
            "The News has no logo. Run `newsletter publications edit news logo_url=https://…`.",
        )
    ]
    Publication.objects.update(logo_url="https://example.org/logo.png")
    assert says("logo") == [(Level.OK, "Every publication has a logo.")]


@pytest.mark.usefixtures("publication", "configure")
def test_a_check_that_fails_says_so_and_the_others_are_run(says, logo, monkeypatch):
    def fail(_installation):
        raise ZeroDivisionError

    monkeypatch.setattr(logo, "check", fail)
    [(level, sentence)] = says("logo")
    assert (level, "ZeroDivisionError" in sentence) == (Level.WRONG, True)
    assert says("home")
