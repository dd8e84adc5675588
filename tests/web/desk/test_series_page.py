"""The rhythm of a publication at the desk."""

import pytest

from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.models import Series

HERE = "/desk/publications/harbour-letter/series/"
PHRASE = "every Tuesday and Thursday at 07:30"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def series(publication):
    return add_series(publication, PHRASE)


def test_a_publication_without_a_rhythm_says_so(desk_of, publication):
    page = text(desk_of("ruth").get(HERE))
    assert "You have no recurring issues yet" in page
    assert "Add a recurring issue" not in page


def test_a_phrase_is_said_back_with_its_next_five_dates_before_it_is_saved(desk_of, publication):
    ada = desk_of("ada")
    page = text(ada.get(HERE, {"phrase": PHRASE, "mode": "approve"}))
    assert "Every Tuesday and Thursday at 07:30" in page
    for day in ("Tuesday 24 November", "Thursday 26 November", "Tuesday 1 December", "Tuesday 8 December"):
        assert f"{day} 2026, 07:30" in page
    assert not Series.objects.exists()
    assert ada.post(HERE, {"phrase": PHRASE, "mode": "approve"}).url == f"{HERE}#series-new"
    assert Series.objects.get().mode == Series.Mode.APPROVE


def test_a_phrase_that_can_not_be_read_is_a_sentence_and_is_kept(desk_of, publication):
    answer = desk_of("ada").get(HERE, {"phrase": "now and then"})
    assert answer.status_code == 422
    assert "now and then" in text(answer)
    assert 'id="problem-new"' in text(answer)


def test_only_an_administrator_adds_a_rhythm(desk_of, publication):
    assert desk_of("amir").post(HERE, {"phrase": PHRASE}).status_code == 409
    assert not Series.objects.exists()


def test_each_date_says_when_its_issue_is_drafted_for_approval(desk_of, series):
    Series.objects.update(mode=Series.Mode.APPROVE, draft_ahead_minutes=24 * 60)
    assert "drafted on Monday 30 November 2026, 07:30" in text(desk_of("ruth").get(HERE))
    Series.objects.update(draft_ahead_minutes=0)
    assert "drafted on" not in text(desk_of("ruth").get(HERE))


def test_a_series_is_paused_and_goes_on(desk_of, series):
    ruth = desk_of("ruth")
    assert ruth.post(f"{HERE}{series.name}/pause/").url == f"{HERE}#series-{series.name}"
    assert "paused" in text(ruth.get(HERE))
    assert "This recurring issue is paused." in text(ruth.get("/desk/"))
    ruth.post(f"{HERE}{series.name}/resume/")
    assert ruth.post(f"{HERE}{series.name}/resume/").status_code == 409


def test_one_date_is_skipped_and_another_moved(desk_of, series):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}{series.name}/skip/", {"date": "2026-11-24"})
    ruth.post(f"{HERE}{series.name}/move/", {"date": "2026-11-26", "to": "2026-11-27 08:00"})
    page = text(ruth.get(HERE))
    assert "skipped" in page
    assert "Friday 27 November 2026, 08:00" in page
    assert "moved from Thursday 26 November 2026, 07:30" in page
    assert "Next: Friday 27 November 2026, 08:00." in text(ruth.get("/desk/"))


def test_a_date_is_not_moved_into_the_past(desk_of, series):
    answer = desk_of("ruth").post(
        f"{HERE}{series.name}/move/", {"date": "2026-11-24", "to": "2026-11-20 08:00"}
    )
    assert answer.status_code == 409
    assert "has passed" in text(answer)
    assert 'value="2026-11-20 08:00"' in text(answer)


def test_whoever_is_logged_out_or_has_no_role_changes_no_rhythm(desk_of, series):
    for name in ("", "sam"):
        answer = desk_of(name).post(f"{HERE}{series.name}/pause/")
        assert answer.status_code in {302, 403}
    series.refresh_from_db()
    assert series.paused_at is None


def test_a_date_moved_to_an_hour_that_comes_twice_is_chosen_by_a_button(desk_of, series):
    ruth = desk_of("ruth")
    form = {"date": "2026-11-24", "to": "2027-10-31 01:30"}
    answer = ruth.post(f"{HERE}{series.name}/move/", form)
    assert answer.status_code == 409
    assert 'name="to" value="2027-10-31 01:30 BST"' in text(answer)
    assert ruth.post(f"{HERE}{series.name}/move/", form | {"to": "2027-10-31 01:30 BST"}).status_code == 303


def test_a_skipped_date_is_put_back_by_undo(desk_of, series):
    ruth = desk_of("ruth")
    page = text(ruth.post(f"{HERE}{series.name}/skip/", {"date": "2026-11-24"}, follow=True))
    assert f'action="{HERE}{series.name}/restore/"' in page
    ruth.post(f"{HERE}{series.name}/restore/", {"date": "2026-11-24"})
    assert "Next: Tuesday 24 November 2026, 07:30." in text(ruth.get("/desk/"))


def test_a_series_is_changed_with_its_articles_and_keeps_skipped_dates(desk_of, series):
    ada = desk_of("ada")
    ada.post(f"{HERE}{series.name}/skip/", {"date": "2026-11-24"})
    page = text(ada.get(f"{HERE}{series.name}/change/"))
    assert "every Tuesday and Thursday at 07:30" in page
    form = {
        "phrase": PHRASE,
        "mode": "approve",
        "ahead": "48",
        "by": "2",
        "at_most": "4",
        "topic": ["research"],
    }
    assert ada.post(f"{HERE}{series.name}/change/", form).status_code == 303
    series.refresh_from_db()
    assert (series.mode, series.draft_ahead_minutes, series.approve_by_minutes) == ("approve", 48 * 60, 120)
    assert (series.selection["at_most"], series.selection["topics"]) == (4, ["research"])
    assert series.occurrences.get().state == "skipped"
    assert 'value="research" checked' in text(ada.get(f"{HERE}{series.name}/change/"))


def test_a_change_that_cannot_be_read_is_a_sentence_and_is_kept(desk_of, series):
    for wrong in ({"phrase": "now and then"}, {"phrase": PHRASE, "at_most": "999"}, {"phrase": ""}):
        answer = desk_of("ada").post(f"{HERE}{series.name}/change/", wrong)
        assert answer.status_code == 422
        assert "<title>Error: " in text(answer)
    assert Series.objects.get().rrule == series.rrule


def test_a_series_is_removed_after_a_question(desk_of, series):
    ada = desk_of("ada")
    assert "Remove this recurring issue?" in text(ada.get(f"{HERE}{series.name}/remove/"))
    assert Series.objects.exists()
    ada.post(f"{HERE}{series.name}/remove/")
    assert not Series.objects.exists()


def test_only_an_administrator_changes_or_removes_a_series(desk_of, series):
    for act in ("change", "remove"):
        assert desk_of("ruth").post(f"{HERE}{series.name}/{act}/", {"phrase": PHRASE}).status_code == 409
    assert Series.objects.exists()
