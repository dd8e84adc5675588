"""Second factors in a real browser: a passkey of Chromium's virtual authenticator, an app, and a recovery code."""

import time
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from newsletter.accounts.actor import acting_as
from newsletter.accounts.second_factor import reset_second_factor
from newsletter.accounts.users import actor_of, find_user
from newsletter.issues.models import AuditEntry
from tests.journeys.desk.conftest import PASSWORD
from tests.web.desk.second_factors import log_in

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


def code_of(secret, steps=0):
    """The code that an authenticator app shows, or that of other half minutes: a code counts only once."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def virtual_authenticator(page):
    """A device that answers for passkeys. Return how to speak with it, and its number."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    made = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devices, made["authenticatorId"]


def set_counter(authenticator, counter):
    """Put the passkeys back with another counter, as a copy that was made earlier has it."""
    devices, number = authenticator
    there = {"authenticatorId": number}
    passkeys = devices.send("WebAuthn.getCredentials", there)["credentials"]
    devices.send("WebAuthn.clearCredentials", there)
    for passkey in passkeys:
        devices.send("WebAuthn.addCredential", {**there, "credential": {**passkey, "signCount": counter}})


def press(page, name, role="button"):
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).click()


def log_out(page):
    page.locator("summary", has_text="your account").click()
    press(page, "Log out")


def type_password(page, name="ruth"):
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.press("#password", "Enter")


def fits_on_a_phone(page):
    """Whether the button that ends a session, which is the widest thing on the page, stays inside its card."""
    page.set_viewport_size({"width": 390, "height": 900})
    card, button = page.locator("#sessions"), page.get_by_role("button", name="End", exact=False).first
    inside = card.bounding_box()["x"] + card.bounding_box()["width"]
    fits = button.bounding_box()["x"] + button.bounding_box()["width"] <= inside
    page.set_viewport_size({"width": 1280, "height": 900})
    return fits


def test_a_passkey_is_added_and_logs_in_alone(desk_page, desk_url, axe):
    log_in(client=Client(headers={"user-agent": PHONE}, REMOTE_ADDR="2001:db8:1234:5678::1"))
    page = desk_page("account/", "ruth", recently=True)
    axe(page)
    assert fits_on_a_phone(page)
    authenticator = virtual_authenticator(page)
    press(page, "Add a passkey", "link")
    axe(page)
    press(page, "Add a passkey")
    page.wait_for_url("**/account/codes/")
    assert page.locator(".recovery-codes li").count() == 10
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert "Recovery codes for ruth" in Path(download.value.path()).read_text(encoding="utf-8")
    press(page, "I have saved my codes", "link")
    assert "Chrome on Linux" in page.locator("#second-factor").inner_text()
    axe(page)
    log_out(page)
    with page.expect_navigation(url=desk_url):
        page.get_by_role("button", name="Log in with a passkey").click()
    assert page.url == desk_url
    log_out(page)
    type_password(page)
    assert page.url.endswith("/log-in/code/")
    axe(page)
    with page.expect_navigation(url=desk_url):
        page.get_by_role("button", name="Use a passkey").click()
    log_out(page)
    # A copy that was made before.
    set_counter(authenticator, 0)
    press(page, "Log in with a passkey")
    assert "somebody may have copied the passkey" in page.locator("main").inner_text()
    axe(page)
    assert (
        AuditEntry.objects.filter(
            sentence__contains="because its usage count was lower than last time"
        ).count()
        == 1
    )
    set_counter(authenticator, 50)
    with page.expect_navigation(url=desk_url):
        page.get_by_role("button", name="Log in with a passkey").click()
    assert [each for each in page.complaints if "422" not in each] == []


@pytest.mark.full
def test_a_demanded_app_is_set_up_and_a_recovery_code_works_once_and_a_reset_begins_it_again(
    desk_page, desk_url, axe, settings
):
    page = desk_page("issues/", "ruth", recently=True)
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"second_factor_roles": ("editor",), "second_factor_days": 0}
    )
    page.goto(f"{desk_url}issues/")
    assert page.url == f"{desk_url}account/"
    axe(page)
    press(page, "Set up an app", "link")
    axe(page)
    page.locator("summary", has_text="cannot scan").click()
    secret = page.locator(".account-key").inner_text()
    page.fill("#code", "000000")
    press(page, "Set up the app")
    assert page.title().startswith("Error: ")
    axe(page)
    page.fill("#code", code_of(secret))
    press(page, "Set up the app")
    codes = page.locator(".recovery-codes li").all_inner_texts()
    page.goto(f"{desk_url}issues/")
    assert page.url == f"{desk_url}issues/"
    page.goto(f"{desk_url}account/app/remove/")
    assert "Your role needs a second factor" in page.locator("main").inner_text()
    axe(page)
    for code, lands in ((codes[0], desk_url), (codes[0], f"{desk_url}log-in/code/")):
        log_out(page)
        type_password(page)
        axe(page)
        page.fill("#code", code)
        press(page, "Log in")
        assert page.url == lands
    with acting_as(actor_of(find_user("adele"))):
        reset_second_factor("ruth")
    page.goto(f"{desk_url}log-in/")
    type_password(page)
    assert page.url == f"{desk_url}account/"
    assert [each for each in page.complaints if "422" not in each] == []
