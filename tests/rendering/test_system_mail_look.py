"""Confirmations and notifications look like the publication."""

import pytest

from newsletter.rendering.system_mail_look import look_of_list, look_of_publication
from subscribers.confirmation_mails import compose
from subscribers.lists import add_list
from subscribers.mail_look import DEFAULT_LOOK
from subscribers.models import QueuedMail, Subscriber, Subscription
from tests.rendering.example_issues import publish

pytestmark = pytest.mark.django_db


def test_the_colours_fonts_and_logo_are_those_of_the_publication():
    publication = publish(
        accent_colour="#7a1f5c",
        accent_colour_dark="#e39cc8",
        heading_font='"Gill Sans", sans-serif',
        logo_url="https://example.org/logo.png",
        logo_width=240,
        logo_height=60,
        hotlink_pictures=True,
        reply_to="editors@example.org",
    )
    look = look_of_list(publication.mailing_list)
    assert (look.light.button, look.dark.button) == ("#7a1f5c", "#e39cc8")
    assert look.heading_font == "'Gill Sans', sans-serif"
    assert (look.logo.url, look.logo.width, look.logo.alt) == (
        "https://example.org/logo.png",
        240,
        "Health News",
    )
    ada = Subscriber.objects.create(address="ada@example.net", address_key="ada@example.net")
    row = Subscription.objects.create(
        subscriber=ada, list=publication.mailing_list, state=Subscription.State.PENDING
    )
    mail = compose(QueuedMail.objects.create(subscription=row, kind=QueuedMail.Kind.CONFIRM))
    assert 'bgcolor="#7a1f5c"' in mail.alternatives[0].content
    assert mail.message()["Reply-To"] == "editors@example.org"


@pytest.mark.parametrize("mistake", [{"accent_colour": "blue"}, {"theme": "missing"}])
def test_a_mistake_in_the_look_stops_no_confirmation(mistake):
    publication = publish()
    type(publication).objects.update(**mistake)
    assert look_of_list(publication.mailing_list) == DEFAULT_LOOK


def test_a_list_without_a_publication_has_the_default_look():
    assert look_of_list(add_list("alone", "Alone")) == look_of_publication(None) == DEFAULT_LOOK
