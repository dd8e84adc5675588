"""How large an email is when it arrives, and what is said of one that Gmail would cut off."""

import quopri
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.rendering.delivered_html_size import HtmlSizes, delivered_bytes, size_warning
from newsletter.rendering.merge_tags import MergeValues, fill_tags
from newsletter.rendering.render_email import render_email
from tests.rendering.example_issues import MORNING, STANDFIRST, cite, edit, publish, write

pytestmark = pytest.mark.django_db
LONG_LINK = "https://news.example.org/" + "x" * 120


@pytest.fixture
def email():
    return render_email(edit(publish(), [write()]))


def test_the_size_is_that_of_the_longest_reader_in_quoted_printable(email):
    person = MergeValues(LONG_LINK, LONG_LINK, LONG_LINK, "N" * 80)
    arrived = quopri.encodestring(fill_tags(email, person).html.encode())
    assert len(arrived) * 0.98 < delivered_bytes(replace(email, tracked="")) < len(arrived) * 1.1


def test_letters_beyond_ascii_count_as_they_are_encoded(email):
    plain = delivered_bytes(replace(email, html="<p>" + "a" * 10_000))
    greek = delivered_bytes(replace(email, html="<p>" + "α" * 10_000))
    assert 5.5 < greek / plain < 6.5


@pytest.mark.parametrize(("transport", "longer"), [("sendgrid", True), ("smtp", False), ("maildir", False)])
def test_tracked_links_count_as_long_as_sendgrid_makes_them(email, settings, transport, longer):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": transport})
    html = "<p>" + '<a href="https://a.example/">x</a>' * 100
    plain, tracked = (replace(email, html=html, tracked=each) for each in ("opens", "opens, clicks"))
    more = delivered_bytes(tracked) - delivered_bytes(plain)
    assert 22_000 < more < 25_000 if longer else more == 0
    # A rehearsal measures the same for each reader.
    assert HtmlSizes(tracked).of({}) - HtmlSizes(plain).of({}) == more


@pytest.mark.parametrize(
    ("size", "words"),
    [(60_000, ""), (91_000, "so do not add anything else"), (110_000, "would not see the unsubscribe link")],
)
def test_an_email_that_gmail_would_cut_off_is_warned_of_in_time(email, size, words):
    sentence = size_warning(replace(email, html="x" * size, tracked=""))
    assert words in sentence
    assert bool(sentence) is bool(words)


@pytest.mark.parametrize("theme", ["classic", "plain"])
def test_an_issue_of_15_articles_with_pictures_and_sources_stays_under_60_kb(theme, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "sendgrid"})
    articles = []
    for number in range(15):
        article = write(
            f"What the study number {number} means, and for whom it means nothing",
            standfirst=STANDFIRST,
            url=f"https://www.charity.example.org/news/2026/11/what-study-number-{number}-means-and-for-whom/",
            image_url=f"https://www.charity.example.org/wp-content/uploads/2026/11/study-{number}-1200x675.jpg",
            image_alt="A nurse measures the blood pressure of a man",
            image_width=1200,
            image_height=675,
            published_at=MORNING - timedelta(days=number),
            authors=["Ann Lee", "Bo Kim"],
        )
        cite(
            article,
            f"Sun et al., “A study of {number}”, Nature Medicine 2012",
            "https://doi.org/10.1038/nm.2890",
        )
        articles.append(article)
    email = render_email(edit(publish(theme=theme), articles, sections=("Research", "Living well")))
    assert email.html.count("<img") >= (15 if theme == "classic" else 0)
    assert delivered_bytes(replace(email, tracked="opens, clicks")) < 60_000
