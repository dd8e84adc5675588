"""Nothing of django-allauth's own is shown or mailed: each page, email and message that can be reached is ours."""

import re
from html import unescape
from pathlib import Path

import allauth
import pytest
from django.template import TemplateDoesNotExist, engines
from django.test import Client
from django.urls import get_resolver

from newsletter.accounts.account_mails import AccountMail, queue_account_mail
from newsletter.accounts.allauth_messages import MAILS, MESSAGES
from newsletter.accounts.users import find_user
from newsletter.notifications.account_mail_sending import compose, send_next_account_mail
from newsletter.web.desk.account import allauth_urls
from tests.web.desk.second_factors import code_of, give_app, log_in

ALLAUTH = Path(allauth.__file__).parent
ENABLED = [
    path for app in ("account", "mfa", "usersessions") for path in sorted((ALLAUTH / app).rglob("*.py"))
]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in ENABLED)
# No page of ours leads to signing up, phones, or codes by mail instead of a password.
NOT_ENABLED = re.compile(r"phone|login_code|signup|account_already_exists|unknown_account|_code|trust")
TEXTS = sorted(path.stem for path in Path(__file__).parents[3].glob("templates/email/account/texts/*.txt"))
WORDS = {
    "name": "ruth\r\nBcc: x@example.org",
    "by": "<b>ada</b>",
    "device": "Firefox on Linux",
    "network": "192.0.x.x",
    "roles": "editor",
    "provider": "Acme",
    "passkey": "My key",
    "until": "5 December 2026, 12:00 UTC",
    "days": "7 days",
    "subject": "High water",
    "publication": "The Harbour Letter",
    "ends_with_change": True,
    "new": "new@example.org",
    "at": "28 November 2026, 12:00 UTC",
}


@pytest.mark.parametrize("engine", ["jinja2", "django"])
def test_no_template_of_allauth_is_ever_found(engine):
    names = [str(path.relative_to(ALLAUTH / "templates")) for path in (ALLAUTH / "templates").rglob("*.*")]
    assert len(names) > 100
    found = []
    for name in names:
        try:
            template = engines[engine].get_template(name)
        except TemplateDoesNotExist:
            continue
        found.append(template.origin.name)
    assert [each for each in found if "allauth" in each] == []


def test_each_message_of_an_enabled_page_has_a_sentence_of_ours():
    used = set(re.findall(r'"((?:account|mfa|usersessions)/messages/\w+\.txt)"', SOURCE))
    assert len(used) > 10
    assert {each for each in used if not NOT_ENABLED.search(each)} - set(MESSAGES) == set()


def test_each_email_of_an_enabled_page_has_a_text_of_ours():
    used = set(re.findall(r'"((?:account|mfa)/email/\w+)"', SOURCE))
    assert len(used) > 8
    assert {each for each in used if not NOT_ENABLED.search(each)} - set(MAILS) == set()
    assert {kind for kind, _button in MAILS.values()} <= set(TEXTS)


@pytest.mark.parametrize("kind", TEXTS)
def test_each_email_can_be_read_as_text_and_cannot_be_given_headers_or_markup(kind, db):
    link = "http://localhost:8000/desk/invitation/?token=a-b&more=1"
    mail = queue_account_mail(kind, "ruth@example.org", link=link, button="Go on", **WORDS)
    message = compose(mail).message()
    assert message.get_all("Bcc") is None
    assert message["To"] == "ruth@example.org"
    parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
    text = parts["text/plain"]
    assert "{" not in text
    assert "<" not in text.replace("<b>ada</b>", "")
    assert max(map(len, text.splitlines())) <= 78
    assert "http://localhost:8000/desk/" in text
    assert "<b>ada</b>" not in parts["text/html"]
    links = {unescape(each) for each in re.findall(r'href="([^"]+)"', parts["text/html"])}
    assert links
    assert {each for each in links if each not in text} == set()


def test_an_email_is_sent_and_then_forgets_its_link(db, home, settings, mailoutbox):
    queue_account_mail(
        "new-device", "ruth@example.org", link="https://news.example.org/secret", button="Go", **WORDS
    )
    assert send_next_account_mail()
    assert "https://news.example.org/secret" in mailoutbox[0].body
    mail = AccountMail.objects.get()
    assert (mail.state, mail.link) == ("done", "")
    assert not send_next_account_mail()


def test_nobody_without_an_address_is_mailed(db):
    assert queue_account_mail("new-device", "", **WORDS) is None


def test_each_page_is_in_our_own_layout(people):
    give_app(find_user("ruth"))
    client = log_in()
    names = {each.name: str(each.pattern) for each in allauth_urls.urlpatterns}
    pages = [client.get("/desk/log-in/code/")]
    client.post("/desk/log-in/code/", {"code": code_of()})
    logged_in = set(names) - {"mfa_authenticate", "mfa_login_webauthn", "account_login"}
    for name in sorted(logged_in):
        path = names[name].replace("<int:pk>", "1")
        page = client.get(f"/desk/{path}")
        # The app is set up, and there are no passkeys.
        if name not in {
            "mfa_activate_totp",
            "mfa_reauthenticate_webauthn",
            "mfa_edit_webauthn",
            "mfa_remove_webauthn",
        }:
            assert page.status_code == 200, path
            pages.append(page)
    pages.append(log_in("amir").get("/desk/account/app/"))
    pages.append(Client().get("/desk/log-in/"))
    for page in pages:
        html = page.content.decode()
        assert "Newsletter desk" in html
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "<script>" not in html
    assert len(pages) >= 11


def test_every_address_under_a_name_of_allauth_is_listed_by_us():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    theirs = {
        each for each in names if each.startswith(("account_", "mfa_", "usersessions_", "socialaccount_"))
    }
    assert theirs == {each.name for each in allauth_urls.urlpatterns} - {"account"}
