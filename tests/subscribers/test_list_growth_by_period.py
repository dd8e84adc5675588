"""How a list grows and shrinks."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine

from subscribers import consent, consent_by_editor, consent_wordings, suppression
from subscribers.consent_log import ConsentSource
from subscribers.errors import Invalid
from subscribers.imports.run_import import import_people
from subscribers.list_growth_by_period import Growth, growth, totals
from subscribers.lists import edit_list
from subscribers.models import List, SourceKind, Subscription

pytestmark = pytest.mark.django_db
FORM, EDITOR, EMAIL = (
    ConsentSource(SourceKind.FORM),
    ConsentSource(SourceKind.EDITOR, "Ed"),
    ConsentSource(SourceKind.EMAIL_LINK),
)


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def at(text):
    return time_machine.travel(datetime.fromisoformat(text).replace(tzinfo=UTC), tick=False)


def test_movements_are_counted_by_month_and_source(news):
    with at("2026-01-31T23:00:00"):
        text = b"email,status\na@example.org,active\nb@example.org,active\nold@example.org,unsubscribed\n"
        import_people(io.BytesIO(text), news, consent="Paper")
        consent.sign_up(news, "c@example.org", FORM, wording=consent_wordings.keep_wording(news))
    with at("2026-02-01T01:00:00"):
        consent.confirm(Subscription.objects.get(subscriber__address_key="c@example.org"), EMAIL)
        consent_by_editor.add_by_editor(news, "d@example.org", EDITOR, consent="By phone")
        consent.unsubscribe(Subscription.objects.get(subscriber__address_key="a@example.org"), EMAIL)
    with at("2026-03-05T01:00:00"):
        import_people(io.BytesIO(b"email,status\nb@example.org,unsubscribed\n"), news, consent="Paper")

    rows = growth(news)

    assert rows == [
        Growth(date(2026, 1, 1), "import", 2, 0),
        Growth(date(2026, 2, 1), "editor", 1, 0),
        Growth(date(2026, 2, 1), "form", 1, 0),
        Growth(date(2026, 2, 1), "link", 0, 1),
        Growth(date(2026, 3, 1), "import", 0, 1),
    ]
    assert [(row.start.month, row.net) for row in totals(rows)] == [(1, 2), (2, 1), (3, -1)]
    active = Subscription.objects.filter(list=news, state="active").count()
    assert sum(row.net for row in rows) == active == 2
    assert growth(news, datetime(2026, 2, 15, tzinfo=UTC)) == rows[-1:]
    assert growth(news, by="week")[0].start == date(2026, 1, 26)


def test_a_sign_up_is_enough_on_a_list_that_does_not_ask_again(news):
    news.double_opt_in = False
    news.save()
    with at("2026-01-31T23:00:00"):
        consent.sign_up(news, "c@example.org", FORM, wording=consent_wordings.keep_wording(news))

    assert growth(news) == [Growth(date(2026, 1, 1), "form", 1, 0)]


def test_an_unknown_period_is_named(news):
    with pytest.raises(Invalid, match="“decade” is not a period"):
        growth(news, by="decade")


def figures(mailing_list):
    return [(row.source, row.joined, row.left) for row in growth(mailing_list, by="year")]


def join(news, address="ada@example.org"):
    consent.sign_up(news, address, FORM, wording=consent_wordings.keep_wording(news))
    return Subscription.objects.get(subscriber__address_key=address)


def test_who_never_confirmed_and_leaves_or_complains_was_never_there(news):
    asked = join(news)
    consent.unsubscribe(asked, EMAIL)
    join(news)
    consent.unsubscribe(asked, EMAIL)
    join(news, "ben@example.org")
    suppression.suppress("ben@example.org", "complaint", EMAIL)
    assert figures(news) == []


def test_who_leaves_and_signs_up_again_joined_once_until_they_confirm(news):
    edit_list(news, double_opt_in=False)
    reader = join(news)
    consent.unsubscribe(reader, EMAIL)
    join(news)
    assert figures(news) == [("form", 1, 0), ("link", 0, 1)]
    consent.confirm(reader, EMAIL)
    assert figures(news) == [("form", 2, 0), ("link", 0, 1)]


def test_switching_how_a_list_asks_leaves_the_past_alone(news):
    join(news)
    edit_list(news, double_opt_in=False)
    assert figures(news) == []


def test_erasing_people_leaves_the_past_alone(news):
    stays = join(news)
    consent.confirm(stays, EMAIL)
    goes = join(news, "ben@example.org")
    consent.confirm(goes, EMAIL)
    asked = join(news, "cy@example.org")
    for each in (goes, asked):
        consent.erase_person(each.subscriber, EMAIL)
    assert figures(news) == [("form", 2, 0), ("link", 0, 1)]
