import pytest

from newsletter.articles.models import Article
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue


@pytest.fixture
def issue(make_publication, write, noon):
    """A to F, newest first: A leads, then Research B, C, then Living D, E, then F, which no section takes."""
    sections = [{"title": "Research", "topics": ["research"]}, {"title": "Living", "topics": ["living"]}]
    topics = {"B": ["research"], "C": ["research"], "D": ["living"], "E": ["living"], "A": ["living"]}
    for hours, title in enumerate("ABCDEF", start=1):
        write(title, hours=hours, topics=topics.get(title, []))
    return compose(make_publication(sections=sections), now=noon)


@pytest.fixture
def key(db):
    """The number of an article by its title."""
    return lambda title: Article.objects.get(title=title).pk


def order(issue):
    return "".join(item.article.title for item in items_to_print(issue))


def sections(issue):
    return {item.article.title: item.section for item in items_to_print(issue)}


def test_the_story_begins_in_order(issue):
    assert order(issue) == "ABCDEF"


def test_a_dropped_article_is_not_printed_until_it_is_taken_back(issue, key):
    edit_issue_articles.drop(issue, key("C"))
    assert order(issue) == "ABDEF"
    edit_issue_articles.restore_dropped(issue, key("C"))
    assert order(issue) == "ABCDEF"


def test_when_the_lead_is_dropped_the_next_leads(issue, key):
    edit_issue_articles.drop(issue, key("A"))
    assert order(issue) == "BCDEF"
    assert [item.lead for item in items_to_print(issue)] == [True, False, False, False, False]


def test_when_the_lead_is_withdrawn_the_next_leads(issue, key):
    Article.objects.filter(title="A").update(withdrawn_at=issue.composed_at)
    printed = items_to_print(issue)
    assert [item.article.title for item in printed] == list("BCDEF")
    assert [item.lead for item in printed] == [True, False, False, False, False]


def test_a_new_lead_sends_the_old_one_to_its_section(issue, key):
    edit_issue_articles.make_lead(issue, key("E"))
    assert order(issue) == "EBCADF"
    assert sections(issue)["A"] == "Living"


@pytest.mark.parametrize(
    ("title", "place", "after", "section"),
    [
        ("F", 2, "AFBCDE", "Research"),
        ("B", 4, "ACDBEF", "Living"),
        ("B", 3, "ACBDEF", "Research"),
        ("B", 6, "ACDEFB", "More"),
        ("A", 3, "BCADEF", "Living"),
        ("D", 1, "DBCAEF", "Living"),
    ],
)
def test_an_article_moves_to_the_place_that_is_said(issue, key, title, place, after, section):
    edit_issue_articles.move(issue, key(title), to=place)
    assert order(issue) == after
    assert sections(issue)[title] == section


def test_a_place_that_is_not_there_is_refused(issue, key):
    with pytest.raises(Invalid, match="Choose a position in issue 1 of Weekly from 1 to 6, not 7"):
        edit_issue_articles.move(issue, key("B"), to=7)
    assert order(issue) == "ABCDEF"


def test_an_article_moves_to_a_section_whatever_its_case(issue, key):
    edit_issue_articles.move_to_section(issue, key("B"), "living")
    assert order(issue) == "ACDEBF"
    assert sections(issue)["B"] == "Living"


def test_a_section_for_one_issue_stands_last(issue, key):
    edit_issue_articles.move_to_section(issue, key("B"), "From readers")
    assert order(issue) == "ACDEFB"


def test_held_back_means_never(issue, key, later):
    edit_issue_articles.exclude_and_drop(issue, key("B"))
    assert order(issue) == "ACDEF"
    with pytest.raises(Refused):
        compose(issue.publication, now=later)
    with pytest.raises(Refused, match="excluded from the newsletter"):
        edit_issue_articles.restore_dropped(issue, key("B"))


def test_an_article_is_added_last_in_its_section(issue, key, write):
    write("G", hours=3000, topics=["research"])
    edit_issue_articles.add(issue, key("G"))
    assert order(issue) == "ABCGDEF"


def test_an_article_of_another_issue_is_added_only_when_asked(issue, key, write, later):
    write("G", at=later)
    second = compose(issue.publication, now=later)
    with pytest.raises(Refused, match="is already in issue 1"):
        edit_issue_articles.add(second, key("B"))
    edit_issue_articles.add(second, key("B"), again=True)
    assert order(second) == "GB"


def test_what_another_issue_took_meanwhile_is_not_taken_back(issue, key, later):
    edit_issue_articles.drop(issue, key("B"))
    second = compose(issue.publication, now=later)
    assert order(second) == "B"
    with pytest.raises(Refused, match="is already in issue 2"):
        edit_issue_articles.restore_dropped(issue, key("B"))
    cancel_issue(second)
    edit_issue_articles.restore_dropped(issue, key("B"))
    assert "B" in order(issue)


def test_a_withdrawn_article_is_not_added(issue, write):
    gone = write("Gone", withdrawn_at=issue.composed_at)
    with pytest.raises(Refused, match="withdrawn"):
        edit_issue_articles.add(issue, gone.pk)


def test_an_article_that_is_not_there_is_named(issue, key):
    with pytest.raises(NotFound, match="find article 999999"):
        edit_issue_articles.add(issue, 999_999)
    with pytest.raises(NotFound, match="Article 999999 is not in issue 1 of Weekly"):
        edit_issue_articles.pin(issue, 999_999)


def test_words_of_its_own_are_for_this_issue_alone(issue, key):
    edit_issue_articles.set_headline(issue, key("B"), "Better")
    edit_issue_articles.set_blurb(issue, key("B"), "Shorter.")
    item = next(item for item in items_to_print(issue) if item.article.title == "B")
    assert (item.headline, item.blurb) == ("Better", "Shorter.")
    edit_issue_articles.set_headline(issue, key("B"), "")
    assert not issue.items.get(article=key("B")).headline


@pytest.mark.parametrize("text", ["two\nlines", "x" * 501])
def test_a_headline_that_does_not_fit_is_refused(issue, key, text):
    with pytest.raises(Invalid, match="headline"):
        edit_issue_articles.set_headline(issue, key("B"), text)
    assert not issue.items.get(article=key("B")).headline


def test_a_subject_with_a_second_header_in_it_is_refused(issue):
    with pytest.raises(Invalid, match="subject"):
        edit_issue_texts.set_subject(issue, "Hello\r\nBcc: x@example.org")
    assert Issue.objects.get().subject == "A"


def test_an_opening_letter_is_kept(issue):
    edit_issue_texts.set_opening(issue, "Dear reader,\r\n\r\n*welcome*\n")
    assert Issue.objects.get().opening == "Dear reader,\n\n*welcome*"


GONE = [("sending", "is being sent"), ("sent", "has been sent"), ("cancelled", "has been cancelled")]


@pytest.mark.parametrize(("state", "predicate"), GONE)
def test_only_what_has_not_gone_is_changed(issue, key, state, predicate):
    Issue.objects.update(state=state)
    acts = [
        lambda: edit_issue_articles.pin(issue, key("B")),
        lambda: edit_issue_articles.unpin(issue, key("B")),
        lambda: edit_issue_articles.drop(issue, key("B")),
        lambda: edit_issue_articles.restore_dropped(issue, key("B")),
        lambda: edit_issue_articles.exclude_and_drop(issue, key("B")),
        lambda: edit_issue_articles.make_lead(issue, key("B")),
        lambda: edit_issue_articles.move(issue, key("B"), to=3),
        lambda: edit_issue_articles.move_to_section(issue, key("B"), "Living"),
        lambda: edit_issue_articles.add(issue, key("B")),
        lambda: edit_issue_articles.set_headline(issue, key("B"), "x"),
        lambda: edit_issue_articles.set_blurb(issue, key("B"), "x"),
        lambda: edit_issue_texts.set_subject(issue, "x"),
        lambda: edit_issue_texts.set_preheader(issue, "x"),
        lambda: edit_issue_texts.set_opening(issue, "x"),
    ]
    for act in acts:
        with pytest.raises(
            Refused,
            match=f"Issue 1 of Weekly {predicate}. Only an issue that has not been sent or cancelled can be changed",
        ):
            act()
    assert order(issue) == "ABCDEF"
    assert not Article.objects.filter(excluded=True).exists()


@pytest.mark.parametrize(("state", "predicate"), GONE)
def test_what_is_on_its_way_is_not_cancelled(issue, state, predicate):
    Issue.objects.update(state=state)
    with pytest.raises(
        Refused,
        match=f"{predicate}. Only an issue that has not been sent or cancelled can be cancelled",
    ):
        cancel_issue(issue)


@pytest.mark.parametrize(
    "words",
    [
        "👩‍👩‍👧‍👦 Families",
        "نمی\u200cخواهم",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "Quoi\u00a0?",
    ],
)
def test_a_subject_may_hold_every_character_that_is_text(issue, words):
    edit_issue_texts.set_subject(issue, words)
    edit_issue_texts.set_preheader(issue, words)
    issue.refresh_from_db()
    assert (issue.subject, issue.preheader) == (words, words)


@pytest.mark.parametrize("sign", ["\r\n", "\x00", "\x85", "\u2028", "\ud800"])
def test_a_control_character_in_a_subject_is_refused_by_the_name_of_the_field(issue, sign):
    before = issue.subject, issue.preheader
    with pytest.raises(Invalid, match="subject: "):
        edit_issue_texts.set_subject(issue, f"Tides{sign}Bcc: x@example.org")
    with pytest.raises(Invalid, match="preheader: "):
        edit_issue_texts.set_preheader(issue, f"Tides{sign}Bcc: x@example.org")
    issue.refresh_from_db()
    assert (issue.subject, issue.preheader) == before
