"""The search of the desk: pages, acts, issues and articles, by what somebody types."""

import pytest

from newsletter.articles.models import Article
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Issue
from newsletter.issues.search_issues import search_issues


def listed(browser, text=""):
    answer = browser.get("/desk/find/list/", {"q": text})
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_word_the_pages_of_the_desk_are_listed(desk_of, ruths_draft):
    found = listed(desk_of("ruth"))
    assert 'href="/desk/"' in found
    assert 'href="/desk/publications/harbour-letter/series/"' in found
    assert "Issues</p>" not in found


def test_an_issue_is_found_by_its_number_and_by_words_of_its_subject(desk_of, ruths_draft):
    set_subject(ruths_draft, "Fifteen years of watching & waiting")
    ruth = desk_of("ruth")
    for text in ("1", "#1", "harbour-letter 1", "watching fifteen", "WAITING"):
        assert 'href="/desk/issues/harbour-letter/1/"' in listed(ruth, text), text
    assert "watching &amp; waiting" in listed(ruth, "waiting")
    assert "/desk/issues/harbour-letter/1/" not in listed(ruth, "watching sixteen")


def test_more_than_six_of_a_kind_lead_to_all_of_them(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    assert "Show all" not in listed(ruth, "tide")
    now = ruths_draft.composed_at
    Issue.objects.bulk_create(
        Issue(publication=ruths_draft.publication, number=number, subject=f"Tide {number}", composed_at=now)
        for number in range(2, 9)
    )
    for page in ("/desk/find/", "/desk/find/list/"):
        shown = ruth.get(page, {"q": "tide"}).content.decode()
        assert 'href="/desk/issues/?q=tide">Show all issues that match</a>' in shown


def test_nothing_found_says_what_to_try(desk_of, ruths_draft):
    assert "Nothing found for “&lt;b&gt;zzz”. Try fewer words" in listed(desk_of("ruth"), "<b>zzz")


def test_every_result_has_an_id_of_its_own_so_that_a_screen_reader_can_follow(desk_of, ruths_draft):
    found = listed(desk_of("ruth"))
    ids = [part.split('"')[0] for part in found.split('id="')[1:]]
    assert len(ids) == len(set(ids)) > 3


def test_the_page_for_browsers_without_scripts_finds_the_same(desk_of, ruths_draft):
    page = desk_of("ruth").get("/desk/find/", {"q": "1"}).content.decode()
    assert 'href="/desk/issues/harbour-letter/1/"' in page
    assert 'value="1"' in page


def test_only_people_with_a_role_find_something(desk_of, ruths_draft):
    assert desk_of("").get("/desk/find/list/").status_code == 302
    assert desk_of("sam").get("/desk/find/list/").status_code == 403


@pytest.mark.parametrize("text", ["", " ", "#", "²", "99999999999999999999", "%", "a" * 5_000, "\x00 1"])
def test_odd_texts_find_little_and_break_nothing(desk_of, ruths_draft, text):
    listed(desk_of("ruth"), text)
    search_issues(text, at_most=3)


@pytest.mark.parametrize(
    "path", ["articles/?q=tide%00s", "issues/?q=%00", "sources/?address=%00", "reports/?before=%00"]
)
def test_a_nul_in_an_address_breaks_no_page(desk_of, ruths_draft, path):
    assert desk_of("ruth").get(f"/desk/{path}").status_code == 200


def test_a_nul_in_a_form_is_dropped(desk_of, ruths_draft):
    page = {"name": "Trust\0ees", "addresses": "tom@example.net"}
    desk_of("ruth").post("/desk/issues/harbour-letter/1/test/group/", page)
    assert "Trustees" in desk_of("ruth").get("/desk/issues/harbour-letter/1/send/").content.decode()


@pytest.mark.parametrize(
    "path", ["/harbour-letter/?q=%00", "/harbour-letter/?q=%%0000", "/desk/start/?token=%00"]
)
def test_a_nul_in_an_address_breaks_no_page_of_readers(client, ruths_draft, path):
    assert client.get(path).status_code < 400


def test_the_number_of_queries_is_the_same_with_one_issue_and_with_many(
    desk_of, ruths_draft, django_assert_max_num_queries
):
    ruth = desk_of("ruth")
    issues = type(ruths_draft).objects
    issues.bulk_create(
        type(ruths_draft)(
            publication=ruths_draft.publication,
            number=number,
            subject=ruths_draft.subject,
            composed_at=ruths_draft.composed_at,
        )
        for number in range(2, 102)
    )
    assert Article.objects.exists()
    with django_assert_max_num_queries(30):
        listed(ruth, ruths_draft.subject.split()[0])


def test_the_components_are_shown_in_debug_mode_only(desk_of, publication, settings):
    ruth = desk_of("ruth")
    assert ruth.get("/desk/components/").status_code == 404
    assert "the desk’s components" not in listed(ruth)
    settings.DEBUG = True
    assert ruth.get("/desk/components/").status_code == 200
    assert "the desk’s components" in listed(ruth)
