"""Acts on the people who are ticked, or on everybody whom a search finds."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.background_jobs import job_files
from newsletter.background_jobs.models import BackgroundJob
from newsletter.background_jobs.run_jobs import run_next_job
from newsletter.issues.models import AuditEntry
from newsletter.people_acts import act_on_people
from newsletter.people_acts.recent_people_acts import recent_acts
from subscribers.consent import ConsentSource, unsubscribe
from subscribers.consent_by_editor import add_by_editor
from subscribers.lawful_basis import BasisStatement
from subscribers.lists import add_list, add_topic
from subscribers.models import Basis, ConsentEntry, SourceKind, Subscriber, Subscription
from subscribers.suppression import is_suppressed
from subscribers.verify_consent_log import differences

ACT = "/desk/subscribers/act/"
EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


@pytest.fixture
def ruth(desk_of, publication):
    return desk_of("ruth")


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def join(mailing_list, name, topics=()):
    return add_by_editor(mailing_list, f"{name}@example.org", EDITOR, consent="Open day", topics=topics)


def confirmed(client, act, **fields):
    """Go through the page that asks, and confirm what it shows."""
    asked = client.post(ACT, {"act": act, **fields})
    assert asked.status_code == 200, text(asked)
    hidden = dict(re.findall(r'type="hidden" name="(seen|form_key)" value="(\w*)"', asked.content.decode()))
    return client.post(ACT, {"act": act, "confirmed": "yes", **hidden, **fields}, follow=True)


def states(mailing_list):
    found = mailing_list.subscriptions.order_by("pk").select_related("subscriber")
    return {each.subscriber.address.partition("@")[0]: each.state for each in found}


def test_ticked_people_are_counted_asked_about_and_unsubscribed(ruth, mailing_list):
    some = [join(mailing_list, name).subscriber_id for name in ("ada", "ben", "cyd")]
    unsubscribe(Subscription.objects.get(subscriber=some[1]), EDITOR)
    page = text(ruth.post(ACT, {"act": "unsubscribe", "person": some[:2]}))
    assert "Unsubscribe 2 people?" in page
    assert states(mailing_list) == {"ada": "active", "ben": "unsubscribed", "cyd": "active"}
    answer = confirmed(
        ruth, "unsubscribe", person=some[:2], to_list=mailing_list.slug, reason="Asked by letter"
    )
    assert "1 person was unsubscribed" in text(answer)
    assert "1 person was not changed: they are not on the list" in text(answer)
    assert states(mailing_list) == {"ada": "unsubscribed", "ben": "unsubscribed", "cyd": "active"}
    entry = ConsentEntry.objects.filter(act="left", subscriber=some[0]).get()
    assert (entry.source_name, entry.note) == ("ruth", "Asked by letter")
    assert list(differences()) == []
    logged = AuditEntry.objects.get(act="subscriber", thing__startswith="list")
    assert logged.sentence == f"Unsubscribed 1 person from the list “{mailing_list.name}”."


def test_people_are_added_to_a_list_except_those_who_said_no(ruth, mailing_list):
    other = add_list("other", "The Other List")
    here = [join(mailing_list, name).subscriber_id for name in ("ada", "ben", "cyd")]
    join(other, "ada")
    unsubscribe(join(other, "ben"), EDITOR)
    refused = confirmed(ruth, "add-to-list", person=here, to_list="other", consent=" ")
    assert refused.status_code == 422
    assert "Enter where these people’s consent comes from" in text(refused)
    answer = text(confirmed(ruth, "add-to-list", person=here, to_list="other", consent="Open day"))
    assert "1 person was added to the list" in answer
    assert "1 person was not changed: they are already on the list" in answer
    assert "1 person was not changed: they have unsubscribed or are suppressed" in answer
    assert states(other) == {"ada": "active", "ben": "unsubscribed", "cyd": "active"}
    assert "ben" not in f"{BackgroundJob.objects.values_list()}{AuditEntry.objects.values_list()}"


def test_people_are_added_to_a_list_on_another_lawful_basis_by_the_rules_for_one_person(ruth, mailing_list):
    other = add_list("other", "The Other List")
    people = {name: join(mailing_list, name).subscriber for name in ("ada", "ben", "cyd")}
    private = add_by_editor(mailing_list, "dee@ee.co.uk", EDITOR, consent="Open day").subscriber
    here = [each.pk for each in (*people.values(), private)]
    said = {"person": here, "to_list": "other", "consent": "Trade fair, May 2026"}
    undated = confirmed(ruth, "add-to-list", basis="charitable", own_details="yes", **said)
    assert undated.status_code == 422
    assert "needs the day on which the person gave their details" in text(undated)
    assert not other.subscriptions.exists()
    assert "Choose a lawful basis." in text(confirmed(ruth, "add-to-list", basis="goods", **said))
    answer = text(confirmed(ruth, "add-to-list", basis="business", **said))
    assert "3 people were added to the list" in answer
    assert "1 person was not changed: they have unsubscribed or are suppressed, or the lawful basis" in answer
    assert {each.basis for each in other.subscriptions.all()} == {"business"}
    entry = ConsentEntry.objects.filter(list=other, subscriber=people["ada"]).get()
    assert (entry.act, entry.basis, entry.wording.text) == ("added", "business", "Trade fair, May 2026")
    again = text(confirmed(ruth, "add-to-list", basis="business", **said | {"person": here[:3]}))
    assert "3 people were not changed: they are already on the list" in again


def test_people_on_another_lawful_basis_who_consent_have_that_recorded(ruth, mailing_list):
    other = add_list("other", "The Other List")
    ada, ben, cyd = (join(mailing_list, name).subscriber for name in ("ada", "ben", "cyd"))
    join(other, "ada")
    add_by_editor(other, ben.address, EDITOR, consent="Member 17", on=BasisStatement(Basis.MEMBERSHIP))
    here = [ada.pk, ben.pk, cyd.pk]
    answer = text(confirmed(ruth, "add-to-list", person=here, to_list="other", consent="Ticked the box"))
    assert "1 person was added to the list" in answer
    assert "1 person was on the list with another lawful basis. We recorded their consent" in answer
    assert "1 person was not changed: they are already on the list" in answer
    assert set(other.subscriptions.values_list("basis", flat=True)) == {"consent"}
    assert list(differences()) == []
    sentences = set(AuditEntry.objects.filter(act="subscriber").values_list("sentence", flat=True))
    assert sentences >= {
        "Added 1 person to the list “The Other List”.",
        "Recorded the consent of 1 person who had another lawful basis for the list “The Other List”.",
    }


def test_a_topic_that_was_removed_leaves_nothing_to_undo(ruth, mailing_list):
    topic = add_topic(mailing_list, "tides", "Tides")
    add_topic(mailing_list, "rocks", "Rocks")
    ben = join(mailing_list, "ben", ["rocks"])
    answer = text(
        confirmed(ruth, "add-topic", person=[ben.subscriber_id], to_topic=f"{mailing_list.slug}:tides")
    )
    ben.topics.remove(topic)
    topic.delete()
    undone = ruth.post(re.search(r'action="(/desk/subscribers/act/\d+/undo/)"', answer)[1])
    assert undone.status_code == 409
    assert "so there is nothing left to undo" in text(undone)


def test_a_topic_is_given_and_taken_and_both_are_undone(ruth, mailing_list):
    for slug in ("tides", "rocks"):
        add_topic(mailing_list, slug, slug.title())
    both, one, none = (
        join(mailing_list, name, topics)
        for name, topics in {"ada": ["tides", "rocks"], "ben": ["rocks"], "cyd": []}.items()
    )
    everybody = [each.subscriber_id for each in (both, one, none)]
    tides = f"{mailing_list.slug}:tides"

    def topics():
        return [[t.slug for t in each.topics.order_by("slug")] for each in (both, one, none)]

    before = topics()
    answer = text(confirmed(ruth, "add-topic", person=everybody, to_topic=tides))
    assert topics() == [["rocks", "tides"], ["rocks", "tides"], []]
    undo = re.search(r'action="(/desk/subscribers/act/\d+/undo/)"', answer)[1]
    assert ruth.post(undo).status_code == 303
    assert topics() == before
    assert ruth.post(undo).status_code == 409
    answer = text(confirmed(ruth, "remove-topic", person=everybody, to_topic=f"{mailing_list.slug}:rocks"))
    assert "1 person was not changed: without this topic" in answer
    assert topics() == [["tides"], ["rocks"], []]
    assert list(differences()) == []
    assert ruth.post(re.search(r'action="(/desk/subscribers/act/\d+/undo/)"', answer)[1]).status_code == 303
    assert topics() == before


def test_everybody_found_is_acted_upon_by_an_administrator_only_and_counted_again(ada, ruth, mailing_list):
    for number in range(3):
        join(mailing_list, f"harbour{number}")
    join(mailing_list, "else")
    search = {"found": "yes", "q": "harbour", "state": "active"}
    assert ruth.post(ACT, {"act": "suppress", **search}).status_code == 409
    assert "harbour" in text(ada.get(ACT, {"q": "harbour", "state": "active"}))
    asked = text(ada.post(ACT, {"act": "suppress", **search}))
    assert "Suppress the addresses of 3 people?" in asked
    join(mailing_list, "harbour3")
    answer = ada.post(ACT, {"act": "suppress", "confirmed": "yes", "seen": "3", **search})
    assert answer.status_code == 409
    assert "There are now 4 people, not 3" in text(answer)
    assert not is_suppressed("harbour1@example.org")
    assert "4 people were suppressed" in text(confirmed(ada, "suppress", **search))
    assert states(mailing_list) == {f"harbour{n}": "unsubscribed" for n in range(4)} | {"else": "active"}
    for name in ("harbour0", "harbour3"):
        assert is_suppressed(f"{name}@example.org")


def test_people_are_erased_together_once_the_number_is_typed(ada, ruth, desk_of, mailing_list):
    some = [join(mailing_list, name).subscriber_id for name in ("ada", "ben", "cyd")][:2]
    assert ruth.post(ACT, {"act": "erase", "person": some}).status_code == 409
    wrong = confirmed(ada, "erase", person=some, typed="erase")
    assert wrong.status_code == 422
    assert "To confirm, type “erase 2”" in text(wrong)
    # Nobody knows when this Ada logged in, so she is asked again.
    long_ago = desk_of("ada").post(ACT, {"act": "erase", "confirmed": "yes", "seen": "2", "person": some})
    assert long_ago.status_code == 302
    assert Subscriber.objects.count() == 3
    assert "2 people were erased" in text(confirmed(ada, "erase", person=some, typed="Erase  2"))
    assert [each.address for each in Subscriber.objects.all()] == ["cyd@example.org"]
    assert is_suppressed("ada@example.org")


def test_many_people_are_worked_on_by_the_scheduler_from_where_it_was_interrupted(
    ada, mailing_list, monkeypatch
):
    monkeypatch.setattr(act_on_people, "FEW", 0)
    monkeypatch.setattr(act_on_people, "AT_ONCE", 2)
    for number in range(7):
        join(mailing_list, f"harbour{number}")
    page = confirmed(ada, "unsubscribe", found="yes", q="harbour", state="active", to_list=mailing_list.slug)
    assert "You can leave this page" in text(page)
    job = BackgroundJob.objects.get()
    assert "harbour" not in str(job.arguments)
    looks = iter([False, False, False, True])
    with acting_as(SYSTEM):
        run_next_job(act_on_people.JOBS, lambda: next(looks, True))
    reached = list(states(mailing_list).values()).count("unsubscribed")
    assert 0 < reached < 7
    page = text(ada.get(f"{ACT}{job.pk}/"))
    assert "Cancel" in page
    with acting_as(SYSTEM):
        run_next_job(act_on_people.JOBS)
    assert set(states(mailing_list).values()) == {"unsubscribed"}
    assert "7 people were unsubscribed" in text(ada.get(f"{ACT}{job.pk}/"))
    assert ConsentEntry.objects.filter(act="left").count() == 7
    assert (
        sum(
            int(re.search(r"\d+", each.sentence)[0])
            for each in AuditEntry.objects.filter(act="subscriber", thing__startswith="list")
        )
        == 7
    )
    assert not job_files.folder_of(job.folder).exists()


def test_an_act_that_waits_is_cancelled(ada, mailing_list, monkeypatch):
    monkeypatch.setattr(act_on_people, "FEW", 0)
    one = join(mailing_list, "harbour").subscriber_id
    confirmed(ada, "unsubscribe", person=[one], to_list=mailing_list.slug)
    job = BackgroundJob.objects.get()
    assert ada.post(f"{ACT}{job.pk}/cancel/").status_code == 303
    with acting_as(SYSTEM):
        run_next_job(act_on_people.JOBS)
    assert states(mailing_list) == {"harbour": "active"}
    assert "The update was cancelled" in text(ada.get(f"{ACT}{job.pk}/"))


def test_the_same_form_twice_acts_once_and_nobody_ticked_is_said(ada, mailing_list):
    one = join(mailing_list, "harbour").subscriber_id
    post = partial(ada.post, ACT)
    form = {"act": "suppress", "confirmed": "yes", "seen": "1", "person": [one], "form_key": "k" * 32}
    first, second = post(form), post(form)
    assert first.status_code == second.status_code == 303
    assert BackgroundJob.objects.count() == 1
    assert "Tick at least one person" in text(ada.post(ACT, {"act": "suppress"}, follow=True))


def test_the_list_leads_back_to_acts_that_are_open_or_ended_today(ada, mailing_list, monkeypatch):
    assert "Recent changes" not in text(ada.get("/desk/subscribers/"))
    one = join(mailing_list, "harbour").subscriber_id
    confirmed(ada, "suppress", person=[one])
    monkeypatch.setattr(act_on_people, "FEW", 0)
    confirmed(ada, "unsubscribe", person=[one], to_list=mailing_list.slug)
    ended, waiting = BackgroundJob.objects.order_by("pk")
    page = text(ada.get("/desk/subscribers/"))
    line = re.search(r"Recent changes: (.*?)</p>", page)[1]
    first, second = line.split(" · ")
    assert first == f'<a href="{ACT}{waiting.pk}/">Unsubscribe from a list</a> (waiting)'
    assert second.startswith(f'<a href="{ACT}{ended.pk}/">Suppress their addresses</a> (done today ')
    BackgroundJob.objects.filter(pk=waiting.pk).update(state="running", done=1_200, total=120_000)
    assert "(1,200 of 120,000 people so far)" in text(ada.get("/desk/subscribers/"))
    BackgroundJob.objects.filter(pk=ended.pk).update(ended_at=timezone.now() - timedelta(days=2))
    assert f"{ACT}{ended.pk}/" not in text(ada.get("/desk/subscribers/"))


@pytest.mark.django_db
def test_the_acts_are_found_without_reading_all_jobs():
    with CaptureQueriesContext(connection) as asked:
        recent_acts()
    plans = [plan_of(each["sql"]) for each in asked]
    assert len(plans) == 2
    for plan in plans:
        assert "newsletter_backgroundjob" in plan
        assert "Seq Scan" not in plan
        assert "SCAN newsletter_backgroundjob" not in plan


def plan_of(statement):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # An empty table would be read whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
        else:
            # What another test counted says that the tables are empty. Then SQLite would read them whole, too.
            if "sqlite_stat1" in connection.introspection.table_names(cursor):
                cursor.execute("DELETE FROM sqlite_stat1")
                cursor.execute("ANALYZE sqlite_schema")
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return str(cursor.fetchall())
