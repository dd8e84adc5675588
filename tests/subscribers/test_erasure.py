"""After a person's export and erasure nobody finds the address: not in the database's files, not in the logs."""

import json
import logging
import os
import sys

import pytest
from django.test import Client

from subscribers import (
    consent,
    consent_by_editor,
    consent_guard,
    erasure,
    signals,
    signed_links,
    suppression,
)
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.errors import Refused
from subscribers.models import (
    ConsentEntry,
    QueuedMail,
    SourceKind,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)
from subscribers.signed_links import Purpose
from tests import forked
from tests.made_tables import make_home
from tests.subscribers.conftest import EDITOR, EMAIL


def test_the_export_has_all_that_is_kept_and_is_json(news, ada):
    consent.change(ada, EMAIL, topics=["events"])
    document = json.loads(json.dumps(erasure.export_person(ada.subscriber)))
    assert document["address"] == "ada@example.org"
    assert (document["first_name"], document["last_name"]) == ("Ada", "Byron")
    assert document["lists"][0]["list"] == "The News"
    assert document["lists"][0]["topics"] == ["events"]
    added, changed = document["consent"]
    assert (added["act"], added["wording"], added["name"]) == ("added", "Form at the open day", "Edith")
    assert (changed["act"], changed["network_address"]) == ("changed", "192.0.2.7")


def test_other_apps_add_to_the_export_and_forget_with_us(ada):
    told = []

    def add_emails(subscriber, **_signal):
        return {"emails": [subscriber.pk]}

    def forget(subscribers, **_signal):
        told.extend(one.address for one in subscribers)

    signals.exporting.connect(add_emails)
    signals.forgetting.connect(forget)
    try:
        assert erasure.export_person(ada.subscriber)["emails"] == [ada.subscriber_id]
        consent.erase_person(ada.subscriber, EMAIL)
    finally:
        signals.exporting.disconnect(add_emails)
        signals.forgetting.disconnect(forget)
    assert told == ["ada@example.org"]


def test_erasing_leaves_counts_without_a_name_and_a_suppression(news, ada, signs_up, settings):
    settings.SUBSCRIBERS_MAIL_AT_ONCE = False
    signs_up("ada@example.org")
    consent.unsubscribe(ada, EMAIL, reason="I am Ada and I live in Horsley")
    consent.erase_person(ada.subscriber, EMAIL)
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()
    assert not QueuedMail.objects.exists()
    entries = list(ConsentEntry.objects.order_by("pk"))
    assert [entry.act for entry in entries] == ["added", "left", "suppressed", "erased"]
    assert {(e.subscriber, e.network_address, e.user_agent, e.note) for e in entries} == {(None, "", "", "")}
    assert suppression.reasons("ada@example.org") == {"erased"}


def test_the_address_in_an_editors_statement_is_blanked_too(news):
    added = consent_by_editor.add_by_editor(
        news, "Ada@example.org", EDITOR, consent="Mail from ADA@EXAMPLE.ORG of 3 May, Ada@example.org"
    )
    consent.erase_person(added.subscriber, EDITOR)
    assert Wording.objects.latest("version").text == "Mail from (erased) of 3 May, (erased)"


def test_the_address_in_what_editors_wrote_beside_it_is_blanked_too(news, ada):
    ada_herself = ConsentSource(SourceKind.EDITOR, "ada@example.org")
    consent.change_details(ada.subscriber, ada_herself, PersonalDetails(first_name="Augusta"))
    suppression.suppress("ada@example.org", suppression.Reason.MANUAL, EDITOR)
    suppression.end_suppression("ada@example.org", ada_herself, why="Ada@Example.org rang us")

    consent.erase_person(ada.subscriber, EDITOR)

    lifted = Suppression.objects.get(reason="manual")
    assert (lifted.suppressed_by, lifted.lifted_by, lifted.lifted_why) == (
        "Edith",
        "(erased)",
        "(erased) rang us",
    )
    names = ConsentEntry.objects.order_by("pk").values_list("act", "source_name")
    assert list(names) == [
        ("added", "Edith"), ("changed", ""), ("suppressed", "Edith"), ("lifted", ""), ("suppressed", "Edith"),
        ("erased", "Edith"),
    ]  # fmt: skip


def test_the_address_in_the_name_of_a_file_that_others_came_by_is_blanked_too(news, ada):
    consent_guard.install()
    file = ConsentSource(SourceKind.IMPORT, "ada@example.org.csv")
    for other in ("ben", "cem"):
        consent_by_editor.add_by_editor(news, f"{other}@example.org", file, consent="An old list")
    consent.erase_person(Subscription.objects.get(subscriber__address="cem@example.org").subscriber, EDITOR)
    try:
        consent.erase_person(ada.subscriber, EDITOR)
    finally:
        consent_guard.remove()
    names = set(ConsentEntry.objects.values_list("source_name", flat=True))
    assert "(erased).csv" in names
    assert not any("ada" in name for name in names)


def test_who_was_erased_is_not_added_again_but_may_sign_up(news, ada, signs_up, state_of):
    consent.erase_person(ada.subscriber, EMAIL)
    with pytest.raises(Refused, match="erased"):
        consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="An old list")
    signs_up("ada@example.org")
    assert state_of("ada@example.org") == "pending"
    consent.confirm(Subscription.objects.get(), EMAIL)
    assert state_of("ada@example.org") == "active"
    assert suppression.reasons("ada@example.org") == set()


def test_the_person_sees_downloads_and_erases_everything_by_their_links(ada):
    browser, person = Client(enforce_csrf_checks=True), ada.subscriber
    data = "/my-data/" + signed_links.make_token(Purpose.EXPORT, person)
    erase = "/erase/" + signed_links.make_token(Purpose.ERASE, person)
    assert "ada@example.org" in browser.get(data).content.decode()
    download = browser.get(f"{data}/download")
    assert download["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert json.loads(download.content)["address"] == "ada@example.org"
    assert browser.get(erase).status_code == 200
    assert Subscriber.objects.exists()
    assert "We have erased everything we knew about you" in browser.post(erase).content.decode()
    assert not Subscriber.objects.exists()
    assert browser.post(erase).status_code == 410
    assert browser.get(data).status_code == 410


def test_no_log_names_anybody(news, signs_up, caplog, settings):
    caplog.set_level(logging.DEBUG)
    settings.EMAIL_BACKEND = "tests.subscribers.broken_mail_backend.BrokenBackend"
    signs_up("ada.in.the.logs@example.org")
    consent.erase_person(Subscriber.objects.get(), EMAIL)
    said = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert any("We could not send “Queued email" in message for message in said)
    assert not any("ada.in.the.logs" in message for message in said)


LIFE = """
import random, sys, django; django.setup()
from subscribers import consent, consent_by_editor, erasure
from subscribers.consent import PersonalDetails, ConsentSource
from subscribers.lists import add_list
from subscribers.models import SourceKind, Subscriber
source, news = ConsentSource(SourceKind.EDITOR, "Edith"), add_list("news", "The News")
people, forgotten = list(range(int(sys.argv[1]))), int(sys.argv[2])
random.Random(1).shuffle(people)
for n in people:
    named = PersonalDetails(first_name=f"Hero{n}x")
    consent_by_editor.add_by_editor(news, f"reader{n}x@example.org", source, consent="A form", person=named)
random.Random(2).shuffle(people)
for n in people[:forgotten]:
    person = Subscriber.objects.get(address_key=f"reader{n}x@example.org")
    erasure.export_person(person)
    consent.erase_person(person, source)
print(*people[:forgotten])
"""


@pytest.mark.parametrize(
    ("people", "forgotten"), [(200, 40), pytest.param(1500, 200, marks=pytest.mark.full)]
)
def test_the_files_of_the_database_hold_no_erased_address(tmp_path, people, forgotten):
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(home),
        "DATABASE_URL": f"sqlite:///{home}/newsletter.sqlite3",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    make_home(home)
    done = forked.run(
        [sys.executable, "-c", LIFE, str(people), str(forgotten)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    erased = done.stdout.split()
    assert len(erased) == forgotten
    assert b"reader" in files
    found = [n for n in erased if f"reader{n}x".encode() in files or f"Hero{n}x".encode() in files]
    assert found == []
    assert not any(f"reader{n}x" in done.stderr for n in erased)
