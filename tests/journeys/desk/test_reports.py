"""An editor reads the report of an issue in a real browser, and corrects its web page."""

import time
from functools import partial

import orjson
import pytest

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.sending.batches import send_next_batch
from newsletter.tracking import webhook_inbox
from newsletter.tracking.process_events import process_posts
from newsletter.tracking.stored_figures import count_next_figures
from subscribers.models import Subscriber, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.sendgrid_events import Teller
from tests.web.conftest import accounts, draft, publication  # noqa: F401 - the example publication

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]
REPORT = "/desk/issues/harbour-letter/1/report/"
READERS = 30


@pytest.fixture
def sent(live_server, draft, settings):  # noqa: F811
    """An issue that went to thirty people, of whom some opened it, clicked, left or could not be reached."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    add_user("ada", password="ebb and flow at the quay", roles=[Role.ADMINISTRATOR])
    names = [f"reader{number}" for number in range(READERS)]
    for name in names:
        person = Subscriber.objects.create(address=f"{name}@example.org", address_key=f"{name}@example.org")
        Subscription.objects.create(
            subscriber=person, list=draft.publication.mailing_list, state=Subscription.State.ACTIVE
        )
    mailing = planned_mailing(draft)
    while send_next_batch(mailing.pk):
        pass
    mailing.refresh_from_db()
    tell = Teller(mailing, int(time.time()) - 100_000)
    articles = [item.article.url for item in draft.items.filter(dropped=False).select_related("article")]
    events = [tell(name, "delivered") for name in names]
    events += [tell(name, "open", after=60 + 2_500 * at) for at, name in enumerate(names[:18])]
    events += [tell(name, "open", sg_machine_open=True) for name in names[18:22]]
    events += [
        tell(name, "click", after=120 + 3_700 * at, url=articles[at % len(articles)], url_offset={})
        for at, name in enumerate(names[:9])
    ]
    events += [tell(names[28], "bounce", type="bounce", bounce_classification="Invalid Address")]
    events += [tell(names[27], "spamreport")]
    webhook_inbox.keep(orjson.dumps(events))
    while process_posts():
        pass
    while count_next_figures():
        pass
    draft.refresh_from_db()
    return draft


@pytest.fixture
def look(sent, page_as):
    """Open a page as Ada: `look("/desk/reports/")`."""
    return partial(page_as, "ada")


def test_a_report_shows_its_curve_and_the_figures_on_the_email(look, axe):
    page = look(REPORT)
    page.locator(".curve canvas").wait_for()
    page.get_by_text("Show the hours as a table").click()
    page.get_by_text("Show the figures on the email").click()
    page.locator(".map-figure").first.wait_for()
    shown = page.locator(".map-figure").all_text_contents()
    assert shown.count("1") == 9
    assert "0" in shown
    inside = page.frame_locator(".map iframe")
    assert inside.locator("a").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    axe(page)
    assert page.errors == []


def test_without_scripts_the_report_has_every_figure_in_tables(look):
    page = look(REPORT, script=False)
    assert page.get_by_role("row", name="Opened People whose").get_by_role("cell").first.inner_text() == "18"
    page.get_by_text("Show the hours as a table").click()
    assert page.locator("#hours-table tbody tr").count() > 5


def test_the_list_of_reports_and_the_growth_of_the_list_can_be_used_by_everybody(look, axe):
    page = look("/desk/reports/")
    page.locator(".curve canvas").wait_for()
    axe(page)
    page.get_by_role("link", name="What a study").click()
    page.get_by_role("heading", name="Who got the email").wait_for()
    assert page.errors == []


def test_the_web_page_is_corrected_withdrawn_and_put_back(look, axe, sent, live_server):
    page = look(f"{REPORT}web-page/")
    axe(page)
    headline = sent.items.get(lead=True).article.title
    page.get_by_label("What was wrong").fill("The headline was wrong.")
    page.get_by_label("Text to correct").fill("no such words")
    page.get_by_role("button", name="Correct the page").click()
    page.get_by_role("alert").wait_for()
    assert page.title().startswith("Error: ")
    assert page.get_by_label("What was wrong").input_value() == "The headline was wrong."
    axe(page)
    page.get_by_label("Text to correct").fill(headline)
    page.get_by_label("Corrected text").fill("A better headline")
    page.get_by_role("button", name="Correct the page").click()
    page.get_by_text("The web page was corrected.").wait_for()
    public = f"{live_server.url}/harbour-letter/1/"
    assert "A better headline" in page.request.get(public).text()
    page.get_by_label("Why you are withdrawing the page").fill("Somebody asked us.")
    page.get_by_role("button", name="Withdraw the page").click()
    page.get_by_text("The web page was withdrawn.").wait_for()
    assert page.request.get(public).status == 410
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_text("The withdrawal of the web page was undone.").wait_for()
    assert page.request.get(public).status == 200
