"""Fills an empty database with what an installation has, by the product's own functions, and leaves a mailing half way.

`python -m tests.upgrades.installation SENT` also writes down what SendGrid took, to whom, in the file SENT.
"""

import io
import json
import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import django
import time_machine

from tests.fakes.sendgrid import CUT_ANSWER, OK, FakeSendGrid

MADE_AT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
# The batches are as large: one is accepted, the answer about the next one is lost, the others wait.
RATE = 5
ANSWERS = [OK, OK, OK, OK, OK, CUT_ANSWER]
FIRST_NAMES = ("Ana", "Ben", "Cem", "Dora", "Eve", "Finn", "Gwen", "Hugo", "Ida", "Jo", "Kai", "Lea")
PUBLICATION = """
slug = "harbour"
name = "The Harbour Letter"
organisation = "Harbour"
website = "https://harbour.example.org/"
sender_name = "Harbour"
sender_address = "news@harbour.example.org"
postal_address = "1 Quay Street, Newtown"
theme = "plain"

[list]
slug = "readers"
name = "Readers"

[selection]
at_most = 3
since = 30

[[blocks]]
name = "help"
kind = "appeal"
title = "Help us"
body = "We need a boat."
"""
ITEM = """
<item><title>Tides explained, part {0}</title><link>https://harbour.example.org/{0}</link><category>tides</category>
<description>How the moon moves the sea.</description><pubDate>Sat, {0:02} Nov 2026 08:00:00 GMT</pubDate></item>
"""


def main(sent):
    """Make everything at one moment, which a test can travel to."""
    with FakeSendGrid(ANSWERS) as sendgrid, time_machine.travel(MADE_AT, tick=True) as clock:
        os.environ |= {"NEWSLETTER_SENDGRID_HOST": sendgrid.url, "NEWSLETTER_RATE_PER_SECOND": str(RATE)}
        django.setup()
        from django.conf import settings

        # "Please confirm" stays on this machine.
        settings.EMAIL_BACKEND = "newsletter.sending.django_mail_backends.MaildirBackend"
        from newsletter.accounts.actor import Actor, Role, acting_as
        from newsletter.schema_check import make_tables

        make_tables()
        with acting_as(Actor("edda", frozenset(Role))):
            publication = a_publication()
            people(publication.mailing_list)
            articles()
            issues(publication, clock)
        log = [[sorted(categories), address] for categories, address in sendgrid.log]
    Path(sent).write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")


def a_publication():
    from django.conf import settings

    from newsletter.issues.load_publication import load_publication
    from subscribers.lists import add_topic

    file = settings.NEWSLETTER.home / "publication.toml"
    file.write_text(PUBLICATION, encoding="utf-8")
    publication = load_publication(file)
    file.unlink()
    for slug, name in (("tides", "Tides"), ("boats", "Boats")):
        add_topic(publication.mailing_list, slug, name)
    return publication


def people(readers):
    """Nineteen who are mailed, and one of each kind who is not."""
    from subscribers import consent, consent_by_editor, suppression
    from subscribers.consent_log import ConsentSource
    from subscribers.consent_rules import PersonalDetails
    from subscribers.consent_wordings import kept_wording
    from subscribers.erasure import erase
    from subscribers.imports.run_import import import_people
    from subscribers.models import SourceKind, Subscription

    form, editor = (
        ConsentSource(SourceKind.FORM, "sign-up page", "192.0.2.7", "Browser"),
        ConsentSource(SourceKind.EDITOR, "edda"),
    )
    wording = kept_wording(readers, "I want The Harbour Letter.")
    for name in FIRST_NAMES:
        consent.sign_up(
            readers,
            f"{name.lower()}@example.org",
            form,
            wording=wording,
            topics=["tides"],
            person=PersonalDetails(first_name=name),
        )
    for asked in Subscription.objects.exclude(subscriber__first_name="Lea"):
        consent.confirm(asked, ConsentSource(SourceKind.EMAIL_LINK))
    lines = ["e-mail,first name,language"] + [f"import{n}@example.org,Import {n},de" for n in range(8)]
    file = io.BytesIO("\n".join(lines).encode())
    import_people(file, readers, consent="Paper forms of the open day", name="open-day.csv")
    added = [
        consent_by_editor.add_by_editor(
            readers,
            f"{what}@example.org",
            editor,
            consent="By telephone",
            person=PersonalDetails(first_name=what.title()),
        )
        for what in ("left", "paused", "suppressed", "erased")
    ]
    consent.unsubscribe(added[0], ConsentSource(SourceKind.EMAIL_LINK), reason="too many emails")
    consent.pause(added[1], ConsentSource(SourceKind.EMAIL_LINK), until=date(2030, 1, 1))
    suppression.suppress(
        "suppressed@example.org", suppression.Reason.COMPLAINT, ConsentSource(SourceKind.PROVIDER, "SendGrid")
    )
    erase(added[3].subscriber, ConsentSource(SourceKind.EMAIL_LINK))


def articles():
    """A feed, fetched as any other."""
    from django.conf import settings

    from newsletter.articles.add_source import add_source
    from newsletter.articles.fetch_sources import fetch_named

    items = "".join(map(ITEM.format, range(1, 13)))
    link = "<link>https://harbour.example.org/</link>"
    file = settings.NEWSLETTER.home / "feed.xml"
    file.write_text(
        f'<rss version="2.0"><channel><title>Harbour</title>{link}{items}</channel></rss>', encoding="utf-8"
    )
    add_source(str(file), name="site", from_this_machine=True)
    assert fetch_named(["site"])
    file.unlink()


def issues(publication, clock):
    """One that was sent, one that is being sent, one with a time, a draft, and a series that makes others."""
    from django.utils import timezone

    from newsletter.issues.compose import compose
    from newsletter.scheduling.add_or_change_series import add_series
    from newsletter.scheduling.approval import approve
    from newsletter.scheduling.schedule import schedule_at
    from newsletter.sending.batches import send_next_batch
    from newsletter.sending.send_now import send_now

    for batches in (4, 2):
        issue = compose(publication)
        approve(issue)
        send_now(issue, without_undo=True)
        for _ in range(batches):
            clock.shift(timedelta(minutes=1))
            assert send_next_batch() is not None
    scheduled = compose(publication)
    approve(scheduled)
    schedule_at(scheduled, timezone.now() + timedelta(days=3))
    compose(publication)
    add_series(publication, "every Tuesday at 07:30")


if __name__ == "__main__":
    main(sys.argv[1])
