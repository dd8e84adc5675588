"""Adele sets SendGrid up in a browser, from the key to the test email. The fake SendGrid checks every request."""

import re

import pytest
from pydantic import HttpUrl

from newsletter.sending.transports import transport_named
from newsletter.sending_settings.current import sending_settings
from tests.fakes.dns import FakeDns
from tests.fakes.strict_sendgrid import KEY, StrictSendGrid
from tests.journeys.desk.hands import look_of, ways
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


@ways("mouse, 1280 px, light")
def test_sendgrid_is_set_up_from_the_key_to_the_test_email(sendgrid, desk_page, axe, way, width, theme):
    page = desk_page("settings/sending/", recently=True, width=width, dark=theme == "dark")
    hands, look = way(page), look_of(page, axe, width, theme)
    look("Emails do not leave this server")
    hands.tick("Through SendGrid")
    hands.press("Choose", exact=True)
    page.get_by_role("heading", name="SendGrid", exact=True).wait_for()
    hands.write("sendgrid_api_key", f"{KEY}x")
    hands.press("Check and save")
    page.locator(".error-summary:focus").wait_for()
    look("SendGrid does not accept this key.")
    assert KEY not in page.content()
    hands.write("sendgrid_api_key", KEY)
    page.keyboard.press("Enter")

    look("40,000")
    assert page.locator(".permissions .given").count() == 7
    hands.press("Add the domain to SendGrid")
    page.get_by_role("button", name="Check the DNS again").wait_for()
    page.locator(".sender-domain .dns-records").get_by_text("em1.example.org").first.wait_for()
    look("Check the DNS again")
    hands.press("Copy the name em1.example.org")
    page.get_by_role("button", name=re.compile("(Copied|Selected) the name em1.example.org")).wait_for()
    hands.press("Check the DNS again")
    look("Authenticated")
    hands.press("Set up the event webhook")
    look("SendGrid signs events with the key")
    assert sending_settings().sendgrid_webhook_key == (sendgrid.public_key,)

    hands.write("address", "adele@example.org")
    page.keyboard.press("Enter")
    look("The test email to adele@example.org was accepted.", within="body")
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
