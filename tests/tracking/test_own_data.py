"""A person’s own data has the emails that they were sent, as JSON and as a page that needs no explanation."""

import json
import re

import pytest
from django.test import Client

from newsletter.sending.models import Recipient
from newsletter.tracking.process_events import process_posts
from subscribers import signed_links
from subscribers.address_changes import ask_to_change_address
from subscribers.models import Subscriber
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EDITOR


def ana():
    return Subscriber.objects.get(address="ana@example.org")


def path_of(person):
    return "/my-data/" + signed_links.make_token(Purpose.EXPORT, person)


@pytest.mark.usefixtures("sent")
def test_the_download_names_each_email_that_was_sent_to_the_person():
    document = json.loads(Client().get(f"{path_of(ana())}/download").content)
    [email] = document["emails"]
    assert (email["email"], email["subject"]) == ("The Harbour Letter 1", "Tides")
    assert (email["list"], email["outcome"]) == ("Readers", "accepted")
    Recipient.objects.filter(subscriber=ana()).delete()
    assert json.loads(Client().get(f"{path_of(ana())}/download").content)["emails"] == []


@pytest.mark.usefixtures("sent")
def test_the_page_says_in_plain_words_what_we_know_and_the_file_is_whole_by_itself(tell, post):
    events = [tell("ana", "delivered"), tell("ana", "click", url="https://harbour.example.org/a")]
    post(json.dumps(events).encode())
    process_posts()
    person = ana()
    ask_to_change_address(person, "new.ana@example.org", EDITOR)
    Subscriber.objects.filter(pk=person.pk).update(
        locale="en-GB", zone="Europe/London", attributes={"nation": "<b>Wales</b>"}
    )
    page = Client().get(path_of(person)).content.decode()
    file = Client().get(f"{path_of(person)}/page")
    assert file["Content-Disposition"] == 'attachment; filename="my-data.html"'
    for shown in (page, file.content.decode()):
        for words in (
            "ana@example.org",
            "new.ana@example.org</bdi> (not confirmed yet)",
            "Emails we sent you",
            "The Harbour Letter 1</bdi>: <bdi>Tides</bdi> · sent",
            "The Harbour Letter 1</bdi> · delivered",
            "link opened",
            "<bdi>https://harbour.example.org/a</bdi>",
            "Europe/London",
            "&lt;b&gt;Wales&lt;/b&gt;",
            "Readers</bdi>: subscribed",
        ):
            assert words in shown, words
        for machine in ("came_by", "wording_version", "T00:", "None", "accepted"):
            assert machine not in re.sub(r'datetime="[^"]*"', "", shown)
    assert not re.search(r"<(script|link|img|a)\b|https?://(?!harbour)", file.content.decode())


@pytest.mark.parametrize(
    ("language", "heading"),
    [("de", "E-Mails, die wir Ihnen gesendet haben"), ("fr", "Les e-mails que nous vous avons envoyés")],
)
@pytest.mark.usefixtures("sent")
def test_the_file_is_in_the_language_of_the_person(language, heading):
    Subscriber.objects.filter(pk=ana().pk).update(locale=language)
    file = Client().get(f"{path_of(ana())}/page").content.decode()
    assert f'<html lang="{language}">' in file
    assert heading in file
