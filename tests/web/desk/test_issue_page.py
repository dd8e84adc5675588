"""The page of an issue: what is shown, and what each person may do there."""

import re

import pytest

from newsletter.accounts.actor import acting_as
from newsletter.issues import edit_issue_texts
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection
from newsletter.scheduling.approval import approve
from newsletter.sending.preview_email import preview_of
from newsletter.sending.send_test_emails import current_emails
from subscribers.models import Subscription

PERSONAL = re.compile(r"trial=[^\"]+")  # has the second in which it was made
HERE = "/desk/issues/harbour-letter/1/"


def text(answer):
    return answer.content.decode()


def look(browser, part="send/"):
    return text(browser.get(HERE + part))


def seen(issue):
    return {"seen": current_emails(issue).digest}


@pytest.fixture
def four_eyes(ruths_draft):
    ruths_draft.publication.four_eyes = True
    ruths_draft.publication.save()
    return ruths_draft


def test_an_issue_is_shown_with_its_articles_in_order_and_its_letter_in_a_frame(desk_of, ruths_draft):
    page = look(desk_of("ruth"), "")
    places = [page.index(f'id="entry-article-{item.article_id}"') for item in items_to_print(ruths_draft)]
    assert places == sorted(places)
    assert f'data-frame src="{HERE}email/"' in page
    assert page.count('sandbox="allow-same-origin"') == page.count("<iframe") == 3


def test_what_the_selection_left_out_is_shown_with_the_reason(desk_of, ruths_draft, people):
    assert "Not chosen" not in look(desk_of("ruth"), "")
    with acting_as(people["ruth"]):
        recompose_issue(ruths_draft, selection=Selection(at_most=1))
    page = look(desk_of("ruth"), "")
    others = len(ruths_draft.passed_over)
    assert f"Not chosen ({others})" in page
    assert page.count("the issue is full: at most 1 article in an issue") == others > 0


def test_the_letter_is_as_nobody_gets_it_and_can_do_nothing(desk_of, ruths_draft):
    answer = desk_of("ruth").get(f"{HERE}email/")
    assert "*|" not in text(answer)
    assert PERSONAL.sub("", text(answer)) == PERSONAL.sub("", preview_of(ruths_draft).email.html)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy


def test_an_address_where_no_issue_is_gets_a_page_of_the_desk(desk_of, ruths_draft):
    for number in ("2", "123456789012345"):
        answer = desk_of("ruth").get(f"/desk/issues/harbour-letter/{number}/")
        assert answer.status_code == 404
        assert "Go to Home" in text(answer)


def test_an_approver_approves_the_letter_that_they_saw(desk_of, ruths_draft):
    amir = desk_of("amir")
    assert "Approve this issue" in look(amir)
    assert amir.post(f"{HERE}approve/", seen(ruths_draft)).url == f"{HERE}send/#approve"
    page = look(amir)
    assert "The issue was approved. Only this version can be sent." in page
    assert "Approved by amir" in page
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "approved"


def test_it_is_said_before_a_time_is_set_what_another_day_changes(desk_of, ruths_draft):
    amir = desk_of("amir")
    assert "If you send the issue on a different day, only the date in the email changes." not in look(amir)
    amir.post(f"{HERE}approve/", seen(ruths_draft))
    assert "If you send the issue on a different day, only the date in the email changes." in look(amir)


def test_the_log_shows_old_and_new_values(desk_of, ruths_draft, people):
    with acting_as(people["ruth"]):
        edit_issue_texts.set_subject(ruths_draft, "Another subject")
    assert "→ Another subject" in text(desk_of("amir").get("/desk/audit/"))


def test_a_letter_that_changed_while_it_was_read_is_not_approved(desk_of, ruths_draft):
    before = seen(ruths_draft)
    edit_issue_texts.set_subject(ruths_draft, "Another subject")
    answer = desk_of("amir").post(f"{HERE}approve/", before)
    assert answer.status_code == 409
    assert "changed after you opened it" in text(answer)
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"


def test_an_editor_is_told_who_approves_and_can_not_by_a_forged_form(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    page = look(ruth)
    assert 'disabled aria-describedby="why-not-approve">Approve this issue' in page
    assert "Only an approver can approve an issue. amir is one. You are an editor." in page
    for act in ("approve", "withdraw", "send/now"):
        assert ruth.post(f"{HERE}{act}/").status_code == 409
    ruths_draft.refresh_from_db()
    assert ruths_draft.state == "draft"
    assert not ruths_draft.approvals.exists()


def test_where_a_second_person_is_asked_for_nobody_approves_their_own(desk_of, people, four_eyes):
    with acting_as(people["ada"]):
        edit_issue_texts.set_subject(four_eyes, "Ada's subject")
    ada = desk_of("ada")
    page = look(ada)
    assert "ada worked on issue 1 of The Harbour Letter" in page
    assert "somebody else must approve this one" in page
    assert ada.post(f"{HERE}approve/", seen(four_eyes)).status_code == 409
    four_eyes.refresh_from_db()
    assert four_eyes.state == "draft"
    assert desk_of("amir").post(f"{HERE}approve/", seen(four_eyes)).status_code == 303


def test_an_approval_is_taken_back(desk_of, ruths_draft):
    approve(ruths_draft)
    amir = desk_of("amir")
    assert amir.post(f"{HERE}withdraw/").url == f"{HERE}send/#approve"
    assert "amir withdrew the approval." in look(amir)


def test_whoever_approves_anew_reads_what_changed(desk_of, people, ruths_draft):
    with acting_as(people["amir"]):
        approve(ruths_draft)
    was = ruths_draft.subject
    with acting_as(people["ruth"]):
        edit_issue_texts.set_subject(ruths_draft, "Another subject")
    page = look(desk_of("amir"))
    assert "Changed since approval" in page
    assert f"The subject changed from “{was}” to “Another subject”." in page
    assert "Approve this issue" in page


def test_articles_are_moved_pinned_dropped_and_taken_back(desk_of, ruths_draft):
    ruth = desk_of("ruth")

    def order():
        return [item.article_id for item in items_to_print(ruths_draft)]

    first, second, *_ = order()
    assert ruth.post(f"{HERE}articles/{second}/", {"act": "lead"}).url == f"{HERE}#entry-article-{second}"
    assert order()[0] == second
    ruth.post(f"{HERE}articles/{first}/", {"act": "pin"})
    assert ruths_draft.items.get(article=first).pinned
    ruth.post(f"{HERE}articles/{first}/", {"act": "drop"})
    assert first not in order()
    ruth.post(f"{HERE}articles/{first}/", {"act": "restore"})
    assert first in order()
    last = order()[-1]
    ruth.post(f"{HERE}move/", {"key": f"article:{last}", "by": "up"})
    assert order()[-2] == last
    ruth.post(f"{HERE}move/", {"key": f"article:{last}", "by": "down"})
    assert order()[-1] == last


def test_an_unknown_act_is_a_sentence(desk_of, ruths_draft):
    article = items_to_print(ruths_draft)[0].article_id
    assert desk_of("ruth").post(f"{HERE}articles/{article}/", {"act": "explode"}).status_code == 422


def test_looking_changes_nothing(desk_of, ruths_draft):
    before = list(ruths_draft.__class__.objects.values()), ruths_draft.audit.count()
    ada = desk_of("ada")
    for page in ("", "details/", "review/", "send/", "preview/", "email/", "send/now/", "cancel/"):
        assert ada.get(HERE + page).status_code == 200
    for act in ("approve", "withdraw", "schedule", "unschedule", "texts", "mailing/pause", "mailing/retry"):
        assert ada.get(f"{HERE}{act}/").status_code == 303
    assert (list(ruths_draft.__class__.objects.values()), ruths_draft.audit.count()) == before


@pytest.mark.parametrize(
    ("act", "page"),
    [
        ("approve/", "send/"),
        ("schedule/", "send/"),
        ("mailing/pause/", "send/"),
        ("texts/", "details/"),
        ("pictures/", ""),
        ("articles/1/", ""),
    ],
)
def test_the_address_of_an_act_leads_to_the_page_where_it_is_offered(desk_of, ruths_draft, act, page):
    answer = desk_of("ada").get(HERE + act)
    assert (answer.status_code, answer.url) == (303, HERE + page)


def test_other_methods_than_an_address_answers_are_refused(desk_of, ruths_draft):
    answer = desk_of("ada").put(f"{HERE}approve/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_an_issue_is_cancelled_after_a_question(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    assert "Cancel this issue?" in text(ruth.get(f"{HERE}cancel/"))
    assert ruth.post(f"{HERE}cancel/").url == f"{HERE}send/#state"
    page = look(ruth)
    assert "Cancelled" in page
    assert "Approve this issue" not in page
    assert ruth.post(f"{HERE}cancel/").status_code == 409


def test_the_email_is_shown_as_somebody_at_random_or_made_up(desk_of, ruths_draft, amara):
    Issue.objects.update(opening="Dear {{ first_name }}")
    ruth = desk_of("ruth")
    led = ruth.get(f"{HERE}email/random/")
    assert led.url == f"{HERE}preview/?as={Subscription.objects.get().pk}"
    page = ruth.get(f"{HERE}preview/?as=without-name").content.decode()
    assert "This is what <bdi>a made-up person without a first name</bdi> would see" in page
    assert f'href="{HERE}email/random/"' in page
    assert "[first name missing" in ruth.get(f"{HERE}email/?as=without-name").content.decode()
    assert "[first name missing" not in ruth.get(f"{HERE}email/").content.decode()
    assert ruth.get(f"{HERE}email/?as=segment-999999999").status_code == 404
    assert ruth.get(f"{HERE}email/?as=language-pl!").status_code == 404
    assert ruth.get(f"{HERE}email/?as=language-pl").status_code == 200
