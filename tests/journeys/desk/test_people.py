"""Ada invites Jo on a computer; Jo reads the email, accepts on a phone, and is at Home."""

import re

import pytest
from django.core import mail

from newsletter.notifications.account_mail_sending import send_next_account_mail
from tests.journeys.desk.conftest import PASSWORD
from tests.journeys.desk.test_every_page import fits

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


def test_from_the_invitation_to_home_on_a_phone_and_out_again(desk_page, desk_url, open_page, axe):
    page = desk_page("settings/people/")
    page.get_by_text("There is only one administrator").wait_for()
    axe(page)
    fits(page)
    page.get_by_role("link", name="Invite a person").click()
    page.get_by_label("Email address").fill("jo@")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("alert").wait_for()
    axe(page)
    fits(page)
    page.get_by_label("Email address").fill("jo@example.org")
    page.get_by_role("button", name="Send the invitation").dblclick()
    page.get_by_role("heading", name="jo@example.org").wait_for()
    axe(page)
    fits(page)

    assert send_next_account_mail()
    assert not send_next_account_mail()
    (email,) = mail.outbox
    link = re.search(r"http\S+(/desk/invitation/\S+)", email.body)[1]
    jos = open_page(desk_url.removesuffix("/desk/") + link, width=390)
    axe(jos)
    fits(jos)
    jos.set_viewport_size({"width": 390, "height": 900})
    jos.get_by_label("Username").fill("jo smith")
    jos.get_by_label("Password").fill(PASSWORD)
    jos.get_by_role("button", name="Create my account").click()
    jos.get_by_role("alert").wait_for()
    axe(jos)
    jos.get_by_label("Username").fill("jo")
    jos.get_by_label("Password").fill(PASSWORD)
    jos.get_by_role("button", name="Create my account").click()
    jos.wait_for_url(desk_url)
    jos.get_by_text("Welcome, jo.").wait_for()
    jos.get_by_role("heading", level=1).wait_for()

    page.reload()
    page.get_by_role("link", name="jo", exact=True).click()
    axe(page)
    fits(page)
    page.get_by_role("link", name="Deactivate…").click()
    axe(page)
    page.get_by_role("button", name="Deactivate").click()
    page.get_by_text("jo was deactivated and logged out").wait_for()
    jos.reload()
    jos.wait_for_url(re.compile("log-in"))
    jos.goto(desk_url.removesuffix("/desk/") + link)
    jos.get_by_text("already been accepted").wait_for()
    axe(jos)
