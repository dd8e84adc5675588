"""Logging in by a provider in a real browser, with an account that is linked on the way."""

import time

import pytest
from django.contrib.auth import get_user_model
from pydantic import HttpUrl, SecretStr

from newsletter.accounts.role_assignments import roles_assigned
from newsletter.accounts.users import find_user
from newsletter.single_sign_on.find_or_make_account import link
from tests.fakes.openid_provider import CLIENT, SECRET, openid_provider
from tests.journeys.desk.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.postgresql_full]


@pytest.fixture
def provider(settings, live_server):
    with openid_provider() as there:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "base_url": HttpUrl(live_server.url),
                "oidc_issuer": there.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret": SecretStr(SECRET),
                "oidc_name": "Acme",
                "oidc_roles": (("news-editors", "editor", ""), ("chiefs", "administrator", "")),
                "fetch_allow_hosts": ("127.0.0.1",),
            }
        )
        yield there


def press(page, name, role="button"):
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).click()


def test_ruth_links_her_account_and_then_logs_in_by_the_provider_alone(desk_url, provider, open_page, axe):
    get_user_model().objects.filter(username="ruth").update(email="ruth@example.org")
    provider.claims |= {"sub": "u-7", "email": "ruth@example.org", "email_verified": True}
    page = open_page(f"{desk_url}issues/", width=390)
    axe(page)
    press(page, "Log in with Acme", "link")
    assert "There is already an account here with your email address" in page.locator("main").inner_text()
    axe(page)
    press(page, "Log in to the account", "link")
    page.fill("#username", "ruth")
    page.fill("#password", PASSWORD)
    press(page, "Log in")
    axe(page)
    press(page, "Link the account")
    axe(page)
    press(page, "Log in with Acme", "link")
    assert page.url == f"{desk_url}issues/"
    page.locator("summary", has_text="your account").click()
    press(page, "Log out")
    press(page, "Log in with Acme", "link")
    assert page.locator("h1").inner_text() == "Home"
    assert [role.value for role in roles_assigned(find_user("ruth"))] == ["editor"]
    page.locator("summary", has_text="your account").click()
    press(page, "Log out")
    provider.claims["roles"] = []
    press(page, "Log in with Acme", "link")
    assert page.locator("h1").inner_text() == "You do not have access yet"
    axe(page)


@pytest.mark.full
def test_somebody_without_a_password_confirms_by_the_provider_from_a_form(desk_url, provider, open_page, axe):
    provider.claims |= {"sub": "u-8", "roles": ["chiefs"]}
    page = open_page(f"{desk_url}settings/people/invite/")
    press(page, "Log in with Acme", "link")
    page.fill("#address", "jo@example.org")
    page.get_by_label("Administrator").check()
    page.get_by_role("button", name="Send the invitation").click()
    page.wait_for_url("**/log-in/provider/**")
    axe(page)
    provider.claims["auth_time"] = int(time.time()) + 1
    press(page, "Log in with Acme again", "link")
    assert "jo@example.org" in page.locator("main").inner_text()


@pytest.mark.full
def test_the_link_is_shown_and_ended_by_its_owner_and_by_an_administrator(desk_page, desk_url, provider, axe):
    link(find_user("ruth"), "u-7")
    page = desk_page("account/", "ruth", recently=True)
    assert "You can log in with Acme." in page.locator("#details").inner_text()
    axe(page)
    page.get_by_role("button", name="Unlink").click()
    page.get_by_text("Your account is no longer linked to Acme.").first.wait_for()
    axe(page)

    link(find_user("ruth"), "u-7")
    adeles = desk_page(f"settings/people/{find_user('ruth').pk}/", recently=True)
    axe(adeles)
    adeles.get_by_role("button", name="Unlink").click()
    adeles.get_by_text("ruth is no longer linked to Acme.").first.wait_for()
    page.reload()
    page.wait_for_url("**/log-in/**")
