"""One account from its invitation to a reset second factor, in a real browser with a virtual authenticator."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from newsletter.issues.models import AuditEntry
from newsletter.notifications.account_mail_sending import send_next_account_mail
from tests.journeys.desk.conftest import PASSWORD
from tests.journeys.desk.test_accounts import code_of, log_out, press, type_password, virtual_authenticator

pytestmark = [pytest.mark.browser, pytest.mark.full]


def emails():
    """The emails that wait, sent by the scheduler's own function: whom each goes to, and its subject."""
    mail.outbox.clear()
    for _ in range(20):
        if not send_next_account_mail():
            break
    for each in mail.outbox:
        # Each can be read as text, with its links, and has no markup there.
        assert re.search(r"http://\S+/desk/", each.body)
        assert not re.search(r"</?\w+[ >]", each.body)
    return [(each.to[0], each.subject) for each in mail.outbox]


def invite_jo(adeles):
    adeles.get_by_role("link", name="Invite a person").click()
    adeles.get_by_label("Email address").fill("jo@example.org")
    adeles.get_by_role("button", name="Send the invitation").click()
    adeles.get_by_role("heading", name="jo@example.org").wait_for()
    assert [address for address, _subject in emails()] == ["jo@example.org"]
    return re.search(r"http\S+?(/desk/invitation/\S+)", mail.outbox[0].body)[1]


def accept(jos):
    jos.get_by_label("Username").fill("jo")
    jos.get_by_label("Password").fill(PASSWORD)
    jos.get_by_role("button", name="Create my account").click()
    jos.get_by_text("Welcome, jo.").wait_for()


def add_passkey(jos):
    press(jos, "Add a passkey", "link")
    press(jos, "Add a passkey")
    jos.wait_for_url("**/account/codes/")
    codes = jos.locator(".recovery-codes li").all_inner_texts()
    press(jos, "I have saved my codes", "link")
    return codes


def set_up_app(jos):
    press(jos, "Set up an app", "link")
    jos.locator("summary", has_text="cannot scan").click()
    secret = jos.locator(".account-key").inner_text()
    jos.fill("#code", code_of(secret))
    press(jos, "Set up the app")
    return secret


def log_in_with_code(jos, code):
    type_password(jos, "jo")
    assert jos.url.endswith("/log-in/code/")
    jos.fill("#code", code)
    press(jos, "Log in")


def test_from_the_invitation_to_the_reset(desk_page, desk_url, open_page, axe, settings):
    get_user_model().objects.filter(username="adele").update(email="adele@example.org")
    adeles = desk_page("settings/people/", recently=True)
    link = invite_jo(adeles)
    jos = open_page(desk_url.removesuffix("/desk/") + link)
    virtual_authenticator(jos)
    accept(jos)

    jos.goto(f"{desk_url}account/")
    codes = add_passkey(jos)
    assert len(codes) == 10
    log_out(jos)
    with jos.expect_navigation(url=desk_url):
        jos.get_by_role("button", name="Log in with a passkey").click()

    # From now on, the role needs a second factor. The passkey is one, so it stays until there is another.
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"second_factor_roles": ("editor",), "second_factor_days": 0}
    )
    jos.goto(f"{desk_url}account/")
    jos.locator("#second-factor").get_by_role("link", name="Remove").click()
    jos.get_by_role("button", name="Remove it").click()
    jos.get_by_text("Your role needs a second factor. Add another").wait_for()
    jos.goto(f"{desk_url}account/")
    secret = set_up_app(jos)

    log_out(jos)
    log_in_with_code(jos, code_of(secret, steps=1))
    assert jos.url == desk_url
    log_out(jos)
    log_in_with_code(jos, codes[0])
    assert jos.url == desk_url
    log_out(jos)
    log_in_with_code(jos, codes[0])
    jos.get_by_text("This code is wrong").first.wait_for()
    axe(jos)
    jos.fill("#code", codes[1])
    press(jos, "Log in")
    assert jos.url == desk_url
    assert {subject for _address, subject in emails()} == {
        "jo accepted your invitation",
        "A passkey was added",
        "An authenticator app was set up",
    }

    adeles.goto(f"{desk_url}settings/people/")
    adeles.get_by_role("link", name="jo", exact=True).click()
    adeles.get_by_role("link", name="Reset…").click()
    adeles.get_by_role("button", name="Reset the second factor").click()
    adeles.get_by_text("The second factor for jo was reset.").wait_for()
    assert ("jo@example.org", "Your second factor was reset") in emails()
    jos.reload()
    jos.wait_for_url(re.compile("log-in"))
    type_password(jos, "jo")
    assert jos.url == f"{desk_url}account/"
    axe(jos)
    said = list(AuditEntry.objects.order_by("pk").values_list("sentence", flat=True))
    for sentence in (
        "Set up a passkey for the user jo.",
        "Set up the authenticator app for the user jo.",
        "Reset the second factor for the user jo.",
    ):
        assert sentence in said
