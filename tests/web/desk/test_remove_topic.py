"""A topic is removed at the desk, with a decision about the people who chose nothing else."""

import re

import pytest

from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.errors import Refused
from newsletter.issues import remove_topic
from newsletter.issues.models import AuditEntry
from newsletter.issues.saved_segments import add_segment, remove_segment
from newsletter.scheduler import JOBS
from subscribers.consent import ConsentSource
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import chosen_topics
from subscribers.lists import add_topic
from subscribers.models import SourceKind, Subscription, Topic

EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")


@pytest.fixture
def mailing_list(publication):
    for slug in ("tides", "rocks"):
        add_topic(publication.mailing_list, slug, slug.title())
    return publication.mailing_list


@pytest.fixture
def readers(mailing_list):
    """Gil chose only tides, Hana tides and rocks, and Ivo nothing."""
    chosen = {"gil": ["tides"], "hana": ["tides", "rocks"], "ivo": []}
    return {
        name: add_by_editor(mailing_list, f"{name}@example.org", EDITOR, consent="Open day", topics=topics)
        for name, topics in chosen.items()
    }


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def page_of(mailing_list, topic="tides"):
    return f"/desk/subscribers/lists/{mailing_list.slug}/topics/{topic}/remove/"


def states(readers):
    for each in readers.values():
        each.refresh_from_db()
    return {name: (each.state, chosen_topics(each)) for name, each in readers.items()}


def test_who_chose_only_this_topic_gets_another_or_is_unsubscribed(ada, mailing_list, readers):
    page = text(ada.get(page_of(mailing_list)))
    assert "2 people chose this topic" in page
    assert "What should happen to the one person who chose only this topic?" in page
    assert "of them get emails now" not in page
    Subscription.objects.filter(pk=readers["gil"].pk).update(state="unsubscribed")
    assert "every topic. They get no emails now, but would if they subscribed again." in text(
        ada.get(page_of(mailing_list))
    )
    Subscription.objects.filter(pk=readers["gil"].pk).update(state="active")
    answer = ada.post(page_of(mailing_list))
    assert answer.status_code == 409
    assert "Choose whether to give them another topic" in text(answer)
    assert ada.post(page_of(mailing_list), {"readers": "gone"}).status_code == 409
    answer = ada.post(page_of(mailing_list), {"readers": "rocks"}, follow=True)
    assert "The topic “Tides” was removed. 2 people had chosen it." in text(answer)
    assert states(readers) == {
        "gil": ("active", ["rocks"]),
        "hana": ("active", ["rocks"]),
        "ivo": ("active", []),
    }
    assert ada.get(page_of(mailing_list)).status_code == 404
    ada.post(page_of(mailing_list, "rocks"), {"readers": "unsubscribe"})
    assert states(readers)["gil"] == ("unsubscribed", [])
    assert states(readers)["ivo"] == ("active", [])
    removed = AuditEntry.objects.filter(act="topic", sentence__startswith="Removed").order_by("pk")
    assert list(removed.values_list("actor", "sentence")) == [
        ("ada", "Removed the topic “Tides”."),
        ("ada", "Removed the topic “Rocks”."),
    ]


def test_a_topic_that_a_segment_names_is_kept(ada, mailing_list, readers):
    segment = add_segment(mailing_list, "Sailors", "joined in last 90 days and not (topic is Tides)")
    page = text(ada.get(page_of(mailing_list)))
    assert "These segments use the topic" in page
    assert ">Sailors</a>" in page
    assert "Remove the topic</button>" not in page
    assert ada.post(page_of(mailing_list), {"readers": "rocks"}).status_code == 409
    with pytest.raises(Refused, match="“Tides” is used in the segment “Sailors”"):
        remove_topic.remove_topic(mailing_list.topics.get(slug="tides"), "rocks")
    remove_segment(segment)
    assert ada.post(page_of(mailing_list), {"readers": "rocks"}).status_code == 303


def test_a_topic_of_many_people_is_removed_by_a_job(ada, mailing_list, readers, monkeypatch):
    monkeypatch.setattr(remove_topic, "FEW", 1)
    answer = text(ada.post(page_of(mailing_list), {"readers": "rocks"}, follow=True))
    assert "“Tides” is being removed from 2 people" in answer
    assert "Being removed" in answer
    again = ada.post(page_of(mailing_list), {"readers": "unsubscribe"})
    assert "are already removing the topic" in text(again)
    assert run_next_job(JOBS)
    assert not Topic.objects.filter(slug="tides").exists()
    assert states(readers)["gil"] == ("active", ["rocks"])
    assert "Being removed" not in text(ada.get(f"/desk/subscribers/lists/{mailing_list.slug}/"))


def test_a_removal_that_failed_says_why(ada, mailing_list, readers, monkeypatch):
    monkeypatch.setattr(remove_topic, "FEW", 0)
    readers["gil"].topics.add(mailing_list.topics.get(slug="rocks"))
    ada.post(page_of(mailing_list))
    readers["gil"].topics.remove(mailing_list.topics.get(slug="rocks"))
    assert run_next_job(JOBS)
    page = text(ada.get(page_of(mailing_list)))
    assert "We could not remove the topic last time. 1 person chose only “Tides”." in page


def test_an_editor_does_not_remove_topics(desk_of, mailing_list, readers):
    assert desk_of("ruth").get(page_of(mailing_list)).status_code == 409
    assert desk_of("ruth").post(page_of(mailing_list), {"readers": "rocks"}).status_code == 409
    assert mailing_list.topics.count() == 2
