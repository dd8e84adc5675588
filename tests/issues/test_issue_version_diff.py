"""The difference between two versions, as an editor reads it."""

import pytest

from newsletter.articles.models import Article
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.compose import compose
from newsletter.issues.issue_version_diff import version_changes
from newsletter.issues.issue_versions import newest_version, version_at
from newsletter.issues.word_diff import word_changes


@pytest.fixture
def issue(make_publication, write, noon):
    sections = [{"title": "Research", "topics": ["research"]}, {"title": "Living"}]
    for hours, title in enumerate(["Ten years", "Walking", "Sleep", "Salt"], start=1):
        write(title, hours=hours, topics=["research"] if hours < 3 else [])
    return compose(make_publication(sections=sections), now=noon)


@pytest.fixture
def key(db):
    return lambda title: Article.objects.get(title=title).pk


@pytest.fixture
def since(issue):
    """What differs between a version and the newest one, as sentences."""

    def changes(number=1):
        old, new = version_at(issue, number), version_at(issue, newest_version(issue))
        return [each.sentence for each in version_changes(old.snapshot, new.snapshot)]

    return changes


def read(pieces):
    marks = {"same": "{}", "removed": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[piece.edit].format(piece.text) for piece in pieces)


def test_a_moved_article_is_one_sentence_with_its_title_and_places(issue, key, since):
    edit_issue_articles.move(issue, key("Salt"), to=3)
    assert "Moved “Salt” from position 4 to position 3." in since()
    assert not any("Sleep" in sentence for sentence in since() if sentence.startswith("Moved"))


def test_each_act_on_an_article_is_a_sentence_with_its_title(issue, key, since):
    edit_issue_articles.drop(issue, key("Salt"))
    edit_issue_articles.pin(issue, key("Sleep"))
    edit_issue_articles.move_to_section(issue, key("Sleep"), "Research")
    edit_issue_articles.set_headline(issue, key("Walking"), "Walking well")
    edit_issue_articles.make_lead(issue, key("Walking"))
    sentences = since()
    assert "Left out “Salt”." in sentences
    assert "Pinned “Sleep”." in sentences
    assert "Section for “Sleep”: Living → Research." in sentences
    assert "Headline for “Walking”" in sentences
    assert "Made “Walking” the lead article." in sentences


def test_an_added_article_and_one_that_went_are_named(issue, write, since):
    edit_issue_articles.add(issue, write("New").pk)
    assert "Added “New”." in since()


def test_texts_show_their_words(issue):
    edit_issue_texts.set_opening(issue, "Dear reader, welcome to spring.")
    edit_issue_texts.set_opening(issue, "Dear reader, welcome to early summer.")
    found = version_changes(version_at(issue, 2).snapshot, version_at(issue, 3).snapshot)
    assert [each.sentence for each in found] == ["Introduction"]
    assert read(found[0].words) == "Dear reader, welcome to [-spring-][+early summer+]."


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "New", "[+New+]"),
        ("Old", "", "[-Old-]"),
        ("The same", "The same", "The same"),
        ("one two three four", "one 2 3 four", "one [-two three-][+2 3+] four"),
        ("a\n\nb", "a\n\nb\n\nc", "a\n\nb[+\n\nc+]"),
        ("نسخة قديمة", "نسخة جديدة", "نسخة [-قديمة-][+جديدة+]"),
    ],
)
def test_word_changes_are_read_as_phrases(before, after, shown):
    assert read(word_changes(before, after)) == shown


def test_both_texts_can_be_put_together_again_from_the_pieces():
    before = "Ten years of listening: what the quay taught us, and what we taught it.\nSo it goes."
    after = "Eleven years of listening — what it taught us.\n\nAnd so it goes on, and on."
    pieces = word_changes(before, after)
    assert "".join(piece.text for piece in pieces if piece.edit != "added") == before
    assert "".join(piece.text for piece in pieces if piece.edit != "removed") == after


def test_a_very_long_text_is_compared_by_lines():
    lines = [f"Line {number} has a few words in it.\n" for number in range(1_000)]
    after = [*lines[:500], "A new line.\n", *lines[500:]]
    assert read(word_changes("".join(lines), "".join(after))).count("[+A new line.\n+]") == 1


def test_a_text_that_is_new_in_the_issue_is_compared_with_what_readers_would_have_seen(issue, key):
    Article.objects.filter(title="Salt").update(standfirst="Salt raises the pressure.")
    edit_issue_articles.set_blurb(issue, key("Salt"), "Salt raises the blood pressure.")
    old, new = version_at(issue, 1), version_at(issue, newest_version(issue))
    [difference] = version_changes(old.snapshot, new.snapshot)
    assert read(difference.words) == "Salt raises the [+blood +]pressure."
    [back] = version_changes(new.snapshot, old.snapshot)
    assert read(back.words) == "Salt raises the [-blood -]pressure."
