"""Choosing who receives an issue at the desk: the number before it is saved, the names after, and two at once."""

import re

import pytest
import time_machine
from lxml import html

from newsletter.issues.audience_choice import AudienceChoice, choice_from_json
from newsletter.issues.models import Issue, PastedList, Publication
from newsletter.issues.saved_segments import add_segment
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from newsletter.scheduling.draft_occurrences import draft_next_occurrence
from newsletter.scheduling.series_names import find_series
from newsletter.sending.audience import audience_size
from subscribers.models import Subscriber, Subscription

REVIEW = "/desk/issues/harbour-letter/1/review/"
CHOOSE = f"{REVIEW}audience/choose/"
COUNT = {"act": "count"}
EVERY = "/desk/settings/publications/harbour-letter/audience/"


def text(answer):
    return re.sub(r"\s+", " ", html.fromstring(answer.content).text_content())


@pytest.fixture
def readers(ruths_draft):
    """Amara, and two more on the list, whose first names are Ben and Cem."""
    for name in ("ben", "cem"):
        one = Subscriber.objects.create(
            address=f"{name}@example.org", address_key=f"{name}@example.org", first_name=name.title()
        )
        Subscription.objects.create(
            subscriber=one, list=ruths_draft.publication.mailing_list, state=Subscription.State.ACTIVE
        )
    return add_segment(ruths_draft.publication.mailing_list, "Bens", "first name is Ben")


def seen_in(page):
    return re.search(r'name="seen" value="([^"]*)"', page.content.decode())[1]


def test_the_number_before_saving_is_that_of_the_people_who_receive_it_after(desk_of, readers, ruths_draft):
    ruth = desk_of("ruth")
    page = ruth.get(CHOOSE)
    assert "Everybody on the list" in text(page)
    form = {"whose": "own", "segment": readers.pk, "seen": seen_in(page)}
    counted = ruth.post(CHOOSE, form | COUNT)
    assert "This audience now has 1 person." in text(ruth.post(CHOOSE, form, HTTP_HX_REQUEST="true"))
    assert "This audience now has 1 person." in text(counted)
    assert Issue.objects.get().audience is None
    without = {"whose": "own", "pasted": "Ben <BEN@example.org>", "seen": seen_in(page)}
    assert "This audience now has 2 people." in text(ruth.post(CHOOSE, without | COUNT))
    saved = ruth.post(CHOOSE, without, follow=True)
    assert "without 1 pasted address of" in text(saved)
    assert audience_size(Issue.objects.get()) == 2
    names = text(ruth.get(f"{REVIEW}people/receives/"))
    assert "cem@example.org" in names
    assert "ben@example.org" not in names
    assert "ben@example.org" in text(ruth.get(f"{REVIEW}people/not-chosen/"))


def test_two_pasted_lists_of_a_day_have_different_names(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    with time_machine.travel("2026-11-29T09:05:07Z", tick=False) as clock:
        for seconds in (0, 21):
            clock.shift(seconds)
            page = ruth.get(CHOOSE)
            before = re.findall(r'name="without_pasted" value="(\d+)"', page.content.decode())
            form = {
                "whose": "own",
                "pasted": "ben@example.org",
                "seen": seen_in(page),
                "without_pasted": before,
            }
            saved = ruth.post(CHOOSE, form, follow=True)
    times = re.findall(r"1 pasted address of 29 November 2026, (\d\d:\d\d:\d\d)", text(saved))
    assert len(set(times)) == 2
    assert {each[-5:] for each in times} == {"05:07", "05:28"}


def test_what_was_typed_is_shown_again_beside_what_is_wrong(desk_of, readers):
    ruth = desk_of("ruth")
    typed = {"whose": "own", "without_days": "never", "pasted": "dora@"}
    answer = ruth.post(CHOOSE, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Enter a number of days from 1 to 366" in page
    assert "dora@</textarea>" in page
    assert 'id="without_days" name="without_days" value="never"' in page


def hidden_in(page):
    form = html.fromstring(page.content).xpath("//form[@id='audience-form']")[0]
    return {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}


def test_an_older_window_of_the_same_person_does_not_replace_what_the_newer_one_saved(
    desk_of, readers, ruths_draft
):
    older, newer = desk_of("ruth"), desk_of("ruth")
    opened = [hidden_in(window.get(CHOOSE)) for window in (older, newer)]
    first = {"whose": "own", "pasted": "ben@example.org"} | opened[1]
    assert newer.post(CHOOSE, first).status_code == 303

    refused = older.post(CHOOSE, {"whose": "own", "pasted": "cem@example.org"} | opened[0])

    assert refused.status_code == 409
    assert "You changed the audience in another window" in text(refused)
    assert "without 1 pasted address" in text(refused)
    assert "cem@example.org</textarea>" in refused.content.decode()
    assert audience_size(Issue.objects.get()) == 2
    again = {"whose": "own", "pasted": "cem@example.org", "without_pasted": PastedList.objects.get().pk}
    assert older.post(CHOOSE, again | hidden_in(older.get(CHOOSE))).status_code == 303
    assert audience_size(Issue.objects.get()) == 1


def test_the_issue_can_go_back_to_the_audience_of_every_issue(desk_of, readers):
    ruth = desk_of("ruth")
    ruth.post(CHOOSE, {"whose": "own", "segment": readers.pk})
    assert choice_from_json(Issue.objects.get().audience) == AudienceChoice(segment=readers.pk)
    ruth.post(CHOOSE, {"whose": "every", "segment": readers.pk})
    assert Issue.objects.get().audience is None


@pytest.mark.parametrize(
    "changed", [{"without_days": "3"}, {"pasted": "ben@example.org"}, {"segment": "bens"}]
)
def test_a_choice_that_would_not_count_is_refused_and_kept(desk_of, readers, changed):
    ruth, words = (
        desk_of("ruth"),
        "You made changes below, but they have no effect while “The same as for every issue”",
    )
    typed = {"whose": "every", "segment": "", "without_days": "", "pasted": ""} | changed
    if "segment" in changed:
        typed["segment"] = str(readers.pk)
    answer = ruth.post(CHOOSE, typed)
    assert answer.status_code == 422
    page = html.fromstring(answer.content)
    assert words in page.xpath("string(//*[@id='whose-error'])")
    assert page.xpath("//a[@href='#whose']")
    assert page.xpath("//input[@id='whose-every']/@checked")
    shown = dict(page.xpath("//form[@id='audience-form']")[0].form_values())
    assert {name: shown[name].strip() for name in typed} == typed
    assert Issue.objects.get().audience is None
    saved = ruth.post(CHOOSE, typed | {"set_aside": "yes"}, follow=True)
    assert "The issue will be sent to everybody on the list" in text(saved)


def test_an_issue_does_not_silently_take_the_segment_of_every_issue(desk_of, readers):
    Publication.objects.update(audience={"segment": readers.pk})
    ruth = desk_of("ruth")
    assert ruth.post(CHOOSE, {"whose": "every", "segment": ""}).status_code == 422
    assert ruth.post(CHOOSE, {"whose": "every", "segment": readers.pk}).status_code == 303


def test_a_recurring_issue_does_not_drop_a_segment_that_would_not_count(desk_of, readers, publication):
    add_series(publication, "every Tuesday at 07:30", name="weekly")
    page = "/desk/publications/harbour-letter/series/weekly/change/"
    form = {"phrase": "every Tuesday at 07:30", "whose": "every", "segment": readers.pk, "mode": "draft"}
    answer = desk_of("ada").post(page, form)
    assert answer.status_code == 422
    assert "Select “Only for these issues” to use these changes" in text(answer)
    assert find_series("weekly").audience is None


def test_an_audience_that_a_colleague_chose_meanwhile_is_not_overwritten_unseen(desk_of, readers):
    ruth, amir = desk_of("ruth"), desk_of("amir")
    seen = seen_in(amir.get(CHOOSE))
    ruth.post(CHOOSE, {"whose": "own", "segment": readers.pk})
    answer = amir.post(CHOOSE, {"whose": "own", "without_days": "3", "seen": seen})
    assert answer.status_code == 409
    assert "ruth has changed this issue since you opened the page" in text(answer)
    assert choice_from_json(Issue.objects.get().audience).segment == readers.pk


def test_a_change_of_an_approved_issue_asks_before_it_ends_the_approval(desk_of, readers, people):
    approve(Issue.objects.get())
    ruth = desk_of("ruth")
    asked = ruth.post(CHOOSE, {"whose": "own", "segment": readers.pk})
    assert asked.status_code == 409
    assert "If you make this change" in text(asked)
    assert Issue.objects.get().audience is None


def test_a_recurring_issue_gives_its_segment_to_the_issues_that_it_drafts(desk_of, readers, publication):
    add_series(publication, "every Tuesday at 07:30", name="weekly")
    ada, page = desk_of("ada"), "/desk/publications/harbour-letter/series/weekly/change/"
    form = {"phrase": "every Tuesday at 07:30", "whose": "own", "segment": str(readers.pk), "mode": "draft"}
    assert b"Bens" in ada.get(page).content
    assert ada.post(page, form).status_code == 303
    series = find_series("weekly")
    assert choice_from_json(series.audience) == AudienceChoice(segment=readers.pk)
    Issue.objects.all().delete()  # so that its articles are free for the next one
    with time_machine.travel(series.next_check_at):
        assert draft_next_occurrence()
    drafted = series.occurrences.get(issue__isnull=False).issue
    assert choice_from_json(drafted.audience) == AudienceChoice(segment=readers.pk)
    ada.post(page, form | {"whose": "every"})
    assert find_series("weekly").audience is None


def test_a_recurring_issue_leaves_out_the_same_people_as_an_issue_can(desk_of, readers, publication):
    add_series(publication, "every Tuesday at 07:30", name="weekly")
    ada, page = desk_of("ada"), "/desk/publications/harbour-letter/series/weekly/change/"
    form = {"phrase": "every Tuesday at 07:30", "whose": "own", "mode": "draft", "without_days": "3"}
    form |= {"without_segments": [str(readers.pk)], "pasted": "bea@example.org"}
    wrong = ada.post(page, form | {"without_days": "900"})
    assert wrong.status_code == 422
    assert "Enter a number of days from 1 to 366" in text(wrong)
    assert "bea@example.org" in text(wrong)
    counted = ada.post(page, form | {"act": "count"})
    assert "This audience now has" in text(counted)
    assert find_series("weekly").audience is None
    assert ada.post(page, form).status_code == 303
    choice = choice_from_json(find_series("weekly").audience)
    [pasted] = PastedList.objects.all()
    assert choice == AudienceChoice(
        without_segments=(readers.pk,), without_days=3, without_pasted=(pasted.pk,)
    )
    assert "1 pasted address" in text(ada.get(page))
    assert "without the segment “Bens”" in text(ada.get("/desk/publications/harbour-letter/series/"))
    Issue.objects.all().delete()
    with time_machine.travel(find_series("weekly").next_check_at):
        assert draft_next_occurrence()
    drafted = find_series("weekly").occurrences.get(issue__isnull=False).issue
    assert choice_from_json(drafted.audience) == choice
    keep = {"phrase": "every Friday at 07:30", "mode": "draft"}
    assert ada.post(page, keep).status_code == 303
    assert choice_from_json(find_series("weekly").audience) == choice


@pytest.mark.parametrize("large", [False, True])
def test_send_and_its_question_name_the_audience_and_lead_to_its_form(
    desk_of, readers, people, monkeypatch, large
):
    if large:
        monkeypatch.setattr("newsletter.sending.audience.LARGE", 1)
    ruth, send = desk_of("ruth"), REVIEW.replace("review/", "send/")
    ruth.post(CHOOSE, {"whose": "own", "segment": readers.pk, "without_days": "3"})
    approve(Issue.objects.get())
    whom = "the segment “Bens” of the list “The Harbour Letter”, without people who were sent an email in"
    for page in (ruth.get(send), ruth.get(f"{send}now/")):
        assert f"{whom} the last 3 days" in text(page).replace("The segment", "the segment")
        link = html.fromstring(page.content).xpath("//main//a[.='Choose who receives the issue']/@href")
        assert link == [CHOOSE]
    assert f"The issue will be sent to {whom} the last 3 days" in text(ruth.get(f"{send}now/"))


def test_send_says_that_nobody_is_in_the_audience(desk_of, ruths_draft):
    empty = add_segment(ruths_draft.publication.mailing_list, "Zoes", "first name is Zoe")
    ruth = desk_of("ruth")
    ruth.post(CHOOSE, {"whose": "own", "segment": empty.pk})
    page = text(ruth.get(REVIEW.replace("review/", "send/")))
    assert "because the segment “Zoes” has no members. Choose another audience." in page
    assert "has no active subscribers" not in page


def test_an_issue_is_not_approved_for_readers_whom_the_page_did_not_show(desk_of, readers):
    ruth, amir = desk_of("ruth"), desk_of("amir")
    send = REVIEW.replace("review/", "send/")
    page = amir.get(send).content.decode()
    shown = {"audience": re.search(r'name="audience" value="([^"]+)"', page)[1]}
    ruth.post(CHOOSE, {"whose": "own", "segment": readers.pk})
    refused = amir.post(send.replace("send/", "approve/"), shown)
    assert "Somebody has changed who receives issue 1" in text(refused)
    assert Issue.objects.get().state == Issue.State.DRAFT


def test_the_audience_of_every_issue_is_not_overwritten_unseen(desk_of, readers):
    ada = desk_of("ada")
    seen = seen_in(ada.get(EVERY))
    first = ada.post(EVERY, {"segment": readers.pk, "seen": seen}, follow=True)
    assert "the segment “Bens” of the list" in text(first)
    second = ada.post(EVERY, {"without_days": "3", "seen": seen})
    assert second.status_code == 409
    assert "Somebody else has changed these settings" in text(second)
    assert choice_from_json(Publication.objects.get().audience) == AudienceChoice(segment=readers.pk)


def test_the_audience_of_every_issue_counts_and_is_undone(desk_of, readers):
    ada = desk_of("ada")
    assert "This audience now has 1 person." in text(ada.post(EVERY, {"segment": readers.pk, "act": "count"}))
    saved = ada.post(EVERY, {"segment": readers.pk}, follow=True)
    change = re.search(r'name="change" value="(\d+)"', saved.content.decode())[1]
    ada.post("/desk/settings/publications/harbour-letter/undo/", {"change": change})
    assert Publication.objects.get().audience is None
