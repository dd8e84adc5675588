import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.articles.html_and_text.first_sentences import whole_sentences
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps
from newsletter.articles.steps.drop_feed_phrases import drop_feed_phrases
from newsletter.articles.steps.plain_text import to_plain_text
from newsletter.articles.steps.write_standfirst import write_standfirst

FIRST = "The first sentence is about the cells that were looked at, and it goes on for a good while so that it counts."
SECOND = "The second sentence says what was found in them, and what that does not mean for anybody who has the illness."
THIRD = "The third sentence comes later, and does not fit into a standfirst with the other two any more."
TEXT = f"<h2>A heading</h2><p>{FIRST} {SECOND}</p><p>{THIRD}</p>"


def standfirst(summary, body):
    """The standfirst from a summary and a body that are safe already."""
    article = IncomingArticle(title="A heading", safe_summary_html=summary, body_html=body)
    for step in (drop_feed_phrases, to_plain_text, write_standfirst):
        step(article)
    return article.standfirst


def test_a_real_summary_is_the_standfirst():
    assert standfirst("<p>In short: cells.</p>", TEXT) == "In short: cells."


@pytest.mark.parametrize(
    "summary",
    [
        "",
        "<p>The first sentence is about the cells [&#8230;]</p>",
        "The first sentence is about the cells […]",
        "The first sentence is about...",
        "The first sentence is <a href='x'>Continue reading <span>A heading</span> →</a>…",
        "The first sentence … <p>The post <a>A heading</a> appeared first on <a>Charity</a>.</p>",
    ],
)
def test_a_cut_or_missing_summary_is_made_from_the_text(summary):
    assert standfirst(summary, TEXT) == f"{FIRST} {SECOND}"


@pytest.mark.parametrize(
    "tail",
    [
        "<p>The post <a>A heading</a> appeared first on <a>Charity</a>.</p>",
        "<p>Der Beitrag X erschien zuerst auf Y.</p>",
        "<p>L’article X est apparu en premier sur Y.</p>",
        "<p>La entrada X se publicó primero en Y.</p>",
        " <a>Read more</a>",
        " Continue reading →",
        " (more…)",
        " Weiterlesen »",
    ],
)
def test_what_a_publishing_program_adds_is_dropped(tail):
    assert standfirst(f"<p>In short: cells.</p>{tail}", TEXT) == "In short: cells."


def test_where_only_boilerplate_is_there_is_no_standfirst():
    assert standfirst("", '<p><a href="https://charity.example/">Continue reading</a></p>') == ""


def test_a_sentence_about_an_article_is_no_tail():
    said = "This article looks at cells. It was published by the charity."
    assert standfirst(f"<p>{said}</p>", TEXT) == said


def test_only_whole_sentences_are_taken():
    long = " ".join(f"Sentence number {n} has some words in it." for n in range(50))
    made = whole_sentences(long)
    assert 160 <= len(made) <= 300
    assert made.endswith(" it.")


def test_a_sentence_does_not_end_at_an_abbreviation():
    text = (
        "The trial was led by Dr. Smith of the U.S. Department and by J. Doe. "
        + "It had many people in it. " * 20
    )
    assert whole_sentences(text).startswith(
        "The trial was led by Dr. Smith of the U.S. Department and by J. Doe. It had"
    )


def test_japanese_ends_its_sentences_too():
    made = whole_sentences("これは文章です。" * 80)
    assert made.endswith("。")
    assert 160 <= len(made) <= 300


def test_words_without_end_are_cut_between_words():
    made = whole_sentences("word " * 200)
    assert len(made) <= 300
    assert made.endswith("word…")


def test_a_caption_or_table_is_no_standfirst():
    caption = "<figure><img><figcaption>A caption.</figcaption></figure><p>By Jane Doe</p>"
    text = f"{caption}<table><tr><td>1.</td></tr></table>{TEXT}"
    assert standfirst("", text) == f"{FIRST} {SECOND}"


def test_a_heading_alone_is_better_than_nothing():
    assert standfirst("", "<h2>Only this</h2>") == "Only this"


@given(st.text(), st.text())
def test_any_text_gives_one_line_that_is_not_too_long(summary, body):
    made = standfirst(summary, body)
    assert len(made) <= 400
    assert made == " ".join(made.split())


@given(st.lists(st.from_regex(r"\A[a-z]{1,12}\Z"), min_size=1, max_size=200))
def test_no_word_is_ever_cut(words):
    made = whole_sentences(" ".join(words))
    assert set(made.rstrip("…").split()) <= set(words)


@pytest.mark.parametrize(
    "sentence",
    [
        "वार्ड सोमवार को फिर खुलेगा।",
        "وارڈ پیر کو دوبارہ کھلے گا۔",
        "هل يفتح الجناح يوم الاثنين؟",
        "Բաժանմունքը կրկին կբացվի երկուշաբթի։",
        "ဆောင်ကို တနင်္လာနေ့တွင် ပြန်ဖွင့်မည်။",
        "ክፍሉ ሰኞ እንደገና ይከፈታል።",
    ],
)
def test_a_standfirst_ends_with_a_sentence_in_any_script(sentence):
    words = pass_steps(
        IncomingArticle(url="https://club.example/", title="One", html=f"<p>{f'{sentence} ' * 20}</p>")
    )
    assert words.standfirst.endswith(sentence)
    assert 160 <= len(words.standfirst) <= 400
