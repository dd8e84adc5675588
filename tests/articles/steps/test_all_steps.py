import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import time_machine

from newsletter.articles import steps
from newsletter.articles.incoming_article import Amendment, Citation, Image, IncomingArticle
from newsletter.articles.ingest import STEPS, pass_steps

AT = "https://charity.example/news/one"


def cleaned(html="", **fields):
    return pass_steps(IncomingArticle(**{"url": AT, "title": "One", "html": html, **fields}))


def body(html, **fields):
    return cleaned(html, **fields).body_html


def test_an_article_passes_the_file_of_each_step_once_and_in_order():
    folder, entered = Path(steps.__file__).parent, []

    def note(frame, event, _argument):
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.parent == folder and entered[-1:] != [file.stem]:
            entered.append(file.stem)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        cleaned(
            "<p>The text, at <a href='/more?utm_medium=y'>length</a>. It has a second sentence.</p>"
            "<img src='/a.jpg' width=600 height=400><iframe src='https://www.youtube.com/embed/abcdefghi'></iframe>"
            "<p>The post One appeared first on Charity.</p>",
            summary_html="<p>A summary that is cut off […]</p>",
            licence="CC BY 4.0",
        )
    finally:
        sys.setprofile(before)
    assert entered == [step.__module__.rpartition(".")[2] for step in STEPS]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        "<iframe src='https://x.example'></iframe>",
        "<form action='/x'><input name=a><button>Go</button></form>",
        "<object data='x'></object><embed src='x'>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<template><img src=x onerror=alert(1)></template>",
        "<!-- a comment --><meta http-equiv=refresh content=0><link rel=stylesheet href=x><base href=//x>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<audio src=x onerror=alert(1)></audio><video><source onerror=alert(1)></video>",
    ],
)
def test_what_runs_is_taken_out(html):
    result = body(f"<p>before</p>{html}")
    assert result.startswith("<p>before</p>")
    for forbidden in (
        "script",
        "<style",
        "iframe",
        "<form",
        "<input",
        "<svg",
        "<meta",
        "<base",
        "onerror=a",
        "<video",
    ):
        assert forbidden not in result.replace("&lt;img src=x onerror=alert(1)&gt;", "")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java&#10;script:alert(1)",
        "&#106;avascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//",
        "http://",
        "http://[bad",
    ],
)
def test_a_link_that_could_run_something_loses_its_address(address):
    assert body(f'<p><a href="{address}">x</a></p>') == "<p><a>x</a></p>"


def test_event_handlers_and_styles_go_and_words_stay():
    assert (
        body('<p onclick="x()" style="color:red" class="y">a <b onmouseover=x>b</b></p>')
        == "<p>a <b>b</b></p>"
    )


@pytest.mark.parametrize(
    ("written", "base", "becomes"),
    [
        ("/two", "", "https://charity.example/two"),
        ("two", "", "https://charity.example/news/two"),
        ("../two", "https://other.example/a/b/", "https://other.example/a/two"),
        ("//cdn.example/two", "", "https://cdn.example/two"),
        ("?page=2", "", "https://charity.example/news/one?page=2"),
        ("https://x.example/?id=3&amp;utm_source=rss&amp;fbclid=9", "", "https://x.example/?id=3"),
        ("https://x.example/?utm_source=rss#top", "", "https://x.example/#top"),
        ("mailto:hello@charity.example", "", "mailto:hello@charity.example"),
        ("https://x.example/a b", "", "https://x.example/a%20b"),
    ],
)
def test_links_become_absolute_and_lose_what_tracks(written, base, becomes):
    assert body(f'<a href="{written}">x</a>', base_url=base) == f'<a href="{becomes}">x</a>'


def test_images_keep_size_and_alternative_text():
    result = cleaned(
        '<p><img src="/a.png" alt="A  cell" width="640px" height="480" onload="x()" class="y"></p>'
    )
    assert result.body_html == (
        '<p><img src="https://charity.example/a.png" alt="A cell" width="640" height="480"></p>'
    )
    assert (result.image.url, result.image.alt) == ("https://charity.example/a.png", "A cell")
    assert (result.image.width, result.image.height) == (640, 480)


def test_an_image_without_alternative_text_gets_an_empty_one():
    assert body('<img src="/a.png">') == '<img src="https://charity.example/a.png" alt="">'


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://count.example/p.gif" width="1" height="1">',
        '<img src="https://count.example/p.gif" width=0>',
        '<img src="https://count.example/p.gif" style="display:none">',
        '<img src="https://count.example/p.gif" style="width:1px;height:1px">',
        '<img src="http://feeds.feedburner.com/~r/charity/~4/abc">',
        '<img src="https://pixel.wp.com/b.gif?v=noscript">',
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
        "<img alt=nothing>",
    ],
)
def test_an_image_that_counts_readers_is_taken_out(image):
    result = cleaned(f"<p>a{image}</p>")
    assert (result.body_html, result.image) == ("<p>a</p>", None)


def test_an_image_that_is_loaded_late_is_found_where_it_waits():
    html = '<img src="data:image/gif;base64,R0lGOD" data-src="/real.jpg"><img srcset="/small.jpg 300w, /wide.jpg 900w">'
    assert [part.split('"')[0] for part in body(html).split('src="')[1:]] == [
        "https://charity.example/real.jpg",
        "https://charity.example/wide.jpg",
    ]


def test_the_source_s_image_leads_and_learns_from_its_twin_in_the_body():
    html = '<img src="/other.png"><img src="/lead.png" alt="A cell" width="900" height="600">'
    result = cleaned(html, image=Image(url="/lead.png"))
    assert (result.image.url, result.image.alt) == ("https://charity.example/lead.png", "A cell")
    assert (result.image.width, result.image.height) == (900, 600)


def test_a_counting_pixel_does_not_lead():
    result = cleaned('<img src="/real.png">', image=Image(url="/p.gif", width=1, height=1))
    assert result.image.url == "https://charity.example/real.png"


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("A <em>new</em> study", "A new study"),
        ("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim"),
        ("a\n  b\tc\x00d", "a b cd"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("If a &lt;b, then", "If a <b, then"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("lone \ud800 half", "lone half"),
        ("<script>alert(1)</script>Safe", "Safe"),
    ],
)
def test_a_title_is_plain_text(written, becomes):
    assert cleaned(title=written).title == becomes


def test_a_long_title_is_cut_between_words():
    title = cleaned(title="word " * 300).title
    assert len(title) <= 500
    assert title.endswith("word…")


def test_a_missing_title_is_made_from_the_first_sentence():
    message = cleaned("<p>The gauge is running. It measures the tide.</p><p>Come and see.</p>", title=" ")
    assert message.title == "The gauge is running."
    assert message.standfirst == "It measures the tide. Come and see."
    assert cleaned(f"<p>{'word ' * 50}</p>", title="").title == f"{'word ' * 23}word…"
    assert cleaned("", title="").title == ""


def test_topics_and_authors_are_trimmed_and_named_once():
    result = cleaned(topics=(" Cells ", "cells", "", "A &amp; B"), authors=("Jane  Doe", "jane doe"))
    assert (result.topics, result.authors) == (("Cells", "A & B"), ("Jane Doe",))


@pytest.mark.parametrize(
    ("entry", "source", "becomes"),
    [
        ("en_gb", "fr", "en-GB"),
        ("", "fr", "fr"),
        ("<x>", "zh-hant-tw", "zh-Hant-TW"),
        ("english", "", ""),
        ("und", "", ""),
    ],
)
def test_the_language_is_the_entry_s_else_the_source_s(entry, source, becomes):
    assert (
        pass_steps(IncomingArticle(url=AT, title="x", language=entry), source_language=source).language
        == becomes
    )


@time_machine.travel(datetime(2026, 1, 10, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("moment", "becomes"),
    [
        (datetime(2026, 1, 9, 12), datetime(2026, 1, 9, 12, tzinfo=UTC)),  # noqa: DTZ001 - a naive one is the case
        (datetime(2026, 1, 9, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 1, 9, 10, tzinfo=UTC)),
        (datetime(2026, 1, 11, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC)),
        (datetime(2026, 2, 1, tzinfo=UTC), None),
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (datetime.min.replace(tzinfo=UTC), None),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), None),
        (None, None),
    ],
)
def test_a_published_time_is_in_utc_and_plausible(moment, becomes):
    assert cleaned(published_at=moment).published_at == becomes


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://charity.example/" + "a" * 2000, "http://[::1", "ftp://x/"]
)
def test_an_address_that_cannot_be_followed_is_dropped(url):
    assert cleaned(url=url).url == ""


def test_references_and_corrections_come_through_clean():
    result = cleaned(
        references=(
            Citation(kind="study", citation="<b>Sun</b> et al.", url="javascript:x", doi="10.1038/nm.2890"),
            Citation(kind="report", citation="", url="/report?utm_source=x"),
            Citation(kind="study", citation=" "),
        ),
        corrections=(Amendment(corrected_on=date(2025, 7, 2), text="<i>Wrong</i> dose"),),
    )
    assert result.references == (
        Citation(kind="study", citation="Sun et al.", doi="10.1038/nm.2890"),
        Citation(
            kind="report", citation="https://charity.example/report", url="https://charity.example/report"
        ),
    )
    assert result.corrections == (Amendment(corrected_on=date(2025, 7, 2), text="Wrong dose"),)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "".join(f"<p><b a={n}>" for n in range(5_000)),
        "<table>" * 20_000,
        "<" * 100_000,
        "&" * 100_000,
    ],
    ids=["depth", "formatting", "tables", "brackets", "ampersands"],
)
def test_html_made_to_cost_time_costs_little(html):
    began = datetime.now(UTC)
    assert len(body(html + "words")) < 2_000_000
    assert (datetime.now(UTC) - began).total_seconds() < 10


def test_a_description_of_plain_words_is_the_body():
    result = cleaned("", summary_html="Only words, 5 &lt; 6.")
    assert (result.body_html, result.standfirst) == ("Only words, 5 &lt; 6.", "Only words, 5 < 6.")


def test_the_paragraph_that_says_where_a_post_appeared_first_is_dropped():
    html = (
        '<p>Text.</p>\n<p>The post <a href="/one">One</a> appeared first on <a href="/">The charity</a>.</p>'
    )
    assert body(html) == "<p>Text.</p>"
    assert body("<p>Text.</p><p>The post office is where it appeared first.</p>").endswith("first.</p>")
