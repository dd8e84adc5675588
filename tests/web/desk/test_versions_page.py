"""The versions of an issue in the desk: the list, what differs, restoring, and “Undo”."""

import re

from newsletter.accounts.actor import acting_as
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.issue_version_models import IssueVersion
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue

HERE = "/desk/issues/harbour-letter/1/"
VERSIONS = f"{HERE}versions/"


def text(answer):
    return answer.content.decode()


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", "", text(answer)).split())


def stored():
    return Issue.objects.get(number=1)


def test_the_list_says_what_was_changed_when_and_by_whom(desk_of, people, ruths_draft):
    with acting_as(people["amir"]):
        edit_issue_texts.set_opening(ruths_draft, "Dear reader")
    page = words(desk_of("ruth").get(VERSIONS))
    assert "Changed the introduction. Now" in page
    assert "· amir" in page
    assert "Started the issue with" in page


def test_a_version_shows_what_it_changed_word_by_word_and_with_titles(desk_of, ruths_draft):
    edit_issue_texts.set_opening(ruths_draft, "Dear reader, welcome to spring.")
    edit_issue_texts.set_opening(ruths_draft, "Dear reader, welcome to <summer>.")
    moved = items_to_print(ruths_draft)[3]
    edit_issue_articles.move(ruths_draft, moved.article_id, to=2)
    ruth = desk_of("ruth")
    page = text(ruth.get(f"{VERSIONS}3/"))
    assert '<del><span class="hidden">[removed: </span>spring' in page
    assert '<ins><span class="hidden">[added: </span>&lt;summer&gt;' in page
    assert f"Moved “{moved.article.title}” from position 4 to position 2." in words(ruth.get(f"{VERSIONS}4/"))
    since = words(ruth.get(f"{VERSIONS}2/?with=now"))
    assert "Introduction" in since
    assert "Moved “" in since


def test_a_version_is_restored_and_that_can_be_undone(desk_of, ruths_draft):
    edit_issue_texts.set_opening(ruths_draft, "Dear reader")
    ruth = desk_of("ruth")
    answer = ruth.post(f"{VERSIONS}1/restore/")
    assert (answer.status_code, answer.url) == (303, VERSIONS)
    assert stored().opening == ""
    page = text(ruth.get(VERSIONS))
    assert "Version 1 was restored." in page
    assert f'action="{VERSIONS}3/undo/"' in page
    assert (
        ruth.post(f"{VERSIONS}3/undo/", {"page": "details", "anchor": "opening"}).url
        == f"{HERE}details/#opening"
    )
    assert stored().opening == "Dear reader"


def test_undo_is_refused_with_who_changed_the_same_since(desk_of, people, ruths_draft):
    edit_issue_texts.set_opening(ruths_draft, "Ruth’s")
    with acting_as(people["amir"]):
        edit_issue_texts.set_opening(ruths_draft, "Amir’s")
    answer = desk_of("ruth").post(f"{VERSIONS}2/undo/")
    assert answer.status_code == 409
    assert "amir has changed the same part of the issue again" in text(answer)
    assert stored().opening == "Amir’s"


def test_undo_never_leads_away_from_the_issue(desk_of, ruths_draft):
    edit_issue_texts.set_opening(ruths_draft, "Dear reader")
    answer = desk_of("ruth").post(f"{VERSIONS}2/undo/", {"page": "log-out", "anchor": "//evil.example"})
    assert answer.url == HERE


def test_a_version_that_is_not_there_is_a_page_with_a_sentence(desk_of, ruths_draft):
    answer = desk_of("ruth").get(f"{VERSIONS}99/")
    assert answer.status_code == 404
    assert "Version 99 of" in text(answer)


def test_a_sent_issue_shows_its_versions_and_restores_none(desk_of, ruths_draft):
    edit_issue_texts.set_opening(ruths_draft, "Dear reader")
    Issue.objects.update(state=Issue.State.SENT)
    ruth = desk_of("ruth")
    assert "Restore this version" not in text(ruth.get(f"{VERSIONS}1/"))
    assert ruth.post(f"{VERSIONS}1/restore/").status_code == 409


def test_many_versions_are_read_page_by_page_with_the_same_number_of_queries(
    desk_of, ruths_draft, django_assert_max_num_queries
):
    first = IssueVersion.objects.get()
    more = [
        IssueVersion(
            issue=ruths_draft,
            number=number,
            begun_at=first.at,
            at=first.at,
            sentence=f"Change {number}.",
            snapshot=first.snapshot,
        )
        for number in range(2, 121)
    ]
    IssueVersion.objects.bulk_create(more)
    ruth = desk_of("ruth")
    with django_assert_max_num_queries(25):
        page = text(ruth.get(VERSIONS))
    assert "Change 120." in page
    assert "Change 70." not in page
    assert 'rel="next" href="?before=71"' in page
    assert "Change 70." in text(ruth.get(f"{VERSIONS}?before=71"))
    assert "Started the issue" in text(ruth.get(f"{VERSIONS}?before=21"))
    for odd in ("abc", "-1", "9" * 30, "²"):
        assert ruth.get(VERSIONS, {"before": odd}).status_code == 200
