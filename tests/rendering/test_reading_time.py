"""The reading time of an article, and what a story shows in one quiet line."""

import pytest

from newsletter.articles.models import Reference
from newsletter.rendering.localisation import has_italics
from newsletter.rendering.reading_time import minutes_to_read
from newsletter.rendering.render_email import render_email
from tests.rendering.example_issues import cite, edit, publish, write


@pytest.mark.parametrize(
    ("body", "minutes"),
    [
        ("", None),
        ("<p>Too short to say.</p>", None),
        ("<p>" + "word " * 119 + "</p>", None),
        ("<p>" + "word " * 120 + "</p>", 1),
        ("<p>" + "word " * 238 * 5 + "</p>", 5),
        ("<p>" + "海" * 2_000 + "</p>", 4),
        ('<p title="' + "word " * 500 + '">Few words.</p>', None),
    ],
)
def test_reading_time_counts_words_but_not_markup(body, minutes):
    assert minutes_to_read(body) == minutes


@pytest.mark.parametrize(
    ("language", "slanted"),
    [
        *((language, True) for language in ("en-GB", "pl", "ru", "el", "sr-Latn")),
        *((language, False) for language in ("ar", "he", "ja", "zh-Hans", "hi", "th")),
    ],
)
def test_only_scripts_with_italics_are_slanted(language, slanted):
    assert has_italics(language) is slanted


@pytest.mark.django_db
def test_an_article_shows_its_reading_time_in_the_publications_language():
    article = write(body_html="<p>" + "word " * 238 * 3 + "</p>")
    assert "3 min read" in render_email(edit(publish(), [article])).html
    german = render_email(edit(publish(language="de"), [write(body_html="<p>" + "Wort " * 238 * 3 + "</p>")]))
    assert "3\N{NO-BREAK SPACE}Min. Lesezeit" in german.html
    assert "3\N{NO-BREAK SPACE}Min. Lesezeit" in german.text


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_more_than_two_sources_become_one_link_to_the_web_page_and_stay_whole_in_the_text(theme):
    article = write()
    for number in range(3):
        cite(article, f"Study {number} of {'very ' * 30}long names", f"https://example.org/{number}")
    email = render_email(edit(publish(theme=theme), [article]))
    assert f'href="*|READ_ONLINE_URL|*#article-{article.pk}"' in email.html
    assert "Based on: 3 sources" in email.html
    assert "Study 2" not in email.html
    assert "https://example.org/2" in email.text


@pytest.mark.django_db
def test_two_sources_are_named_by_their_beginnings():
    article = write()
    cite(article, f"A study of {'very ' * 30}long names", "https://example.org/1")
    cite(article, "A reply", "https://example.org/2")
    assert Reference.objects.filter(article=article).count() == 2
    html = render_email(edit(publish(), [article])).html
    assert "A study of very very" in html
    assert "…</a>; " in html
    assert 'href="https://example.org/2"' in html
