"""Adele adds a webhook and sends a failed event again; she backs up, and finds that in the activity."""

import re
from functools import partial

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.backups.backup_job import run_backup
from newsletter.notifications.detectors.notable_event import NotableEvent
from newsletter.notifications.models import Notification, State, WebhookDelivery
from newsletter.notifications.webhook_deliveries import post_next_webhook
from newsletter.notifications.write_notifications import notify
from tests.fakes import webhook_receiver
from tests.journeys.desk.conftest import PASSWORD
from tests.journeys.desk.test_every_page import fits
from tests.web.desk.test_system_pages import read_only

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def listener(settings):
    with webhook_receiver.running() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"fetch_allow_hosts": (f"127.0.0.1:{running.port}",), "webhook_timeout_seconds": 5.0}
        )
        yield running


def test_a_webhook_from_its_address_to_an_event_that_is_sent_again(desk_page, home, listener, axe):
    page = desk_page("settings/notifications/")
    # By keyboard alone: the link, the field, the form.
    page.get_by_role("link", name="Add a webhook").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Address").fill("http://hooks.example.org/")
    page.keyboard.press("Enter")
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    axe(page)
    fits(page)
    page.get_by_label("Address").fill(listener.url())
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The webhook was added").wait_for()
    secret = page.locator(".secret code").inner_text()
    assert secret.startswith("whsec_")
    axe(page)
    fits(page)
    page.get_by_role("button", name="Send a test event").click()
    page.get_by_text("The test event was accepted.").wait_for()
    assert len(listener.got) == 1
    assert secret not in page.content()

    listener.plan = [503]
    notify(
        NotableEvent(
            key="a test",
            kind=Notification.Kind.BLOCKED,
            subject="Blocked: issue 1 of The Harbour Letter",
            text="It was not approved in time.",
            link="/desk/",
        )
    )
    assert post_next_webhook()
    WebhookDelivery.objects.update(state=State.GIVEN_UP)
    page.reload()
    row = page.locator(".person-row", has_text="Blocked: issue 1")
    row.get_by_text("Failed").wait_for()
    row.get_by_text("The event").click()
    axe(page)
    fits(page)
    # Each click after the first is refused, and yet ends on the page of the webhook.
    row.get_by_role("button", name="Send again").click(click_count=3)
    page.get_by_text(
        re.compile("will be posted again within seconds|We only processed it once")
    ).first.wait_for()
    row.wait_for()
    axe(page)
    assert post_next_webhook()
    page.reload()
    row.get_by_text("Delivered").wait_for()
    assert listener.ids()[-1] == listener.ids()[-2]
    # The browser notes the refused address.
    assert [each for each in page.complaints if "422" not in each] == []


@pytest.mark.full
def test_a_backup_from_the_button_to_the_download_and_the_activity(desk_page, home, axe):
    page = desk_page("settings/system/", recently=True)
    page.get_by_role("link", name="backups").click()
    page.get_by_role("button", name="Back up now").click()
    page.get_by_text("Waiting for the scheduler.").wait_for()
    axe(page)
    assert run_next_job({"backup": partial(run_backup, trial=read_only)})
    # The page learns by itself that it is done.
    page.get_by_text("We last tested a backup").wait_for()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename.startswith("newsletter-")
    axe(page)
    fits(page)
    page.get_by_label("Make a backup every night").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("We will make the next nightly backup").first.wait_for()
    axe(page)
    fits(page)

    page.get_by_role("link", name="Activity").first.click()
    page.get_by_label("What").select_option(label="Backups and installation")
    page.get_by_label("Person").fill("adele")
    page.keyboard.press("Enter")
    page.get_by_text("Made a backup").wait_for()
    page.get_by_text("Downloaded the backup").wait_for()
    assert page.get_by_text("Composed the issue").count() == 0
    axe(page)
    assert page.complaints == []
