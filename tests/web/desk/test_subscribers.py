"""The pages about subscribers: finding them, adding and pasting, one person's page, and every act on it."""

import io
import json
import re
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.background_jobs.ask_for_job import ask_for_job
from newsletter.issues.models import AuditEntry
from newsletter.people_acts import act_on_people
from newsletter.sending.models import Recipient
from newsletter.sending.plan import plan_next_mailing
from subscribers import consent, subscriptions_in_order
from subscribers import find_people as finder
from subscribers.consent import ConsentSource, erase_person, unsubscribe
from subscribers.consent_by_editor import add_by_editor
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.lists import add_list, add_topic
from subscribers.models import ConsentEntry, SourceKind, Subscriber, Subscription
from subscribers.people_filter import PeopleFilter
from subscribers.suppression import Reason, is_suppressed, suppress
from tests.sending.planned_mailing import planned_mailing

SUBSCRIBERS = "/desk/subscribers/"
EDITOR = ConsentSource(SourceKind.EDITOR, "Ruth")
MOST_QUERIES = 30


@pytest.fixture
def ada(just_logged_in, publication):
    return just_logged_in("ada")


@pytest.fixture
def ruth(desk_of, publication):
    return desk_of("ruth")


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def join(mailing_list, address, **details):
    subscription = add_by_editor(mailing_list, address, EDITOR, consent="She asked.")
    Subscriber.objects.filter(pk=subscription.subscriber_id).update(**details)
    return subscription


def page_of(subscriber, act=""):
    return f"{SUBSCRIBERS}{subscriber.pk}/{act}"


def shown(answer):
    rows = re.sub(r'<span class="hidden">.*?</span>', "", text(answer).split("subscriber-rows")[-1])
    return re.findall(r"[\w.+-]+@example\.(?:com|org)", rows)


def test_an_editor_finds_people_by_name_address_list_and_state(ruth, amara, mailing_list):
    # Numbers of people have gaps, which say nothing about how many there are.
    Subscriber.objects.create(
        pk=9_000_000_000, address="gone@example.org", address_key="gone@example.org"
    ).delete()
    other = add_list("other", "The Other List")
    join(other, "grace@example.org", first_name="Grace", last_name="Hopper")
    unsubscribe(join(other, "left@example.org"), EDITOR)
    assert shown(ruth.get(SUBSCRIBERS)) == ["left@example.org", "grace@example.org", "amara@example.com"]
    assert shown(ruth.get(SUBSCRIBERS, {"q": "hopp"})) == ["grace@example.org"]
    assert shown(ruth.get(SUBSCRIBERS, {"q": "Amara@EXAMPLE.com"})) == ["amara@example.com"]
    assert shown(ruth.get(SUBSCRIBERS, {"list": "other"})) == ["left@example.org", "grace@example.org"]
    assert shown(ruth.get(SUBSCRIBERS, {"state": "unsubscribed"})) == ["left@example.org"]
    assert shown(ruth.get(SUBSCRIBERS, {"q": "gr", "list": "other", "state": "active"})) == [
        "grace@example.org"
    ]
    assert "Nobody matches" in text(ruth.get(SUBSCRIBERS, {"q": "nobody"}))


def test_a_row_shows_the_day_of_joining_by_which_the_filters_find_the_person(ruth, mailing_list):
    other = add_list("other", "The Other List")
    for each, day in ((mailing_list, "2025-03-02"), (other, "2025-06-09")):
        subscription = join(each, "grace@example.org")
        Subscription.objects.filter(pk=subscription.pk).update(joined_at=f"{day}T12:00:00Z")

    for query, day in (
        ({}, "2 March 2025"),
        ({"from": "2025-03-01", "to": "2025-03-31"}, "2 March 2025"),
        ({"list": "other"}, "9 June 2025"),
        ({"from": "2025-06-01"}, "9 June 2025"),
    ):
        assert f">{day}</time>" in text(ruth.get(SUBSCRIBERS, query)), query


def test_with_very_many_people_one_or_two_characters_find_the_beginning_of_an_address(
    ruth, amara, mailing_list, monkeypatch
):
    monkeypatch.setattr(finder, "MOST_SEARCHED_WHOLE", 0)
    for name in ("am.b", "am.a", "b"):
        join(mailing_list, f"{name}@example.org")
    answer = ruth.get(SUBSCRIBERS, {"q": "AM", "count": "yes"})
    assert shown(answer) == ["am.a@example.org", "am.b@example.org", "amara@example.com"]
    assert "Type at least 3 characters" in text(answer)
    assert "3 people found" in text(answer)
    assert shown(ruth.get(SUBSCRIBERS, {"q": "mar"})) == ["amara@example.com"]


def test_an_editor_filters_people_by_topic_and_days_and_sees_how_many_there_are(
    ruth, mailing_list, monkeypatch
):
    tides = add_topic(mailing_list, "tides", "Tides")
    for day in range(1, 8):
        one = join(mailing_list, f"day{day}@example.org", first_name="Dayna")
        Subscription.objects.filter(pk=one.pk).update(joined_at=f"2026-05-0{day}T12:00:00Z")
        if day % 2:
            one.topics.add(tides)
    unsubscribe(Subscription.objects.get(subscriber__address="day3@example.org"), EDITOR)

    def days(**query):
        numbers, after = [], ""
        while True:
            answer = ruth.get(SUBSCRIBERS, {**query, "after": after})
            numbers += [int(each[3]) for each in shown(answer)]
            following = re.search(r'rel="next" href="[^"]*after=([^"&]+)', text(answer))
            if not following:
                counted = ruth.get(f"{SUBSCRIBERS}count/", query, headers={"HX-Request": "true"})
                assert f"{len(numbers)} " in text(counted)
                return numbers
            after = unquote(following[1])

    topic = f"{mailing_list.slug}:tides"
    for few in (subscriptions_in_order.FEW, 0):
        monkeypatch.setattr(subscriptions_in_order, "FEW", few)
        for at_once in (50, 2):
            monkeypatch.setattr(finder, "PEOPLE_PER_PAGE", at_once)
            for words in ({}, {"q": "dayn"}):
                assert days(topic=topic, **words) == [7, 5, 3, 1]
                assert days(topic=topic, state="active", **words) == [7, 5, 1]
                assert days(**{"from": "2026-05-02", "to": "2026-05-04", **words}) == [4, 3, 2]
                assert days(**{"from": "2026-05-06", "list": mailing_list.slug, **words}) == [7, 6]
                assert days(**{"to": "2026-05-03", "state": "active", "topic": topic, **words}) == [1]
    answer = ruth.get(SUBSCRIBERS, {"from": "yesterday"})
    assert "“yesterday” is not a date" in text(answer)
    assert ruth.get(f"{SUBSCRIBERS}count/", {"q": "dayn"})["Location"] == f"{SUBSCRIBERS}?q=dayn&count=yes"


@pytest.mark.parametrize("query", [{}, {"list": "harbour"}, {"state": "active"}, {"q": "reader"}])
def test_every_person_stands_on_one_page_of_the_list_once(ruth, mailing_list, query, monkeypatch):
    monkeypatch.setattr(finder, "PEOPLE_PER_PAGE", 3)
    query = {**query, **({"list": mailing_list.slug} if "list" in query else {})}
    expected = [join(mailing_list, f"reader{number}@example.org").subscriber.address for number in range(8)]
    found, after = [], ""
    for _page in range(4):
        answer = ruth.get(SUBSCRIBERS, {**query, "after": after})
        found += shown(answer)
        following = re.search(r'rel="next" href="[^"]*after=(\d+)', text(answer))
        if not following:
            break
        after = following[1]
    assert found == expected[::-1]


def test_the_pages_need_as_many_queries_for_many_people_as_for_one(ruth, amara, mailing_list):
    def queries(path):
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert ruth.get(path).status_code == 200
        return len(counted)

    paths = (SUBSCRIBERS, f"{SUBSCRIBERS}?list={mailing_list.slug}", f"{SUBSCRIBERS}add/", page_of(amara))
    before = [queries(path) for path in paths]
    for number in range(30):
        with acting_as(SYSTEM):
            ask_for_job(act_on_people.ACT, {"kind": "add-to-list"}, total=number)
        join(mailing_list, f"reader{number}@example.org")
        add_list(f"list{number}", f"List {number}")
        add_topic(mailing_list, f"topic{number}", f"Topic {number}")
    assert [queries(path) for path in paths] == before
    assert max(before) <= MOST_QUERIES


def test_an_editor_adds_a_person_with_topics_and_consent(ruth, mailing_list):
    add_topic(mailing_list, "tides", "Tides")
    add_topic(add_list("other", "The Other List"), "rocks", "Rocks")
    form = {
        "address": "Grace@example.org",
        "first_name": "Grace",
        "last_name": "Hopper",
        "list": mailing_list.slug,
        "topic": [f"{mailing_list.slug}:tides", "other:rocks"],
        "consent": "Open day, 3 May",
    }
    answer = ruth.post(f"{SUBSCRIBERS}add/", form, follow=True)
    subscription = Subscription.objects.get(subscriber__address_key="grace@example.org")
    assert subscription.state == "active"
    assert [topic.slug for topic in subscription.topics.all()] == ["tides"]
    entry = ConsentEntry.objects.get(subscriber=subscription.subscriber)
    assert (entry.source, entry.source_name, entry.wording.text) == ("editor", "ruth", "Open day, 3 May")
    assert "Added to" in text(answer)
    assert "“Open day, 3 May”" in text(answer)


def test_a_person_without_consent_or_who_said_no_is_not_added_and_the_form_keeps_what_was_typed(
    ruth, mailing_list
):
    form = {"address": "grace@example.org", "list": mailing_list.slug, "consent": ""}
    answer = ruth.post(f"{SUBSCRIBERS}add/", form)
    assert answer.status_code == 422
    assert 'value="grace@example.org"' in text(answer)
    assert 'href="#consent"' in text(answer)
    suppress("grace@example.org", Reason.COMPLAINT, EDITOR)
    answer = ruth.post(f"{SUBSCRIBERS}add/", {**form, "consent": "She asked."})
    assert answer.status_code == 409
    assert not Subscription.objects.exists()


def test_an_editor_unsubscribes_and_suppresses_a_person_and_an_administrator_allows_emails_again(
    ruth, ada, amara, mailing_list
):
    assert "Unsubscribe amara@example.com from" in text(
        ruth.get(page_of(amara, "unsubscribe/"), {"list": mailing_list.slug})
    )
    ruth.post(page_of(amara, "unsubscribe/"), {"list": mailing_list.slug, "reason": "Asked by telephone"})
    assert Subscription.objects.get().state == "unsubscribed"
    ruth.post(page_of(amara, "suppress/"), {"reason": "Asked again"})
    assert is_suppressed(amara.address_key)
    page = text(ruth.get(page_of(amara)))
    assert "This address is suppressed" in page
    assert "Asked by telephone" in page
    assert "Unsubscribed from" in page
    assert "Only an administrator can remove a suppression" in page
    assert ruth.post(page_of(amara, "lift/"), {"reason": "x"}).status_code == 409
    assert ada.post(page_of(amara, "lift/"), {"reason": " "}).status_code == 422
    ada.post(page_of(amara, "lift/"), {"reason": "Came back"})
    assert not is_suppressed(amara.address_key)
    assert Subscription.objects.get().state == "unsubscribed"
    ruth.post(page_of(amara, "subscribe/"), {"list": mailing_list.slug, "consent": "Came back"})
    assert Subscription.objects.get().state == "active"


def test_an_administrator_who_just_logged_in_exports_what_is_stored_about_a_person(ruth, ada, desk_of, amara):
    assert ruth.post(page_of(amara, "export/")).status_code == 409
    # Ada logged in at some unknown time, so she is asked again.
    assert desk_of("ada").post(page_of(amara, "export/")).status_code == 302
    answer = ada.post(page_of(amara, "export/"), {"as": "json"})
    assert answer["Content-Disposition"] == f'attachment; filename="subscriber-{amara.pk}.json"'
    assert json.loads(answer.content)["address"] == "amara@example.com"
    page = ada.post(page_of(amara, "export/"))
    assert page["Content-Disposition"] == f'attachment; filename="subscriber-{amara.pk}.html"'
    assert "<h1>Your data</h1>" in text(page)
    assert "amara@example.com" in text(page)
    entries = AuditEntry.objects.filter(act="export")
    assert len(entries) == 2
    assert not any("amara" in f"{one.sentence} {one.thing} {one.changes}" for one in entries)


def test_a_person_is_erased_only_if_their_address_is_typed(ruth, ada, desk_of, amara):
    assert ruth.get(page_of(amara, "erase/")).status_code == 409
    assert desk_of("ada").post(page_of(amara, "erase/"), {"address": amara.address}).status_code == 302
    assert ada.post(page_of(amara, "erase/"), {"address": "amar@example.com"}).status_code == 422
    assert Subscriber.objects.exists()
    assert ada.post(page_of(amara, "erase/"), {"address": "Amara@example.com"}).status_code == 303
    assert not Subscriber.objects.exists()
    assert is_suppressed("amara@example.com")
    assert ada.get(page_of(amara)).status_code == 404


def test_pasted_addresses_are_checked_before_anything_is_changed_and_then_imported(ada, amara, mailing_list):
    left = join(mailing_list, "left@example.org")
    unsubscribe(left, EDITOR)
    pasted = "grace@example.org\nleft@example.org\namara@example.com\nnot an address\ngrace@example.org\n"
    form = {"people": pasted, "list": mailing_list.slug, "consent": "Open day"}
    answer = ada.post(f"{SUBSCRIBERS}paste/", form)
    page = text(answer)
    assert answer.status_code == 200
    for figure in (
        "<strong>1</strong> new",
        "<strong>1</strong> already on the list",
        "<strong>1</strong> unsubscribed",
        "<strong>1</strong> repeated",
        "<strong>1</strong> not usable",
    ):
        assert figure in page
    assert Subscriber.objects.count() == 2
    assert ada.post(f"{SUBSCRIBERS}paste/", {**form, "act": "import"}).status_code == 303
    active = Subscription.objects.filter(state="active").values_list("subscriber__address", flat=True)
    assert set(active) == {"amara@example.com", "grace@example.org"}
    assert "grace" not in str(AuditEntry.objects.filter(act="import").values())
    # The same form again changes nothing.
    ada.post(f"{SUBSCRIBERS}paste/", {**form, "act": "import"})
    assert Subscriber.objects.count() == 3


def test_every_address_of_a_pasted_to_field_is_read_and_what_is_not_an_address_is_shown(ada, mailing_list):
    form = {
        "people": 'Ann <ann@example.org>, bob@example.org\n"Müller, Zoë" <zoe@example.org>\nrubbish\n',
        "list": mailing_list.slug,
        "consent": "Open day",
    }
    page = text(ada.post(f"{SUBSCRIBERS}paste/", form))
    assert "<strong>3</strong> new" in page
    assert '<td dir="auto">rubbish</td>' in page
    ada.post(
        f"{SUBSCRIBERS}paste/", {**form, "people": form["people"].replace("rubbish", ""), "act": "import"}
    )
    assert set(Subscriber.objects.values_list("address", "first_name", "last_name")) == {
        ("ann@example.org", "Ann", ""),
        ("bob@example.org", "", ""),
        ("zoe@example.org", "Zoë", "Müller"),
    }


def test_a_wrong_address_and_a_missing_consent_are_said_at_once(ada, mailing_list):
    add = text(
        ada.post(f"{SUBSCRIBERS}add/", {"address": "nonsense", "list": mailing_list.slug, "consent": ""})
    )
    paste = text(ada.post(f"{SUBSCRIBERS}paste/", {"people": " ", "list": mailing_list.slug, "consent": ""}))
    for page, field in ((add, "address"), (paste, "people")):
        assert f'href="#{field}"' in page
        assert 'href="#consent"' in page


def test_a_pasted_column_that_could_say_no_is_asked_about_first(ada, mailing_list):
    form = {
        "people": "email,no mail please\ngrace@example.org,maybe\n",
        "list": mailing_list.slug,
        "consent": "Open day",
    }
    page = text(ada.post(f"{SUBSCRIBERS}paste/", form))
    assert "Answer these questions first" in page
    assert 'name="ignore" value="2"' in page
    assert ada.post(f"{SUBSCRIBERS}paste/", {**form, "act": "import"}).status_code == 409
    assert not Subscriber.objects.exists()
    assert ada.post(f"{SUBSCRIBERS}paste/", {**form, "ignore": "2", "act": "import"}).status_code == 303
    assert Subscriber.objects.count() == 1


def test_nothing_is_imported_without_addresses_or_consent_or_by_an_editor(ada, ruth, mailing_list):
    form = {"people": "grace@example.org", "list": mailing_list.slug, "consent": "Open day", "act": "import"}
    assert ada.post(f"{SUBSCRIBERS}paste/", {**form, "people": " "}).status_code == 422
    assert ada.post(f"{SUBSCRIBERS}paste/", {**form, "consent": " "}).status_code == 422
    assert ruth.post(f"{SUBSCRIBERS}paste/", form).status_code == 409
    assert not Subscriber.objects.exists()


def test_scripts_in_a_name_and_a_reason_are_only_text(ada, mailing_list):
    hostile = "<script>alert(1)</script>"
    one = join(mailing_list, "grace@example.org", first_name=hostile)
    unsubscribe(one, EDITOR, reason=hostile)
    for path in (SUBSCRIBERS, page_of(one.subscriber), page_of(one.subscriber, "erase/")):
        assert hostile not in text(ada.get(path))


def test_the_place_is_in_the_navigation_of_editors(ruth):
    assert f'href="{SUBSCRIBERS}"' in text(ruth.get("/desk/"))


def test_an_import_of_pasted_addresses_is_undone_from_its_message(ada, ruth, amara, mailing_list):
    form = {
        "people": "grace@example.org\namara@example.com\n",
        "list": mailing_list.slug,
        "consent": "Open day",
        "act": "import",
    }
    page = text(ada.post(f"{SUBSCRIBERS}paste/", form, follow=True))
    undo = re.search(r'action="(/desk/subscribers/imports/\d+/undo/)"', page)[1]
    assert ruth.post(undo).status_code == 409
    assert Subscriber.objects.count() == 2
    undone = text(ada.post(undo, follow=True))
    assert "The import was undone. 1 person was removed from the list." in undone
    assert [each.address for each in Subscriber.objects.all()] == ["amara@example.com"]
    assert ada.post(undo).status_code == 409


def test_the_details_of_a_person_that_a_colleague_changed_are_not_overwritten_unseen(ruth, ada, amara):
    address = page_of(amara, "details/")
    seen = re.search(r'name="seen" value="(\w+)"', text(ruth.get(address)))[1]
    theirs = {"first_name": "Amara", "last_name": "Okafor", "zone": "Africa/Lagos", "seen": seen}
    assert ada.post(address, theirs).status_code == 303
    answer = ruth.post(address, {"first_name": "Amy", "seen": seen})
    assert answer.status_code == 409
    assert "Saved now: <bdi>Amara Okafor</bdi>" in text(answer)
    assert 'value="Amy"' in text(answer)
    assert ruth.post(address, {**theirs, "zone": "Lagos"}).status_code == 409
    amara.refresh_from_db()
    assert (amara.first_name, amara.last_name, amara.zone) == ("Amara", "Okafor", "Africa/Lagos")
    again = re.search(r'name="seen" value="(\w+)"', text(answer))[1]
    assert ruth.post(address, {"first_name": "Amy", "seen": again}).status_code == 303
    amara.refresh_from_db()
    assert amara.first_name == "Amy"


def details_form(page, **changed):
    """The form of details as a browser sends it, with some fields changed."""
    fields = dict(re.findall(r'<input [^>]*name="([\w-]+)" value="([^"]*)"', text(page)))
    shown = {name: value for name, value in fields.items() if name == "seen" or name.startswith("detail-")}
    return shown | changed


def test_what_a_file_said_of_a_person_is_shown_changed_removed_and_added(ruth, amara):
    Subscriber.objects.filter(pk=amara.pk).update(attributes={"nation": "Wales", "tags": "<b>x</b>"})
    page = text(ruth.get(page_of(amara)))
    assert '<dt dir="auto">nation</dt><dd dir="auto">Wales</dd>' in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    address = page_of(amara, "details/")
    form = details_form(ruth.get(address), **{"detail-0": "Scotland", "detail-1": ""})
    assert form["detail-name-0"] == "nation"
    saved = ruth.post(address, form | {"new_name": "Town", "new_value": "Ely"}, follow=True)
    assert "The details were saved." in text(saved)
    assert "Changed nation, tags, town." in text(saved)
    amara.refresh_from_db()
    assert amara.attributes == {"nation": "Scotland", "town": "Ely"}


def test_a_detail_that_a_colleague_changed_is_not_overwritten_unseen(ruth, ada, amara):
    Subscriber.objects.filter(pk=amara.pk).update(attributes={"nation": "Wales"})
    address = page_of(amara, "details/")
    form = details_form(ruth.get(address))
    assert ada.post(address, form | {"detail-0": "England"}).status_code == 303
    answer = ruth.post(address, form | {"detail-0": "Scotland"})
    assert answer.status_code == 409
    assert "Saved now: England" in text(answer)
    assert 'value="Scotland"' in text(answer)
    amara.refresh_from_db()
    assert amara.attributes == {"nation": "England"}


def test_another_person_is_added_from_the_page_of_the_one_just_added_to_the_same_list(ruth, mailing_list):
    form = {"address": "grace@example.org", "list": mailing_list.slug, "consent": "Open day"}
    page = text(ruth.post(f"{SUBSCRIBERS}add/", form, follow=True))
    assert f"grace@example.org is subscribed to {mailing_list.name}." in page
    another = re.search(r'href="([^"]+)">(?:(?!</a>).)*Add another person', page)[1]
    assert another == f"{SUBSCRIBERS}add/?list={mailing_list.slug}"
    assert "Add another person" not in text(ruth.get(page_of(Subscriber.objects.get())))


def test_an_address_without_a_full_stop_is_refused_in_plain_words(ruth, mailing_list):
    form = {"address": "bob@example", "list": mailing_list.slug, "consent": "Open day"}
    assert "the part after the @ must contain a full stop, as in example.org." in text(
        ruth.post(f"{SUBSCRIBERS}add/", form)
    )


def test_adding_somebody_who_is_on_the_list_says_that_their_subscription_stays_the_same(
    ruth, amara, mailing_list
):
    form = {"address": amara.address.upper(), "list": mailing_list.slug, "consent": "Open day"}
    page = text(ruth.post(f"{SUBSCRIBERS}add/", form, follow=True))
    assert f"amara@example.com was already on {mailing_list.name}. Their subscription stays the same." in page
    asked = {"address": "grace@example.org", "list": mailing_list.slug, "consent": "Open day", "ask": "on"}
    assert "We have emailed" in text(ruth.post(f"{SUBSCRIBERS}add/", asked, follow=True))
    assert "We have already emailed" in text(ruth.post(f"{SUBSCRIBERS}add/", asked, follow=True))


def test_adding_somebody_on_another_basis_with_consent_says_that_it_was_recorded(ruth, amara, mailing_list):
    one = Subscription.objects.get(subscriber=amara, list=mailing_list)
    one.basis = "membership"
    one.save()
    form = {"address": amara.address, "list": mailing_list.slug, "consent": "Told us at the stall"}
    page = text(ruth.post(f"{SUBSCRIBERS}add/", form | {"ask": "on"}, follow=True))
    assert "We have emailed them to ask for consent." in page
    one.refresh_from_db()
    assert one.basis == "membership"
    page = text(ruth.post(f"{SUBSCRIBERS}add/", form, follow=True))
    assert "We recorded their consent, so their lawful basis is now consent." in page
    one.refresh_from_db()
    assert (one.state, one.basis) == ("active", "consent")


def test_the_page_of_a_person_shows_a_new_address_that_waits_to_be_confirmed(ruth, amara):
    assert "The address will change to" not in text(ruth.get(page_of(amara)))
    ruth.post(page_of(amara, "address/"), {"new_address": "new@example.org"})
    page = text(ruth.get(page_of(amara)))
    assert "The address will change to <bdi>new@example.org</bdi>" in page
    assert "A change of address was requested by ruth today at " in page
    assert page.count("A change of address was requested by ruth") == 2
    again = text(ruth.post(page_of(amara, "address/"), {"act": "again"}, follow=True))
    assert "We have sent the confirmation email to new@example.org again." in again
    ruth.post(page_of(amara, "address/"), {"act": "cancel"})
    late = text(ruth.post(page_of(amara, "address/"), {"act": "again"}, follow=True))
    assert "The change has already been confirmed or cancelled." in late
    page = text(ruth.get(page_of(amara)))
    assert "details or topics were changed" not in page


def test_many_lists_and_states_are_put_together_in_one_query(ruth, mailing_list):
    lists = [
        add_list(f"list{number}", f"List {number}") for number in range(subscriptions_in_order.MOST_LISTS)
    ]
    join(lists[-1], "grace@example.org")
    join(lists[0], "amara@example.org")
    found = finder.find_people(PeopleFilter(state="active"))
    assert {each.address for each in found.people} == {"amara@example.org", "grace@example.org"}


def test_an_editor_pauses_the_emails_of_a_list_to_a_person_and_ends_the_pause(ruth, amara, mailing_list):
    address, form = page_of(amara, "pause/"), {"list": mailing_list.slug}
    assert "Pause " in text(ruth.get(address, form))
    for until in ("2001-01-01", "soon"):
        answer = ruth.post(address, {**form, "until": until})
        assert answer.status_code == 422
    assert Subscription.objects.get().paused_until is None
    assert ruth.post(address, {**form, "until": "2099-05-03"}).status_code == 303
    assert Subscription.objects.get().paused_until.isoformat() == "2099-05-03"
    page = text(ruth.get(page_of(amara)))
    assert "paused until 3 May 2099" in page
    assert "were paused by ruth" in page
    ruth.post(address, {**form, "until": ""})
    assert Subscription.objects.get().paused_until is None
    assert ruth.post(address, {"list": "nothing", "until": ""}).status_code == 404


def test_the_history_of_a_person_leads_to_the_report_of_each_issue_that_they_were_sent(
    ruth, ruths_draft, amara
):
    planned_mailing(ruths_draft)
    while plan_next_mailing():
        pass
    recipient = Recipient.objects.get(subscriber=amara)
    page = text(ruth.get(page_of(amara)))
    report = f"/desk/issues/{ruths_draft.publication.slug}/{ruths_draft.number}/report/"
    sentence = f"Email “{recipient.mailing.issue}”: {recipient.get_state_display().lower()}."
    assert f'<a href="{report}">{sentence}</a>' in page


def test_an_editor_asks_a_person_to_confirm_a_new_address(ruth, amara):
    page = page_of(amara, "address/")
    assert "Ask the person to confirm" in text(ruth.get(page))
    assert ruth.post(page, {"new_address": amara.address}).status_code == 422
    answer = text(ruth.post(page, {"new_address": "amara@example.net"}, follow=True))
    assert "We have asked the owner of amara@example.net to confirm the address." in answer
    assert Subscriber.objects.get(pk=amara.pk).address == amara.address
    assert "amara@example.net" in text(ruth.get(page))
    assert "The change of address was cancelled." in text(ruth.post(page, {"act": "cancel"}, follow=True))
    assert "amara@example.net" not in text(ruth.get(page))


def test_an_editor_corrects_an_address_typed_wrong_but_not_one_that_its_owner_has_used(
    ruth, amara, mailing_list
):
    form = {"list": mailing_list.slug, "address": "mair@exmaple.org", "consent": "Open day"}
    ruth.post(f"{SUBSCRIBERS}add/", form)
    mair = Subscriber.objects.get(address="mair@exmaple.org")
    page = page_of(mair, "address/")
    assert "Correct the address" in text(ruth.get(page))
    taken = ruth.post(page, {"act": "correct", "new_address": amara.address})
    assert taken.status_code == 409
    assert "Another person has this address already." in text(taken)
    answer = text(ruth.post(page, {"act": "correct", "new_address": "mair@example.org"}, follow=True))
    assert "The address was corrected. It is now mair@example.org." in answer
    assert "A typing mistake in the address was corrected by ruth." in answer
    consent.unsubscribe(mair.subscriptions.get(), ConsentSource(SourceKind.EMAIL_LINK))
    assert "Correct the address" not in text(ruth.get(page))
    assert ruth.post(page, {"act": "correct", "new_address": "m@example.org"}).status_code == 409
    assert Subscriber.objects.get(pk=mair.pk).address == "mair@example.org"


def test_suppressed_people_are_found_by_a_filter_until_that_is_lifted(ada, amara, publication):
    mailing_list = publication.mailing_list
    editor = ConsentSource(SourceKind.EDITOR, "Ruth")
    for name in ("bo", "cy", "di"):
        add_by_editor(mailing_list, f"{name}@example.com", editor, consent="Open day")
    for address in ("bo@example.com", "cy@example.com", "stranger@example.com"):
        suppress(address, Reason.COMPLAINT, editor)
    suppress("cy@example.com", Reason.HARD_BOUNCE, editor)

    def found(query=""):
        return re.findall(r"(\w+)@example\.com", text(ada.get(f"{SUBSCRIBERS}?state=suppressed{query}")))

    def people(**filters):
        wanted = PeopleFilter(suppressed=True, **filters)
        addresses = [each.address.partition("@")[0] for each in finder.find_people(wanted).people]
        assert finder.count_people(wanted) == len(addresses)
        assert len(finder.numbers_of_people(wanted, most=9)) == len(addresses)
        return addresses

    assert people() == ["cy", "bo"]
    assert people(mailing_list=mailing_list) == people(state="unsubscribed") == ["cy", "bo"]
    assert people(state="active") == []
    assert people(text="cy@example") == people(text="cy@example.com") == ["cy"]
    assert people(text="di@example") == []
    assert set(found()) == {"cy", "bo"}
    assert set(found("&q=bo@example")) == {"bo"}
    cy = Subscriber.objects.get(address="cy@example.com")
    assert ada.post(page_of(cy, "lift/"), {"reason": "She asked"}).status_code == 303
    assert people() == ["bo"]
    erase_person(Subscriber.objects.get(address="bo@example.com"), editor)
    assert people() == []
    assert is_suppressed("bo@example.com")


def test_the_statement_of_an_import_is_quoted_without_what_was_decided_about_columns(ruth, mailing_list):
    import_people(
        io.BytesIO(b"address,when\nmair@example.org,2026-01-31\n"),
        mailing_list,
        consent="Mailchimp list, double opt-in",
        name="people.csv",
        by="ruth",
        wishes=ImportOptions(choices=["when=joined"]),
    )
    page = text(ruth.get(page_of(Subscriber.objects.get(address="mair@example.org"))))
    assert "“Mailchimp list, double opt-in” Columns mapped for this import: when=joined." in page


def test_an_address_at_a_mistyped_domain_is_asked_about_once(ruth, mailing_list):
    form = {"address": "margret@gmial.com", "list": mailing_list.slug, "consent": "She asked."}
    asked = ruth.post(f"{SUBSCRIBERS}add/", form)
    assert asked.status_code == 422
    assert "Did you mean margret@gmail.com?" in text(asked)
    assert not Subscriber.objects.exists()
    [sure_of] = re.findall(r'name="sure_of" value="([^"]*)"', asked.content.decode())
    assert (
        ruth.post(f"{SUBSCRIBERS}add/", {**form, "address": "x@gmal.com", "sure_of": sure_of}).status_code
        == 422
    )
    assert ruth.post(f"{SUBSCRIBERS}add/", {**form, "sure_of": sure_of}).status_code == 303
    assert Subscriber.objects.get().address == "margret@gmial.com"
