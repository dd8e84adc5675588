"""Segments at the desk: made by a form or in the language, counted, shown by name, and not removed while used."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from newsletter.issues.audience_choice import AudienceChoice
from newsletter.issues.change_issue_audience import choose_audience
from newsletter.issues.issue_audit import entries_about
from newsletter.issues.models import Issue, SavedSegment
from newsletter.issues.saved_segments import add_segment
from newsletter.sending.audience_by_name import AudienceGroup, people_in
from subscribers.models import Subscriber, Subscription

ALL = "/desk/subscribers/segments/"
NEW = f"{ALL}new/"
MOST_QUERIES = 30
BENS_OR_CEMS = {
    "name": "Ben or Cem",
    "row": ["0", "1"],
    "joined-0": "and",
    "subject-0": "first name",
    "verb-0": "is",
    "value-0": "Ben",
    "joined-1": "or",
    "subject-1": "first name",
    "verb-1": "is",
    "value-1": "Cem",
}


def text(answer):
    return re.sub(r"\s+", " ", html.fromstring(answer.content).text_content())


@pytest.fixture
def mailing_list(ruths_draft):
    """The list with Amara, Ben, Cem and Dora."""
    found = ruths_draft.publication.mailing_list
    for name in ("ben", "cem", "dora"):
        one = Subscriber.objects.create(
            address=f"{name}@example.org", address_key=f"{name}@example.org", first_name=name.title()
        )
        Subscription.objects.create(subscriber=one, list=found, state=Subscription.State.ACTIVE)
    return found


def saved():
    return SavedSegment.objects.get()


def test_a_segment_made_by_the_form_has_the_people_whom_the_form_counted(desk_of, mailing_list):
    ruth = desk_of("ruth")
    assert "No segments yet" in text(ruth.get(ALL))
    counted = ruth.post(NEW, BENS_OR_CEMS | {"act": "count"})
    assert "2 people: Ben, Cem" in text(counted)
    assert "first name is Ben or first name is Cem" in text(counted)
    assert re.search(r'id="segment-result"[^>]* autofocus', counted.content.decode())
    assert not SavedSegment.objects.exists()
    page = ruth.post(NEW, BENS_OR_CEMS, follow=True)
    assert "The segment “Ben or Cem” was added." in text(page)
    people = text(ruth.get(f"{ALL}{saved().pk}/people/?count=1"))
    assert "This segment now has 2 people" in people
    assert "ben@example.org" in people
    assert "dora@example.org" not in people
    choose_audience(Issue.objects.get(), AudienceChoice(segment=saved().pk))
    receive = people_in(Issue.objects.get(), AudienceGroup.RECEIVES).people
    assert {each.name for each in receive} == {"Ben", "Cem"}


def test_the_form_gets_rows_and_loses_them_without_a_script(desk_of, mailing_list):
    ruth = desk_of("ruth")
    more = ruth.post(NEW, BENS_OR_CEMS | {"act": "add:or"}).content.decode()
    assert more.count('name="subject-') == 3
    fewer = ruth.post(NEW, BENS_OR_CEMS | {"act": "remove:0"}).content.decode()
    assert fewer.count('name="subject-') == 1
    assert 'value="Cem"' in fewer
    assert 'value="Ben"' not in fewer


def test_a_new_subject_offers_the_verbs_and_values_that_fit_it(desk_of, mailing_list):
    row = {"row": "0", "joined-0": "and", "subject-0": "topic", "verb-0": "in last", "value-0": "x"}
    page = desk_of("ruth").post(NEW, row, HTTP_HX_REQUEST="true")
    verbs = html.fromstring(page.content).xpath("//select[@name='verb-0']/option/@value")
    assert verbs == ["is", "is not", "is missing", "is known"]
    offered = html.fromstring(page.content).xpath("//datalist/option/@value")
    assert offered == [topic.name for topic in mailing_list.topics.all()]


def test_a_detail_is_offered_by_its_name_and_values(desk_of, mailing_list):
    Subscriber.objects.filter(first_name__in=["Ben", "Cem"]).update(attributes={"nation": "Wales"})
    row = {"row": "0", "subject-0": "attribute", "attribute-0": "Nation", "verb-0": "is", "value-0": ""}
    page = html.fromstring(desk_of("ruth").post(NEW, row, HTTP_HX_REQUEST="true").content)
    assert page.xpath("//datalist[@id='details-0']/option/@value") == ["nation"]
    assert page.xpath("//datalist[@id='values-0']/option/@value") == ["Wales"]
    assert "We suggest the details that people on the list have." in page.text_content()


@pytest.mark.parametrize("by", ["rows", "text"])
def test_a_detail_that_nobody_has_is_said_beside_the_number(desk_of, mailing_list, by):
    row = {"row": "0", "subject-0": "attribute", "attribute-0": "country", "verb-0": "is", "value-0": "Wales"}
    form = row | {"act": "count", "by": by, "text": "country is Wales"}
    counted = text(desk_of("ruth").post(NEW, form))
    assert "0 people" in counted
    assert "Nobody on this list has a detail called “country”." in counted
    Subscriber.objects.filter(first_name="Ben").update(attributes={"Country": "England"})
    assert "Nobody on this list" not in text(desk_of("ruth").post(NEW, form))


def test_a_button_that_only_has_the_focus_does_nothing(desk_of, mailing_list):
    sent = BENS_OR_CEMS | {"act": "remove:1"}
    answer = desk_of("ruth").post(NEW, sent, HTTP_HX_REQUEST="true")
    assert "2 people: Ben, Cem" in text(answer)


def test_a_segment_can_be_written_in_the_language_and_back(desk_of, mailing_list):
    ruth = desk_of("ruth")
    written = ruth.post(NEW, BENS_OR_CEMS | {"act": "write"}).content.decode()
    assert "first name is Ben or first name is Cem</textarea>" in written
    form = {"name": "Three", "by": "text", "text": "not (first name is Ben or first name is Cem)"}
    ruth.post(NEW, form)
    page = ruth.get(f"{ALL}{saved().pk}/").content.decode()
    assert "not (first name is Ben or first name is Cem)</textarea>" in page
    back = ruth.post(
        f"{ALL}{saved().pk}/", form | {"text": "first name is Ben", "act": "rows"}
    ).content.decode()
    assert 'value="Ben"' in back


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": ""}, "Enter a name, such as"),
        ({"by": "text", "text": "frist name is Ben"}, "Did you mean “first name”?"),
        ({"value-1": ""}, "Enter a value for “first name is”."),
        ({"verb-1": "in last"}, "“first name” can be used with is, is not, contains"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(desk_of, mailing_list, form, said):
    answer = desk_of("ruth").post(NEW, BENS_OR_CEMS | form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert form.get("text", "Ben") in answer.content.decode()
    assert not SavedSegment.objects.exists()


@pytest.mark.parametrize("act", ["save", "count"])
@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"value-1": ""}, "value-1"),
        ({"subject-1": "attribute", "attribute-1": " "}, "attribute-1"),
        ({"subject-1": "joined", "verb-1": "since", "value-1": "1 September"}, "value-1"),
        ({"subject-1": "topic", "value-1": "Moons"}, "value-1"),
        ({"by": "text", "text": "joined since 1 September"}, "text"),
    ],
)
def test_an_error_stands_at_its_field_and_points_with_no_carets(desk_of, mailing_list, form, field, act):
    answer = desk_of("ruth").post(NEW, BENS_OR_CEMS | form | {"act": act})
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    [said] = page.xpath("//*[contains(@class, 'field-error')]")
    assert said.get("id") == f"{field}-error"
    assert page.xpath(f"//a[@href='#{field}']")
    assert page.get_element_by_id(field).get("aria-invalid") == "true"
    assert "^" not in page.text_content()
    assert form.get("value-1", "Ben") in answer.content.decode()


def test_a_date_is_entered_in_a_date_field(desk_of, mailing_list):
    row = {"row": "0", "subject-0": "joined", "verb-0": "since", "value-0": "2026-09-01"}
    ruth = desk_of("ruth")

    def type_of(**given):
        page = html.fromstring(ruth.post(NEW, row | given, HTTP_HX_REQUEST="true").content)
        return page.get_element_by_id("value-0").get("type")

    assert type_of() == "date"
    assert type_of(**{"verb-0": "not before", "value-0": ""}) == "date"
    assert type_of(**{"verb-0": "in last", "value-0": "90 days"}) == "text"
    assert type_of(**{"value-0": "1 September"}) == "text"


def test_two_segments_of_a_list_have_two_names(desk_of, mailing_list):
    add_segment(mailing_list, "BEN OR CEM", "first name is Ben")
    assert "already has a segment called" in text(desk_of("ruth").post(NEW, BENS_OR_CEMS))


def test_a_segment_that_a_colleague_changed_is_not_overwritten_unseen(desk_of, mailing_list):
    segment = add_segment(mailing_list, "Bens", "first name is Ben")
    ruth, amir = desk_of("ruth"), desk_of("amir")
    address = f"{ALL}{segment.pk}/"
    page = amir.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
    changed = ruth.post(
        address, {"name": "Bens", "by": "text", "text": "first name is Cem", "seen": seen}, follow=True
    )
    assert "The segment was saved." in text(changed)
    answer = amir.post(address, {"name": "Bens", "by": "text", "text": "first name is Dora", "seen": seen})
    assert answer.status_code == 409
    assert "It is now “Bens”: first name is Cem" in text(answer)
    assert saved().text == "first name is Cem"
    undo = html.fromstring(changed.content).xpath("//form[button[contains(., 'Undo')]]")[0]
    ruth.post(undo.action, dict(undo.form_values()))
    assert saved().text == "first name is Ben"


def test_a_segment_is_not_removed_while_it_is_used_and_says_where(desk_of, mailing_list, ruths_draft):
    segment = add_segment(mailing_list, "Bens", "first name is Ben")
    choose_audience(ruths_draft, AudienceChoice(without_segments=(segment.pk,)))
    ruth, remove = desk_of("ruth"), f"{ALL}{segment.pk}/remove/"
    page = ruth.get(remove)
    assert "is used for issue 1 of" in text(page)
    assert b'href="/desk/issues/harbour-letter/1/review/#audience"' in page.content
    assert ruth.post(remove).status_code == 409
    assert "Used" in text(ruth.get(ALL))
    choose_audience(ruths_draft, None)
    assert "was removed." in text(ruth.post(remove, follow=True))
    assert not SavedSegment.objects.exists()


def test_the_log_says_what_was_done_with_a_segment_without_an_address(desk_of, mailing_list):
    form = {"name": "One", "by": "text", "text": "address is ben@example.org"}
    ruth = desk_of("ruth")
    ruth.post(NEW, form)
    thing = f"segment {saved().pk}"
    ruth.post(f"{ALL}{saved().pk}/", form | {"text": "address is cem@example.org"})
    ruth.post(f"{ALL}{saved().pk}/remove/")
    log = entries_about(thing)
    assert [each.sentence.split()[0] for each in log] == ["Removed", "Changed", "Added"]
    assert "@" not in str([(each.sentence, each.changes) for each in log])


def test_a_subscriber_full_of_scripts_does_nothing(desk_of, mailing_list):
    Subscriber.objects.filter(first_name="Ben").update(first_name="<script>alert(1)</script>")
    add_segment(mailing_list, "<img src=x onerror=alert(2)>", "first name contains script")
    ruth = desk_of("ruth")
    for address in (ALL, f"{ALL}{saved().pk}/", f"{ALL}{saved().pk}/people/", f"{ALL}{saved().pk}/remove/"):
        page = ruth.get(address).content
        assert b"<script>alert" not in page
        assert b"<img src=x" not in page
    counted = ruth.post(f"{ALL}{saved().pk}/", {"by": "text", "text": saved().text, "act": "count"}).content
    assert b"<script>alert" not in counted


def test_the_pages_ask_the_same_number_of_queries_with_many_segments(desk_of, mailing_list, ruths_draft):
    ruth = desk_of("ruth")
    add_segment(mailing_list, "Bens", "first name is Ben")
    addresses = (ALL, f"{ALL}{saved().pk}/", f"{ALL}{saved().pk}/people/")
    few = [_queries(ruth, address) for address in addresses]
    for n in range(50):
        made = add_segment(mailing_list, f"Segment {n}", "first name is Ben")
    choose_audience(ruths_draft, AudienceChoice(without_segments=(made.pk,)))
    many = [_queries(ruth, address) for address in addresses]
    assert max(many) <= MOST_QUERIES
    assert [abs(a - b) <= 1 for a, b in zip(few, many, strict=True)] == [True] * 3


def _queries(client, address):
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)
