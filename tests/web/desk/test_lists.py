"""Lists and their topics at the desk: added, renamed, ordered and archived, with figures that equal the rows."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter.issues.models import AuditEntry
from subscribers.consent import ConsentSource, unsubscribe
from subscribers.consent_by_editor import add_by_editor
from subscribers.errors import Refused
from subscribers.list_growth_by_period import weeks_of
from subscribers.lists import add_list, add_topic
from subscribers.models import ConsentEntry, List, SourceKind

LISTS = "/desk/subscribers/lists/"
EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")


@pytest.fixture
def ruth(desk_of, publication):
    return desk_of("ruth")


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def page_of(mailing_list):
    return f"{LISTS}{mailing_list.slug}/"


def topics(mailing_list):
    return [each.name for each in mailing_list.topics.all()]


def test_an_administrator_adds_a_list_with_topics_in_an_order(ada, ruth):
    assert ruth.post(LISTS, {"name": "Friends"}).status_code == 409
    assert ada.post(LISTS, {"name": " "}).status_code == 422
    assert ada.post(LISTS, {"name": "Friends of the Quay"}).status_code == 303
    friends = List.objects.get(slug="friends-of-the-quay")
    page = page_of(friends)
    assert "not used by any newsletter" in text(ada.get(LISTS))
    for name in ("Tides", "Rocks", "Ärger & Öl"):
        assert ada.post(page, {"act": "add-topic", "name": name}).status_code == 303
    assert ada.post(page, {"act": "add-topic", "name": "Tides"}).status_code == 422
    assert ruth.post(page, {"act": "add-topic", "name": "Fish"}).status_code == 409
    assert topics(friends) == ["Tides", "Rocks", "Ärger & Öl"]
    answer = text(ada.post(page, {"act": "move-topic", "topic": "rocks", "to": "up"}, follow=True))
    assert topics(friends) == ["Rocks", "Tides", "Ärger & Öl"]
    assert "“Rocks” was moved up" in answer
    ada.post(page, {"act": "move-topic", "topic": "rocks", "to": "down"})
    ada.post(page, {"act": "move-topic", "topic": "tides", "to": "up"})
    assert topics(friends) == ["Tides", "Rocks", "Ärger & Öl"]
    entries = AuditEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(entries.filter(act__in=("list", "topic", "subscriber"))) == [
        *("list", "topic", "topic", "topic"),
        *("subscriber", "subscriber"),
    ]


def test_one_form_adds_one_list(ada):
    form = {"name": "Friends", "form_key": "k" * 32}
    assert ada.post(LISTS, form)["Location"] == ada.post(LISTS, form)["Location"] == f"{LISTS}friends/"
    assert List.objects.filter(name="Friends").count() == 1


def test_a_list_and_a_topic_that_a_colleague_renamed_are_not_renamed_unseen(ada, mailing_list):
    add_topic(mailing_list, "tides", "Tides")
    page, was = page_of(mailing_list), mailing_list.name
    rename = {"act": "rename", "name": "Quay News", "seen": was}
    undo = text(ada.post(page, rename, follow=True))
    assert List.objects.get(pk=mailing_list.pk).name == "Quay News"
    assert f'name="name" value="{was}"' in undo
    answer = ada.post(page, {**rename, "name": "Harbour News"})
    assert answer.status_code == 409
    assert "changed the name to “Quay News” since you opened the page" in text(answer)
    assert 'value="Harbour News"' in text(answer)
    topic = {"act": "rename-topic", "topic": "tides", "name": "Ebb", "seen": "Tides"}
    assert ada.post(page, topic).status_code == 303
    assert ada.post(page, {**topic, "name": "Flood"}).status_code == 409
    assert ada.post(page, {**topic, "name": "Flood", "seen": "Ebb"}).status_code == 303
    assert topics(mailing_list) == ["Flood"]


def test_a_list_is_archived_unless_a_newsletter_uses_it_and_nobody_joins_it_then(ada, client, mailing_list):
    assert ada.post(page_of(mailing_list), {"act": "archive"}).status_code == 409
    assert "This list is used by" in text(ada.get(page_of(mailing_list)))
    other = add_list("other", "The Other List")
    someone = add_by_editor(other, "grace@example.org", EDITOR, consent="Open day")
    assert client.get("/lists/other/").status_code == 200
    assert ada.post(page_of(other), {"act": "archive"}).status_code == 303
    assert client.get("/lists/other/").status_code == 404
    with pytest.raises(Refused, match="archived"):
        add_by_editor(other, "ada@example.org", EDITOR, consent="Open day")
    assert ">The Other List<" not in text(ada.get("/desk/subscribers/add/"))
    assert "Archived" in text(ada.get(LISTS))
    someone.refresh_from_db()
    assert someone.state == "active"
    assert ada.post(page_of(other), {"act": "restore"}).status_code == 303
    add_by_editor(other, "ada@example.org", EDITOR, consent="Open day")


def test_each_figure_of_a_list_equals_a_count_of_rows(ada, mailing_list, settings):
    tides = add_topic(mailing_list, "tides", "Tides")
    moments = [
        datetime(2026, 11, day, hour, 30, tzinfo=UTC) for day in (1, 8, 9, 15, 16, 22, 23) for hour in (0, 23)
    ]
    for number, moment in enumerate(moments):
        with time_machine.travel(moment, tick=False):
            one = add_by_editor(mailing_list, f"reader{number}@example.org", EDITOR, consent="Open day")
            if number % 3 == 0:
                one.topics.add(tides)
            if number % 4 == 1:
                unsubscribe(one, EDITOR)
    with time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False):
        with timezone.override("Asia/Kolkata"):
            weeks = weeks_of(mailing_list, timezone.now())
            for week in weeks:
                for moved, figure in ((1, week.joined), (-1, week.left)):
                    theirs = [
                        each
                        for each in ConsentEntry.objects.filter(list=mailing_list, moved=moved)
                        if 0 <= (timezone.localdate(each.at) - week.start).days < 7
                    ]
                    assert figure == len(theirs), week
            assert sum(week.joined for week in weeks) == len(moments)
            assert weeks[-1].active == mailing_list.subscriptions.filter(state="active").count()
            assert weeks[0].active == 0
        page = text(ada.get(page_of(mailing_list), {"count": "yes"}))
        fragment = text(ada.get(f"{page_of(mailing_list)}growth/", headers={"HX-Request": "true"}))
    active = mailing_list.subscriptions.filter(state="active")
    for shown in (page, fragment):
        assert f"<strong>{active.count()}</strong> active" in shown
        assert f"<strong>{len(moments) - active.count()}</strong> unsubscribed" in shown
        chose = active.filter(topics=tides).count()
        assert f'Tides</th><td class="number">{chose}</td>' in shown


def test_the_pages_of_lists_need_as_many_queries_for_forty_as_for_twenty(ada, mailing_list):
    # From 21 lists on, the page has a box to search them, and one query more.
    def queries(path):
        with CaptureQueriesContext(connection) as counted:
            assert ada.get(path).status_code == 200
        return len(counted)

    paths = (LISTS, page_of(mailing_list), f"{page_of(mailing_list)}?count=yes")

    def add(numbers):
        for number in numbers:
            add_list(f"list{number}", f"List {number}")
            add_topic(mailing_list, f"topic{number}", f"Topic {number}")

    add(range(20))
    before = [queries(path) for path in paths]
    add(range(20, 40))
    assert [queries(path) for path in paths] == before
    assert max(before) <= 30


def test_scripts_in_the_names_of_a_list_and_a_topic_are_only_text(ada):
    hostile = "<script>alert(1)</script>"
    ada.post(LISTS, {"name": hostile})
    hostile_list = List.objects.get(name=hostile)
    ada.post(page_of(hostile_list), {"act": "add-topic", "name": hostile})
    for path in (LISTS, page_of(hostile_list), f"{page_of(hostile_list)}?count=yes", "/desk/subscribers/"):
        assert hostile not in text(ada.get(path))


def test_a_list_with_hundreds_of_topics_shows_them_page_by_page(ada, mailing_list):
    for number in range(130):
        add_topic(mailing_list, f"t{number}", f"Topic {number:03}")
    page = f"{LISTS}{mailing_list.slug}/"
    shown = []
    for at in ("", "?topics=2", "?topics=3"):
        found = ada.get(f"{page}{at}").content.decode()
        shown += re.findall(r'class="hidden">(Topic \d+)</span>', found)
    assert shown == topics(mailing_list)
    assert len(shown) == 130
    assert 'rel="next"' not in found
    # An act on the second page leads back to it, and an error is shown there.
    answer = ada.post(f"{page}?topics=2", {"act": "move-topic", "topic": "t50", "to": "up"})
    assert answer["Location"] == f"{page}?topics=2#topic-t50"
    # The next topic can be typed at once.
    assert ada.post(page, {"act": "add-topic", "name": "Tides"})["Location"] == f"{page}#new-topic"
    wrong = ada.post(
        f"{page}?topics=2", {"act": "rename-topic", "topic": "t70", "name": "Topic 001", "seen": "Topic 070"}
    )
    assert wrong.status_code == 422
    assert 'id="rename-topic-t70-error"' in wrong.content.decode()
    assert "each of the 131 topics" in text(ada.get(f"{page}?count=yes"))
