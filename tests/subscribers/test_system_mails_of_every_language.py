"""Confirmations and “already subscribed”: in each language and direction, with headers that mail programs use."""

from email import message_from_bytes
from email import policy as mail_policy

import pytest

from subscribers.confirmation_mails import compose
from subscribers.lists import add_list
from subscribers.mail_look import DEFAULT_LOOK, MailColours, MailLogo, MailLook
from subscribers.models import QueuedMail, Subscriber, Subscription
from subscribers.translated_languages import catalogues
from subscribers.wrap_text import columns

pytestmark = pytest.mark.django_db
KINDS = list(QueuedMail.Kind)


def mail_of(kind=KINDS[0], **fields):
    """The email of one kind to somebody on a list."""
    mailing_list = add_list("brief", **{"name": "The Brief", "sender_address": "news@example.org", **fields})
    ada = Subscriber.objects.create(address="ada@example.net", address_key="ada@example.net")
    subscription = Subscription.objects.create(
        subscriber=ada, list=mailing_list, state=Subscription.State.PENDING
    )
    return compose(QueuedMail.objects.create(subscription=subscription, kind=kind))


def html_of(mail):
    return mail.alternatives[0].content


def striking(_list):
    """A look as another site may give."""
    dark = MailColours(
        page="#000001", card="#000002", ink="#fffff3", quiet="#fffff4", button="#fffff5", on_button="#000006"
    )
    return MailLook(
        light=DEFAULT_LOOK.light,
        dark=dark,
        logo=MailLogo(url="https://example.org/logo.png", alt="Our logo", width=200),
        reply_to="editors@example.org",
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", list(catalogues()))
def test_the_mail_says_its_language_and_direction_and_is_wrapped(kind, language):
    mail = mail_of(kind, language=language, name="A list with a rather long name for our readers")
    way = "rtl" if language == "ar" else "ltr"
    assert html_of(mail).count(f'lang="{language}" dir="{way}"') == 2
    assert "{" not in mail.subject + mail.body + html_of(mail).partition("</head>")[2]
    assert all(columns(line) <= 78 for line in mail.body.splitlines() if "http" not in line)
    message = message_from_bytes(mail.message().as_bytes(), policy=mail_policy.default)
    assert message.get_all("Content-Language") == [language]
    assert message["Message-ID"].endswith("@example.org>")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_list_in_a_language_without_a_catalogue_gets_an_english_mail_that_says_so():
    mail = mail_of(language="he", name="איגרת")
    assert '<html lang="en" dir="ltr"' in html_of(mail)
    assert mail.message()["Content-Language"] == "en"
    assert "<bdi>איגרת</bdi>" in html_of(mail)
    assert "\u2068איגרת\u2069" in mail.body
    assert "\u2068" not in mail.subject


def test_a_name_in_the_other_direction_is_isolated_in_arabic():
    mail = mail_of(language="ar")
    assert html_of(mail).count("<bdi>The Brief</bdi>") == 2
    assert "\u2068The Brief\u2069" in mail.body


def test_the_whole_button_is_the_link_and_outlook_gets_its_padding_and_a_table():
    html = html_of(mail_of())
    assert "display:inline-block;padding:14px 28px" in html
    assert "mso-padding-alt:14px 28px" in html
    assert html.count('<!--[if mso]><table role="presentation"') == 1
    assert 'width="560"' in html


def test_the_preheader_says_what_to_do():
    hidden = html_of(mail_of()).partition("mso-hide:all")[2].partition("</div>")[0]
    assert "Select the button" in hidden
    assert "color" not in hidden


def test_a_site_gives_each_list_colours_a_logo_and_an_address_for_replies(settings):
    settings.SUBSCRIBERS_MAIL_LOOK = f"{__name__}.striking"
    mail = mail_of()
    html = html_of(mail)
    for rule in (".card{background-color:#000002!important}", ".button{color:#000006!important}"):
        assert rule in html
    assert "[data-ogsc] .ink{color:#fffff3!important}" in html
    assert 'alt="Our logo" width="200"' in html
    assert mail.message()["Reply-To"] == "editors@example.org"


def test_without_a_look_of_its_own_replies_go_to_the_sender(settings):
    settings.SUBSCRIBERS_MAIL_LOOK = ""
    assert mail_of().message()["Reply-To"] is None
