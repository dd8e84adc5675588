"""Removing a topic asks what becomes of its readers, and makes nobody a reader of everything."""

import pytest
from django.db import transaction

from subscribers import consent, consent_by_editor, topic_removal
from subscribers.consent_log import chosen_topics
from subscribers.errors import NotFound, Refused
from subscribers.list_growth_by_period import growth
from subscribers.lists import add_topic
from subscribers.models import ConsentEntry, Subscription, Topic
from subscribers.topic_removal import UNSUBSCRIBE, find_topic, remove_topic
from subscribers.verify_consent_log import differences
from tests.subscribers.conftest import EDITOR, EMAIL

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(news):
    """Who reads what: research alone, both, everything, events alone, and research alone before they left."""
    chosen = {
        "ada": ["research"],
        "ben": ["research", "events"],
        "cy": [],
        "dee": ["events"],
        "eve": ["research"],
    }
    made = {
        name: consent_by_editor.add_by_editor(
            news, f"{name}@example.org", EDITOR, consent="Form", topics=slugs
        )
        for name, slugs in chosen.items()
    }
    consent.unsubscribe(made["eve"], EMAIL)
    return made


def states(news):
    return {
        one.subscriber.address.partition("@")[0]: (one.state, chosen_topics(one))
        for one in news.subscriptions.select_related("subscriber").order_by("pk")
    }


def test_a_topic_that_some_read_alone_is_not_removed_without_an_answer(news, readers):
    research = find_topic(news, "research")
    before = states(news)
    with pytest.raises(Refused, match="2 people chose only “Research”"):
        remove_topic(research, EDITOR)
    with pytest.raises(
        Refused, match=r"does not have another topic called 'research'. The other topics are: events"
    ):
        remove_topic(research, EDITOR, readers="research")
    with pytest.raises(Refused, match="Some people chose the topic"), transaction.atomic():
        research.delete()
    with pytest.raises(Refused, match="Some people chose the topic"), transaction.atomic():
        Topic.objects.filter(list=news).delete()
    assert states(news) == before


def test_its_readers_may_get_another_topic_instead(news, readers):
    assert remove_topic(find_topic(news, "research"), EDITOR, readers="events") == 3
    assert states(news) == {
        "ada": ("active", ["events"]),
        "ben": ("active", ["events"]),
        "cy": ("active", []),
        "dee": ("active", ["events"]),
        "eve": ("unsubscribed", ["events"]),
    }
    assert ConsentEntry.objects.filter(act="changed", source_name="Edith").count() == 3
    assert list(differences()) == []


def test_its_readers_may_be_unsubscribed(news, readers):
    assert remove_topic(find_topic(news, "research"), EDITOR, readers=UNSUBSCRIBE) == 3
    assert states(news) == {
        "ada": ("unsubscribed", []),
        "ben": ("active", ["events"]),
        "cy": ("active", []),
        "dee": ("active", ["events"]),
        "eve": ("unsubscribed", []),
    }
    assert list(differences()) == []
    assert sum(row.net for row in growth(news)) == 3


def test_many_readers_are_moved_a_piece_at_a_time(news, readers, monkeypatch):
    monkeypatch.setattr(topic_removal, "AT_ONCE", 1)
    assert remove_topic(find_topic(news, "research"), EDITOR, readers="events") == 3
    assert not news.topics.filter(slug="research").exists()
    assert list(differences()) == []


def test_a_topic_that_nobody_reads_alone_goes_without_a_question(news, readers):
    add_topic(news, "sport", "Sport")
    consent.change(readers["ben"], EMAIL, topics=["events", "sport"])
    assert remove_topic(find_topic(news, "sport"), EDITOR) == 1
    assert states(news)["ben"] == ("active", ["events"])


def test_a_topic_that_is_not_there_is_named(news):
    with pytest.raises(NotFound, match=r"not have the topic 'sport'. The topics are: research, events"):
        find_topic(news, "sport")


def test_the_command_asks_and_removes(cli, news, readers):
    refused = cli("lists", "remove-topic", "news", "research")
    assert refused.code
    assert "chose only “Research”" in refused.err
    assert cli("lists", "remove-topic", "news", "research", "--instead", "events", "--unsubscribe").code
    assert cli("lists", "remove-topic", "news", "research", "--instead", "events").code == 0
    assert list(news.topics.values_list("slug", flat=True)) == ["events"]


def admin_data(admin_client, news):
    page = admin_client.get(f"/admin/subscribers/list/{news.pk}/change/")
    data = {name: value for name, value in page.context["adminform"].form.initial.items() if value}
    formset = page.context["inline_admin_formsets"][0].formset
    for form in [formset.management_form, *formset.initial_forms]:
        for name in form.fields:
            value = form[name].value()
            data[form.add_prefix(name)] = "" if value is None else value
    return data


def test_the_admin_asks_what_becomes_of_the_readers_of_a_topic(admin_client, news, readers):
    address = f"/admin/subscribers/list/{news.pk}/change/"
    data = {**admin_data(admin_client, news), "topics-0-DELETE": "on"}
    answer = admin_client.post(address, data)
    assert answer.status_code == 200
    assert "2 people chose only “Research”" in answer.content.decode()
    assert states(news)["ada"] == ("active", ["research"])

    answer = admin_client.post(address, {**data, "topics-0-readers": "events"})
    assert answer.status_code == 302
    assert states(news)["ada"] == ("active", ["events"])
    assert ConsentEntry.objects.filter(act="changed", source_name="admin").count() == 3
    assert list(differences()) == []


def test_the_admin_keeps_the_slug_that_the_log_names_a_topic_by(admin_client, news):
    data = {**admin_data(admin_client, news), "topics-0-slug": "other", "topics-0-name": "Studies"}
    admin_client.post(f"/admin/subscribers/list/{news.pk}/change/", data)
    assert find_topic(news, "research").name == "Studies"
    assert Subscription.objects.count() == 0
