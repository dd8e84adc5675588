"""Which of a source's corrections keep their rows. The review board may have answered a question with one."""

from datetime import UTC, date, datetime, timedelta

from pytest import fixture, mark

from newsletter.articles.incoming_article import Amendment
from newsletter.articles.models import Article, Correction, Source
from newsletter.articles.write_corrections import KEPT_FOR, MOST_KEPT, new_corrections, rewrite_corrections

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
pytestmark = mark.django_db
TWELVE, QUAY, NURSE = "It was 12, not 21.", "The quay is in Leith.", "He is a nurse."
OTHER_MISTAKE = "A totally different mistake about the date of birth."


@fixture
def article():
    source = Source.objects.create(name="charity", kind="feed", location="https://charity.example/feed")
    address = "https://charity.example/1"
    return Article.objects.create(source=source, url=address, identity=address, title="Piece", found_at=NOW)


def given(*corrections):
    return [Amendment(corrected_on=date(2026, 10, day), text=text) for day, text in corrections]


def rewritten(article, *corrections):
    """Store what the source gives, and return the rows by what they say."""
    rewrite_corrections(Article.objects.get(pk=article.pk), given(*corrections), LATER)
    return {(it.corrected_on.day, it.text): it for it in article.corrections.all()}


# What was stored, what is given, and for each that is given, which of those stored it is.
CASES = {
    "one was removed and the other reworded on the same day": (
        [(5, TWELVE), (5, QUAY)],
        [(5, "The quay is in Granton.")],
        [1],
    ),
    "day and words have changed at once": ([(5, TWELVE)], [(6, "It was 13, not 21.")], [0]),
    "the day alone has changed": ([(5, NURSE)], [(9, NURSE)], [0]),
    "words were added": (
        [(5, "The year was wrong.")],
        [(5, "The year was wrong. It is 1971, and the study was about 40 men, not 400.")],
        [0],
    ),
    "a text without spaces was reworded": ([(5, "剂量是五毫克。")], [(5, "剂量是五十毫克。")], [0]),
    "all have changed": (
        [(5, TWELVE), (5, QUAY), (7, NURSE)],
        [(5, "The quay is in Granton."), (5, "It was 13, not 21."), (8, NURSE)],
        [1, 0, 2],
    ),
    "two have changed places": ([(5, TWELVE), (6, QUAY)], [(5, QUAY), (6, TWELVE)], [1, 0]),
    "the nearest of two equal ones": ([(5, NURSE), (9, NURSE)], [(8, NURSE)], [1]),
    "one was split into two": (
        [(5, QUAY)],
        [(5, "The quay is in Granton."), (5, "The quay is in Fife.")],
        None,
    ),
    "a different mistake on the same day": ([(5, "The dose was wrong.")], [(5, OTHER_MISTAKE)], [None]),
    "a different mistake in the usual words": (
        [(5, "The article said that the dose was 5 mg. It is 50 mg.")],
        [(5, "The article said that the study was done in 1990. It was done in 1991.")],
        [None],
    ),
    "no words at all": ([(5, "!")], [(5, "?")], [None]),
}


@mark.parametrize("case", CASES, ids=str)
def test_a_correction_keeps_its_row_if_its_source_changes_its_words_or_its_day(article, case):
    before, after, same = CASES[case]
    stored = new_corrections(article, given(*before), NOW)
    for each in stored:
        each.save()
    rows = rewritten(article, *after)
    assert set(rows) == set(after)
    numbers = {each.pk: place for place, each in enumerate(stored)}
    found = [numbers.get(rows[each].pk) for each in after]
    if same is None:
        assert sorted(found, key=str) == [0, None], "one row stays, and the other is new"
    else:
        assert found == same


def test_only_a_changed_correction_says_when_it_changed(article):
    for each in new_corrections(article, given((5, TWELVE), (5, QUAY)), NOW):
        each.save()
    rows = rewritten(article, (5, TWELVE), (5, "The quay is in Granton."), (6, OTHER_MISTAKE))
    assert {text: (it.found_at, it.changed_at) for (_day, text), it in rows.items()} == {
        TWELVE: (NOW, None),
        "The quay is in Granton.": (NOW, LATER),
        OTHER_MISTAKE: (LATER, None),
    }


def test_a_correction_that_an_editor_made_is_not_the_sources_to_change(article):
    made = article.corrections.create(corrected_on=date(2026, 10, 5), text=TWELVE, made_at=NOW)
    rows = rewritten(article, (5, "It was 13, not 21."))
    assert rows[5, TWELVE] == made
    assert set(rows) == {(5, TWELVE), (5, "It was 13, not 21.")}


BACK = {
    "as it was": (TWELVE, TWELVE, NOW, None),
    "in other words": (TWELVE, "It was 13, not 21.", NOW, LATER),
    "about something else": (TWELVE, OTHER_MISTAKE, LATER, None),
}


@mark.parametrize("case", BACK, ids=str)
def test_a_correction_that_its_source_left_out_for_some_time_keeps_its_row(article, case):
    before, after, found_at, changed_at = BACK[case]
    [stored] = new_corrections(article, given((5, before)), NOW)
    stored.save()
    assert rewritten(article) == {}
    assert not Correction.objects.exists()
    stored.refresh_from_db()
    assert stored.gone_at == LATER
    for _twice in range(2):
        [back] = rewritten(article, (5, after)).values()
        assert (back.pk == stored.pk) == (found_at == NOW)
        assert (back.found_at, back.changed_at, back.gone_at) == (found_at, changed_at, None)


def test_corrections_that_their_source_no_longer_gives_do_not_pile_up(article):
    for each in range(MOST_KEPT + 10):
        rewritten(article, (5, f"{each} {each * 7} {each * 11}"))
    rewritten(article)
    rewritten(article, (6, TWELVE))
    assert Correction.with_gone.count() == MOST_KEPT + 1
    rewrite_corrections(article, given((6, NURSE)), LATER + KEPT_FOR + timedelta(days=1))
    assert {it.text for it in Correction.with_gone.all()} == {TWELVE, NURSE}


def test_hundreds_of_changed_corrections_are_compared_with_few(article):
    before = [(5, f"Number {each} is wrong, of {each}.") for each in range(200)]
    article.corrections.bulk_create(new_corrections(article, given(*before), NOW))
    after = [(6, f"Number {each} is bad, of {each}.") for each in range(200)]
    rows = rewritten(article, *after)
    assert set(rows) == set(after)
    assert 0 < sum(it.changed_at is not None for it in rows.values()) <= 50
