"""The administration in a real browser, under its policy: every page works, and nothing is blocked."""

from pathlib import Path

import pytest

from newsletter.accounts.change_users import set_superuser
from newsletter.accounts.users import add_user
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.sources import active_sources
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication
from newsletter.issues.models import Publication
from tests.journeys.conftest import is_local

EXAMPLE = Path(__file__).parents[2] / "examples" / "publication.toml"
PASSWORD = "ebb and flow at the quay"

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def administration(live_server, home, settings, open_page):
    """A page of Ada's browser in the administration, and what it complained about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    publication = load_publication(EXAMPLE)
    # Nothing is fetched from example.org.
    publication.hotlink_pictures = True
    publication.save()
    fetch_sources(list(active_sources()))
    compose(publication)
    add_user("ada", password=PASSWORD)
    # These pages are for superusers alone.
    set_superuser("ada", superuser=True)
    page = open_page(f"{live_server.url}/admin/")
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type in {"error", "warning"} and is_local(said.location["url"] or live_server.url)
            else None
        ),
    )
    page.fill("#username", "ada")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]:has-text('Log in')")
    page.wait_for_url("**/admin/")
    return page, complaints


def test_every_page_works_under_its_policy(administration, live_server):
    page, complaints = administration
    publication = Publication.objects.get()
    for path in (
        "",
        "password_change/",
        "auth/user/",
        "auth/user/add/",
        "newsletter/issue/",
        f"newsletter/issue/{publication.issues.get().pk}/change/",
        "newsletter/article/?excluded__exact=0",
        "newsletter/source/",
        "newsletter/publication/add/",
        "subscribers/list/",
        "subscribers/list/add/",
        "subscribers/subscriber/",
        "subscribers/consententry/",
    ):
        answer = page.goto(f"{live_server.url}/admin/{path}")
        assert answer.ok, path
        assert page.evaluate("[...document.styleSheets].some(sheet => sheet.cssRules.length > 10)"), path
    assert complaints == []


def test_what_scripts_do_in_a_form_works(administration, live_server):
    page, complaints = administration
    publication = Publication.objects.get()
    page.goto(f"{live_server.url}/admin/newsletter/publication/{publication.pk}/change/")
    before = page.locator(".inline-related:not(.empty-form)").count()
    page.click("text=Add another Standing block")
    assert page.locator(".inline-related:not(.empty-form)").count() == before + 1
    page.click(f"#blocks-{before} .inline-deletelink")
    page.fill("#id_tagline", "By the water")
    page.click("#blocks-0 .field-starts_on .datetimeshortcuts a:has-text('Today')")
    assert page.input_value("#id_blocks-0-starts_on")
    page.click("input[name=_save]")
    page.wait_for_url("**/publication/")
    publication.refresh_from_db()
    assert publication.tagline == "By the water"
    with page.expect_popup() as opened:
        page.goto(f"{live_server.url}/admin/newsletter/publication/{publication.pk}/change/")
        page.click("#add_id_mailing_list")
    opened.value.fill("#id_name", "Another list")
    opened.value.click("input[name=_save]")
    opened.value.wait_for_event("close")
    assert page.locator("#id_mailing_list option:checked").inner_text() == "Another list"
    assert complaints == []
