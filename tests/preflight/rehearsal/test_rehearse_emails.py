"""A dress rehearsal builds every email as sending does, names those with a problem, and sends none."""

import pytest

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Publication
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.preflight.rehearsal.rehearsal_results import Stage, latest_rehearsal
from newsletter.preflight.rehearsal_models import Rehearsal, RehearsalProblem
from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.models import Subscriber

TRANSPORTS = ["maildir", "smtp", "sendgrid"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_email_is_built_and_none_is_sent(transport, by_transport, join, rehearsed, named, home):
    by_transport(transport)
    join("ana", "ben", "cem")
    join("dora", state="unsubscribed")
    result = rehearsed()
    assert result.stage is Stage.DONE
    assert (result.rehearsal.people, result.rehearsal.built) == (3, 3)
    assert "We built 3 emails" in result.sentence
    assert "no problems" in result.sentence
    assert 5_000 < result.rehearsal.largest < 100_000
    assert not named()
    assert not (home / "outbox").exists()
    assert not any(each.objects.exists() for each in (Mailing, Batch, Recipient))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_address_that_no_header_can_contain_is_named(transport, by_transport, join, rehearsed, named):
    by_transport(transport)
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ben").update(address="ben@exa mple..org")
    result = rehearsed()
    assert named() == [("ben@exa mple..org", "refused")]
    assert result.rehearsal.problems == {"refused": 1}
    assert result.rehearsal.built == 1
    assert "1 email would not be sent" in result.sentence


def test_sendgrid_refuses_what_smtp_may_take(by_transport, join, rehearsed, named):
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ben").update(address="bén@example.org")
    by_transport("smtp")
    rehearsed()
    assert not named()
    by_transport("sendgrid")
    rehearsed()
    assert named() == [("bén@example.org", "refused")]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_missing_first_name_without_anything_instead_is_named(
    transport, by_transport, join, rehearsed, named
):
    by_transport(transport)
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ben").update(first_name="")
    Issue.objects.update(opening="Dear {{ first_name }}")
    Publication.objects.update(first_name_fallback="")
    rehearsed()
    assert named() == [("ben@example.org", "unfilled")]
    Publication.objects.update(first_name_fallback="reader")
    result = rehearsed()
    assert not named()
    assert result.rehearsal.nameless == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_another_language_than_the_readers_is_named(transport, by_transport, join, rehearsed, named):
    by_transport(transport)
    join("ana", "ben", "cem", "dora")
    for name, locale in (("Ben", "de-AT"), ("Cem", "en-US"), ("Dora", "EN")):
        Subscriber.objects.filter(first_name=name).update(locale=locale)
    rehearsed()
    assert named() == [("ben@example.org", "language")]


def test_a_reader_who_gets_notices_in_their_language_is_named_with_it(join, rehearsed, issue):
    call = "In an emergency, call 999."
    Article.objects.update(topics=["Tides"])
    change_topic_rules(issue.publication, [WantedRule(topic="Tides", emergency_numbers="999")])
    polish = WantedText(notice=call, text="W nagłym wypadku zadzwoń pod 999.", confirmed=True)
    change_notices_in(issue.publication, "pl", [polish])
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ana").update(locale="pl-PL")
    Subscriber.objects.filter(first_name="Ben").update(locale="fr")
    rehearsed()
    assert sorted(RehearsalProblem.objects.values_list("sentence", flat=True)) == [
        "This person’s language is “fr”. The email is in “en-GB”.",
        "This person’s language is “pl-PL”. The email is in “en-GB”, and its notices are in “pl”.",
    ]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_only_the_email_that_is_too_large_is_named(transport, by_transport, join, rehearsed, named, issue):
    by_transport(transport)
    join("ana", "ben")
    Subscriber.objects.filter(first_name="Ben").update(first_name="Benedict" * 9)
    short = rehearsed().rehearsal.largest
    # Each use of the name takes 69 more bytes for Ben than for Ana.
    greeting = "Dear {{ first_name }}. " * 300
    Issue.objects.update(opening=greeting + "x" * (80_000 - short))
    issue.refresh_from_db()
    large = rehearsed()
    assert named() == [("ben@example.org", "size")]
    assert large.rehearsal.largest > 100_000


def test_a_result_says_that_it_is_out_of_date(join, rehearsed, issue, by_transport):
    by_transport("maildir")
    join("ana")
    assert not rehearsed().outdated
    Issue.objects.update(subject="Ebb")
    assert latest_rehearsal(Issue.objects.get()).outdated == ["The email has changed since the rehearsal."]
    by_transport("smtp")
    assert len(latest_rehearsal(Issue.objects.get()).outdated) == 2
    assert Rehearsal.objects.count() == 1


def test_people_who_were_erased_meanwhile_are_not_named(join, rehearsed, named, issue):
    join("ana", "ben")
    Subscriber.objects.update(locale="de")
    rehearsed()
    Subscriber.objects.filter(first_name="Ben").delete()
    assert named() == [("ana@example.org", "language")]
