"""Adele sets SendGrid up in a browser, from the key to the test email. The fake SendGrid checks every request."""

import re

import pytest
from pydantic import HttpUrl

from newsletter.sending.transports import transport_named
from newsletter.sending_settings.current import sending_settings
from tests.fakes.dns import FakeDns
from tests.fakes.strict_sendgrid import KEY, StrictSendGrid
from tests.journeys.desk.test_every_page import fits

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def sendgrid(settings, live_server):
    with StrictSendGrid() as server, FakeDns() as names:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "sendgrid_host": HttpUrl(server.url),
                "dns_server": names.address,
                "base_url": HttpUrl(live_server.url),
            }
        )
        yield server
        transport_named("sendgrid").close()
        assert server.unfit == []


def test_sendgrid_is_set_up_from_the_key_to_the_test_email(sendgrid, desk_page, axe):
    page = desk_page("settings/sending/", recently=True)
    page.get_by_text("No email leaves this server").first.wait_for()
    page.get_by_label("Through SendGrid").check()
    page.get_by_role("button", name="Choose").click()

    page.get_by_role("heading", name="SendGrid", exact=True).wait_for()
    page.fill("#sendgrid_api_key", f"{KEY}x")
    page.get_by_role("button", name="Check and save").click()
    page.locator(".error-summary:focus").wait_for()
    page.get_by_text("SendGrid does not accept this key.").first.wait_for()
    assert KEY not in page.content()
    axe(page)
    fits(page)
    page.fill("#sendgrid_api_key", KEY)
    page.keyboard.press("Enter")

    page.get_by_text("40,000").wait_for()
    assert page.locator(".permissions .given").count() == 7
    page.get_by_role("button", name="Add the domain to SendGrid").click()
    page.get_by_role("button", name="Check the DNS again").wait_for()
    page.locator(".sender-domain .dns-records").get_by_text("em1.example.org").first.wait_for()
    axe(page)
    fits(page)
    page.get_by_role("button", name="Copy the name em1.example.org").click()
    page.get_by_role("button", name=re.compile("(Copied|Selected) the name em1.example.org")).wait_for()
    page.get_by_role("button", name="Check the DNS again").click()
    page.get_by_text("Authenticated", exact=True).wait_for()
    page.get_by_role("button", name="Set up the event webhook").click()
    page.get_by_text("SendGrid signs events with the key").wait_for()
    assert sending_settings().sendgrid_webhook_key == (sendgrid.public_key,)

    page.get_by_label("Send to").fill("adele@example.org")
    page.keyboard.press("Enter")
    page.get_by_text("The test email to adele@example.org was accepted.").wait_for()
    [request] = sendgrid.requests
    assert request["personalizations"][0]["to"] == [{"email": "adele@example.org"}]
    assert KEY not in page.content()
    assert [each for each in page.complaints if "422" not in each] == []


@pytest.mark.full
@pytest.mark.parametrize("path", ["", "smtp/", "limits/", "checks/"])
def test_every_page_of_sending_can_be_used_by_everybody(desk_page, axe, path):
    page = desk_page(f"settings/sending/{path}", recently=True)
    page.locator("main h1").wait_for()
    axe(page)
    fits(page)
    assert page.complaints == []
