"""Long markup written again: the same to read, and nothing in it that costs a parser time."""

import re

from pytest import mark

from newsletter.articles.html_and_text.rewrite_html_in_linear_time import (
    DEEPEST,
    LONGEST,
    LONGEST_AS_IT_IS,
    MAX_TAGS,
    ampersands_escaped,
    well_nested,
)
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps

LONG = "<p>These are words that an article has, one like the other.</p>" * 200


def safe(html, base=""):
    """The body of an article after all steps."""
    return pass_steps(IncomingArticle(html=html, base_url=base)).body_html


def long_and(markup):
    """What is left of the markup beside so many words that it is written again."""
    cleaned = safe(LONG + markup, "https://charity.example/")
    assert len(LONG) > LONGEST_AS_IT_IS
    assert cleaned.startswith(LONG)
    return cleaned.removeprefix(LONG)


@mark.parametrize(
    "markup",
    [
        "<p>A &amp; B, <b>bold</b> and <i>italic</i>, 2 &lt; 3.</p>",
        '<p><a href="https://a.example/?a=1&amp;b=2" title="Say &quot;no&quot;">x</a></p>',
        '<ul><li>one<ul><li>two</li></ul></li></ul><p lang="cy">tri</p>',
        '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
        '<p>x<br>y</p><hr><blockquote cite="https://a.example/">z</blockquote>',
    ],
)
def test_good_markup_stays_as_it_is(markup):
    assert long_and(markup) == markup


@mark.parametrize(
    ("markup", "left"),
    [
        ("<script>var a = '<p title=\"';</script><p>after</p>", "<p>after</p>"),
        ("<style>p{}</style><!-- <p a=' --><p>after</p>", "<p>after</p>"),
        ("<P CLASS=x Lang='cy'>after", '<p lang="cy">after</p>'),
        ("<p>1 < 2 && 3 > 2</p>", "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>"),
        ("<p>&copy 2026, a&nbsp;b, &notathing;</p>", "<p>© 2026, a&nbsp;b, &amp;notathing;</p>"),
        (
            "<p>one<p>two<ul><li>three<li>four</ul>",
            "<p>one</p><p>two</p><ul><li>three</li><li>four</li></ul>",
        ),
        ("<p title='a>b'>after</p><p", "<p>after</p>"),
        ("<svg><g onclick=x>drawn</g></svg><p>after</p>", "<p>after</p>"),
    ],
)
def test_what_is_broken_is_read_as_a_browser_reads_it(markup, left):
    assert long_and(markup) == left


def test_attributes_hidden_from_one_parser_are_few_for_every_parser():
    many = "".join(f"a{number}=b " for number in range(5_000))
    for hidden in (
        f'<!-- <p a="--><p {many}>x</p>">',
        f'<title><p a="</title><p {many}>x</p>">',
        f"<p {many}>",
    ):
        written = well_nested(hidden)
        assert max((tag.count("=") for tag in re.findall(r"<[^<>]*>", written)), default=0) <= 50


def test_what_is_nested_too_deeply_keeps_its_words():
    written = well_nested("<div>" * 1_000 + "deep" + "</div>" * 1_000 + "<p>after</p>")
    assert written == "<div>" * DEEPEST + "deep" + "</div>" * DEEPEST + "<p>after</p>"


def test_more_tags_than_an_article_has_become_words():
    cleaned = safe("<b>x</b>" * MAX_TAGS)
    assert cleaned.startswith("<p>xxx")
    assert "<b>" not in cleaned


def test_a_text_without_tags_is_cut_to_what_an_article_may_have():
    assert len(safe("&amp; " * LONGEST)) <= LONGEST


def test_ampersands_within_addresses_stay_ampersands():
    assert ampersands_escaped('<a href="/?a=1&copy=2&b=3">') == '<a href="/?a=1&amp;copy=2&amp;b=3">'


def test_a_tag_within_an_attribute_is_never_taken_for_one():
    cleaned = safe(
        '<p><a href="/x" title="<a href=">one</a> <a title=" href=/y>">two</a></p>', "https://a.example/"
    )
    assert cleaned.count("<a ") == 2
    assert 'href="https://a.example/x"' in cleaned


def test_many_links_against_a_long_base_do_not_become_gigabytes():
    long = "https://charity.example/" + "x" * 400_000
    cleaned = safe('<a href="y">z</a>' * 25_000, long)
    assert cleaned.startswith('<a href="https://charity.example/y">z</a>')
    assert len(cleaned) < 5_000_000


def test_an_article_of_links_that_grow_too_long_becomes_words():
    base = "https://charity.example/" + "x" * 400 + "/"
    html = '<img src="/a.png">' + '<a href="y">z</a>' * 25_000
    article = pass_steps(IncomingArticle(html=html, base_url=base))
    assert article.body_html.startswith("<p>zzz")
    assert not article.body_images
