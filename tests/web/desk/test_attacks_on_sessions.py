"""What strangers try with sessions: fixing one, using one that has ended, and sending somebody's browser elsewhere."""

from http import HTTPStatus

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client

from newsletter.accounts.actor import SYSTEM, Role, acting_as
from newsletter.accounts.administer_accounts import deactivate
from newsletter.accounts.change_users import set_roles
from newsletter.accounts.users import change_password
from newsletter.issues.models import AuditEntry
from tests.web.desk.conftest import PASSWORD
from tests.web.desk.permissions_table import table
from tests.web.desk.second_factors import is_in, just_now, log_in
from tests.web.desk.test_permissions import path_in

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "///evil.example",
    "javascript:alert(1)",
    "https:evil.example",
    "/desk/\r\nLocation: https://evil.example/",
)


def copy_of(client):
    """Another browser with the same cookies, as a thief has them."""
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    return thief


def test_a_session_that_a_stranger_chose_is_not_the_one_after_the_login(people):
    client = Client()
    session = client.session
    session["fixed"] = "by a stranger"
    session.save()
    client.cookies["sessionid"] = session.session_key
    thief = copy_of(client)
    log_in("ruth", client=client)
    assert client.cookies["sessionid"].value != session.session_key
    assert is_in(client)
    assert not is_in(thief)


def test_what_the_database_has_of_a_session_opens_nothing(people):
    log_in("ruth")
    for row in connection.introspection.table_names():
        if row not in {"django_session", "usersessions_usersession"}:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT session_key FROM {row}")
            kept = [key for (key,) in cursor.fetchall()]
        assert kept
        for key in kept:
            thief = Client()
            thief.cookies["sessionid"] = key
            assert not is_in(thief)


@pytest.mark.parametrize("ended", ["log out", "new password", "deactivated", "roles removed"])
def test_a_stolen_cookie_opens_nothing_after(people, ended):
    client = log_in("ruth")
    thief = copy_of(client)
    assert is_in(thief)
    with acting_as(SYSTEM):
        if ended == "log out":
            client.post("/desk/log-out/")
        elif ended == "new password":
            change_password("ruth", password="slack water at noon")
        elif ended == "deactivated":
            deactivate("ruth")
        else:
            get_user_model().objects.get(username="ruth").role_grants.all().delete()
    assert not is_in(thief)


def test_a_role_that_was_taken_away_counts_no_more_in_the_next_request(people, ruths_draft):
    client = log_in("amir")
    approve = f"/desk/issues/{ruths_draft.publication.slug}/{ruths_draft.number}/approve/"
    with acting_as(SYSTEM):
        set_roles("amir", [Role.EDITOR])
    assert "Only an approver" in client.post(approve, follow=True).content.decode()
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == ruths_draft.State.DRAFT


@pytest.mark.parametrize("wished", ELSEWHERE)
def test_no_next_leads_to_another_site(people, publication, wished):
    client = just_now(log_in("ruth", next=wished))
    answers = [
        Client().post("/desk/log-in/", {"username": "ruth", "password": PASSWORD, "next": wished}),
        client.get("/desk/log-in/", {"next": wished}),
        client.post("/desk/account/confirm/", {"password": PASSWORD, "next": wished}),
        client.post("/desk/choose-publication/", {"publication": publication.slug, "next": wished}),
        client.post("/desk/articles/act/", {"act": "exclude", "article": "1", "next": wished}),
        client.post("/desk/sources/1/pause/", {"next": wished}),
        client.post("/desk/log-out/", {"next": wished}),
    ]
    for answer in answers:
        led_to = answer.get("Location", "/")
        assert led_to.startswith("/")
        assert not led_to.startswith(("//", "/\\"))
        assert "\n" not in led_to


@pytest.mark.full
def test_no_form_of_another_site_does_anything(people, ruths_draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.get(username="ada"))
    just_now(client)
    before = AuditEntry.objects.count()
    for route, (_get, post) in table().items():
        # Outside the desk, the link of an email is what proves who asks.
        if post == "–" or not route.startswith("desk/"):
            continue
        with transaction.atomic():
            answer = client.post(path_in(route, ruths_draft.publication), {"csrfmiddlewaretoken": "x" * 64})
            assert answer.status_code == HTTPStatus.FORBIDDEN, (
                route,
                answer.status_code,
                answer.get("Location"),
            )
            assert AuditEntry.objects.count() == before, route
            transaction.set_rollback(True)


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example"])
def test_no_link_in_an_email_follows_the_host_that_a_stranger_names(people, settings, host):
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(raise_request_exception=False)
    for path, form in (
        ("/desk/forgotten-password/", {"name": "ruth"}),
        ("/desk/log-in/", {"username": "ruth", "password": PASSWORD}),
    ):
        answer = client.post(path, form, headers={"host": host})
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert "evil" not in answer.get("Location", "")
