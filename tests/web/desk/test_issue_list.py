"""The list of issues, and the three ways to begin a new one."""

import pytest
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.first_run.publication_details import save_details
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.edit_issue_texts import set_opening
from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from tests.first_run.typed import details

NEW = "/desk/issues/new/"


def text(answer):
    return answer.content.decode()


def main(answer):
    return text(answer).partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def many(publication, people):
    """Seventy issues, the newest of which are drafts."""
    now = timezone.now()
    states = [Issue.State.SENT] * 50 + [Issue.State.CANCELLED] * 10 + [Issue.State.DRAFT] * 10
    Issue.objects.bulk_create(
        Issue(publication=publication, number=number, state=state, subject=f"Tides {number}", composed_at=now)
        for number, state in enumerate(states, start=1)
    )


def test_without_an_issue_the_list_says_how_to_begin(desk_of, publication):
    page = text(desk_of("ruth").get("/desk/issues/"))
    assert "No issues yet" in page
    assert f'href="{NEW}"' in page


def test_without_a_publication_the_list_leads_to_the_first_run(desk_of):
    assert 'href="/desk/start/"' in text(desk_of("ada").get("/desk/issues/"))
    assert desk_of("ada").get(NEW).url == "/desk/start/"


def test_the_list_gives_a_state_the_same_name_as_the_issue_itself(desk_of, people, ruths_draft):
    """An issue that can still be undone was “Scheduled” in the list and “Sending soon” everywhere else."""
    amir = desk_of("amir")
    with acting_as(people["amir"]):
        approve(ruths_draft)
    amir.post("/desk/issues/harbour-letter/1/send/now/")
    pages = [main(amir.get(path)) for path in ("/desk/issues/", "/desk/issues/harbour-letter/1/", "/desk/")]
    assert ["Sending soon</span>" in page for page in pages] == [True, True, True]


def test_the_list_goes_from_page_to_page_and_back_without_losing_or_repeating_an_issue(desk_of, many):
    ruth = desk_of("ruth")
    seen, path, pages = [], "/desk/issues/", []
    for _ in range(3):
        pages.append(path)
        page = main(ruth.get(path))
        seen += [number for number in range(70, 0, -1) if f"Tides {number}</a>" in page]
        path = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        path = path or ""
    assert path == ""
    assert seen == list(range(70, 0, -1))
    back = main(ruth.get(pages[2])).partition('rel="prev" href="')[2].partition('"')[0]
    assert "Tides 40</a>" in main(ruth.get(back))
    assert "Tides 11</a>" in main(ruth.get(back))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("state=open", range(61, 71)),
        ("state=cancelled", range(51, 61)),
        ("q=tides+7", [7, *range(70, 71)]),
        ("q=%2342", [42]),
        ("q=nothing", []),
        ("state=scheduled", []),
        ("state=sent&q=tides+49", [49]),
        ("publication=nobody&state=open", range(61, 71)),
        ("before=abc&after=-1&state=open", range(61, 71)),
        ("before=99999999999999999999&state=open", range(61, 71)),
    ],
)
def test_state_and_words_are_filters(desk_of, many, query, numbers):
    page = main(desk_of("ruth").get(f"/desk/issues/?{query}"))
    shown = {number for number in range(1, 71) if f"Tides {number}</a>" in page}
    assert set(numbers) <= shown
    if query != "q=tides+7":
        assert shown == set(numbers)


def test_one_publication_can_be_looked_at_alone(desk_of, many, publication, people):
    draft_empty(save_details(details()))
    page = main(desk_of("ruth").get("/desk/issues/?publication=harbour-news"))
    assert "Harbour News 1</a>" in page
    assert "Tides" not in page


def test_long_titles_are_clamped(desk_of, publication, people):
    Issue.objects.create(publication=publication, number=1, subject="x" * 300, composed_at=timezone.now())
    assert 'class="two-lines"' in main(desk_of("ruth").get("/desk/issues/"))


def test_what_would_come_in_is_shown_before_anything_is_made(desk_of, publication, people):
    ruth = desk_of("ruth")
    page = text(ruth.get(NEW, {"at_most": "3", "publication": "harbour-letter"}))
    assert "3 articles would be in this issue" in page
    assert not Issue.objects.exists()
    ruth.post(NEW, {"how": "latest", "at_most": "3", "publication": "harbour-letter"})
    issue = Issue.objects.get()
    assert issue.items.count() == 3
    for item in issue.items.all():
        assert item.article.title.split(":")[0] in page.replace("&#39;", "'")


def test_the_list_comes_on_its_own_with_scripts(desk_of, publication, people):
    ruth = desk_of("ruth")
    assert 'hx-trigger="load"' in text(ruth.get(NEW))
    part = ruth.get("/desk/issues/new/articles/?at_most=2&topic=research", headers={"hx-request": "true"})
    assert "2 articles would be in this issue" in text(part)
    assert "<html" not in text(part)
    assert ruth.get("/desk/issues/new/articles/?at_most=2").url == f"{NEW}?at_most=2"


def test_topics_and_sources_choose_the_articles(desk_of, publication, people):
    ruth = desk_of("ruth")
    form = {"how": "latest", "topic": "research", "source": "harbour-articles", "at_most": "12"}
    assert ruth.post(NEW, form).url == "/desk/issues/harbour-letter/1/"
    articles = [item.article for item in Issue.objects.get().items.select_related("article__source")]
    assert articles
    assert all("research" in article.topics for article in articles)
    assert {article.source.name for article in articles} == {"harbour-articles"}


@pytest.mark.parametrize("number", ["0", "201", "many", "-1", "1e3", "9" * 50])
def test_a_number_that_is_none_is_a_sentence_and_makes_nothing(desk_of, publication, people, number):
    answer = desk_of("ruth").post(NEW, {"how": "latest", "at_most": number})
    assert answer.status_code == 422
    assert "whole number from 1 to 200" in text(answer)
    assert f'value="{number}"' in text(answer)
    assert not Issue.objects.exists()


def test_no_new_article_is_a_sentence(desk_of, ruths_draft):
    answer = desk_of("ruth").post(NEW, {"how": "latest"})
    assert answer.status_code == 409
    assert "We did not find any new articles since issue 1" in text(answer)


def test_an_issue_like_an_earlier_one(desk_of, ruths_draft, people):
    set_opening(ruths_draft, "Dear readers")
    answer = desk_of("ruth").post(NEW, {"how": "like", "like": "1"})
    assert answer.url == "/desk/issues/harbour-letter/2/"
    issue = Issue.objects.get(number=2)
    assert (issue.opening, issue.items.count()) == ("Dear readers", 0)


@pytest.mark.parametrize(("like", "status"), [("99", 404), ("", 422), ("x", 422), ("9" * 40, 422)])
def test_an_earlier_issue_that_is_none_is_a_sentence(desk_of, ruths_draft, like, status):
    answer = desk_of("ruth").post(NEW, {"how": "like", "like": like})
    assert answer.status_code == status
    assert Issue.objects.count() == 1


def test_an_empty_issue_can_be_undone(desk_of, publication, people):
    ruth = desk_of("ruth")
    answer = ruth.post(NEW, {"how": "empty"}, follow=True)
    assert "We drafted an empty issue." in text(answer)
    assert 'action="/desk/issues/harbour-letter/1/cancel/"' in text(answer)
    ruth.post("/desk/issues/harbour-letter/1/cancel/")
    assert Issue.objects.get().state == Issue.State.CANCELLED


def test_an_unknown_way_is_a_sentence(desk_of, publication, people):
    assert desk_of("ruth").post(NEW, {"how": "magic"}).status_code == 422


def test_strangers_make_nothing(desk_of, publication, people):
    for name in ("", "sam"):
        assert desk_of(name).post(NEW, {"how": "empty"}).status_code in {302, 403}
    assert not Issue.objects.exists()


def test_the_audit_log_says_how_the_issue_began(desk_of, ruths_draft, people):
    with acting_as(people["ruth"]):
        desk_of("ruth").post(NEW, {"how": "like", "like": "1"})
    assert (
        Issue.objects.get(number=2).audit.get(act="compose").sentence
        == "Composed the issue in the same way as issue 1."
    )


def test_nothing_is_searched_or_filtered_before_there_is_an_issue(desk_of, publication):
    empty = main(desk_of("ruth").get("/desk/issues/"))
    assert "No issues yet" in empty
    assert 'type="search"' not in empty
    assert 'type="search"' in main(desk_of("ruth").get("/desk/issues/?q=tide"))
