"""What a site shows by scripts, plug-ins and style, as an email has to say it."""

import pytest

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps

AT = "https://club.example/news/one"
FILM = "https://www.youtube.com/watch?v=abc123"


def passed(html="", **fields):
    return pass_steps(IncomingArticle(**{"url": AT, "title": "One", "html": html, **fields}))


@pytest.mark.parametrize(
    ("player", "address"),
    [
        ('<iframe src="about:blank" data-src="https://www.youtube.com/embed/abc123"></iframe>', FILM),
        ('<lite-youtube videoid="abc123"></lite-youtube>', FILM),
        ('<amp-youtube data-videoid="abc123" layout="responsive"></amp-youtube>', FILM),
        ('<amp-vimeo data-videoid="12345"></amp-vimeo>', "https://vimeo.com/12345"),
        (
            (
                '<object><param name="movie" value="https://www.youtube.com/v/abc123">'
                '<embed src="https://www.youtube.com/v/abc123"></object>'
            ),
            FILM,
        ),
        (
            '<object data="https://club.example/plan.pdf">No plug-in.</object>',
            "https://club.example/plan.pdf",
        ),
        (f'<figure class="wp-block-embed"><div>\n{FILM}\n</div></figure>', FILM),
        ('<script src="https://gist.github.com/ann/9f.js"></script>', "https://gist.github.com/ann/9f"),
        (
            '<blockquote data-instgrm-permalink="https://www.instagram.com/p/abc/?utm_source=x"></blockquote>',
            "https://www.instagram.com/p/abc/",
        ),
        (
            '<div class="fb-post" data-href="https://www.facebook.com/club/posts/1"></div>',
            "https://www.facebook.com/club/posts/1",
        ),
        (f"[embed]{FILM}[/embed]", FILM),
        (f"[youtube {FILM}]", FILM),
        ('[video mp4="https://club.example/regatta.mp4"][/video]', "https://club.example/regatta.mp4"),
    ],
)
def test_what_a_browser_would_play_is_a_link(player, address):
    body = passed(f"<p>See.</p>{player}<p>Then sail.</p>").body_html
    assert f'href="{address}"' in body
    assert body.startswith("<p>See.</p>")
    assert body.endswith("<p>Then sail.</p>")


@pytest.mark.parametrize(
    "nothing",
    [
        '<iframe src="https://www.facebook.com/plugins/like.php?href=x"></iframe>',
        '<iframe src="https://www.googletagmanager.com/ns.html?id=1"></iframe>',
        '<object data="https://club.example/film.swf"></object>',
        '<lite-youtube videoid="javascript:alert(1)"></lite-youtube>',
    ],
)
def test_a_button_a_counter_and_what_nobody_can_play_leave_nothing(nothing):
    assert passed(f"<p>See.</p>{nothing}").body_html == "<p>See.</p>"


def test_what_stands_for_browsers_without_a_plug_in_stays():
    html = (
        '<object data="film.swf"><param name="movie" value="film.swf"><p>A film of the regatta.</p></object>'
    )
    assert passed(html).body_html == "<p>A film of the regatta.</p>"


def test_the_words_in_a_drawing_stay_and_its_description_does_not_appear():
    drawing = '<svg><title>An icon</title><text x="1">42 <tspan>boats</tspan></text><path d="M0"/></svg>'
    assert passed(f"<p>Afloat: {drawing}</p>").body_html == "<p>Afloat: 42 boats</p>"


@pytest.mark.parametrize(
    "formula",
    [
        '<script type="math/tex">k=3</script>',
        '<span class="MathJax_Preview">k</span><script type="math/tex; mode=display">k=3</script>',
    ],
)
def test_a_formula_that_a_script_would_draw_stays_as_it_is_written(formula):
    assert passed(f"<p>With {formula} boats.</p>").body_html == "<p>With k=3 boats.</p>"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">The first words of an email</div>',
        '<p style="color:red; display : none !important">Not yet</p>',
        "<p hidden>Not yet</p>",
        '<section style="visibility:hidden"><p>Not yet</p></section>',
    ],
)
def test_what_a_source_hides_is_not_printed(hidden):
    assert passed(f"<p>We sail.</p>{hidden}<p>Come.</p>").body_html == "<p>We sail.</p><p>Come.</p>"


@pytest.mark.parametrize(
    "shown",
    [
        '<div class="accordion-body" style="display:none">Bring a coat.</div>',
        '<div title="not hidden at all">Bring a coat.</div>',
        '<div style="display:block">Bring a coat.</div>',
    ],
)
def test_what_a_reader_can_open_is_printed(shown):
    assert passed(shown).body_html.endswith(">Bring a coat.</div>")


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("[vc_row][vc_column width=&#8221;1/2&#8221;]We sail.[/vc_column][/vc_row]", "We sail."),
        ('<p>[et_pb_text bb_built="1"]We sail.[/et_pb_text]</p>', "<p>We sail.</p>"),
        ('<p>We sail.</p>[gallery ids="1,2"]', "<p>We sail.</p>"),
        ("<p>[highlight]We[/highlight] sail.</p>", "<p>We sail.</p>"),
        ('<p>[button link="/x"]We sail.[/button]</p>', "<p>We sail.</p>"),
        (
            "<p>He said [sic] that [almost] all sail [1].</p>",
            "<p>He said [sic] that [almost] all sail [1].</p>",
        ),
        ("<p>Write <code>[gallery]</code>.</p>", "<p>Write <code>[gallery]</code>.</p>"),
    ],
)
def test_a_shortcode_that_nobody_rendered_is_not_printed(written, body):
    assert passed(written).body_html == body


def test_the_caption_in_a_shortcode_is_a_caption():
    article = passed(
        '[caption id="a" width="300"]<img src="/pier.jpg"> The pier[/caption] We sail on Sunday.'
    )
    assert "<figcaption>The pier</figcaption>" in article.body_html
    assert article.standfirst == "We sail on Sunday."


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Tea &amp;amp; cake at &amp;#8220;The Pier&amp;#8221;.", "Tea & cake at “The Pier”."),
        ("Don&amp;#039;t say &amp;quot;no&amp;quot;.", 'Don\'t say "no".'),
        ("Write &amp;lt;b&amp;gt; here.", "Write &lt;b&gt; here."),
    ],
)
def test_what_was_escaped_twice_is_read_once_more_unless_it_is_about_markup(written, words):
    assert passed(f"<p>{written}</p>").standfirst == words


@pytest.mark.parametrize(
    "text",
    [
        (
            "<p>Article URL: <a href='https://x.example/a'>https://x.example/a</a></p><p>Comments URL: "
            "<a href='https://y.example/1'>https://y.example/1</a></p><p>Points: 12</p><p># Comments: 3</p>"
        ),
        "<p>Comments URL: <a href='https://y.example/1'>https://y.example/1</a></p>",
    ],
)
def test_links_and_counts_of_a_forum_are_no_standfirst(text):
    assert passed(summary_html=text).standfirst == ""
    assert passed(text).standfirst == ""


@pytest.mark.parametrize(
    ("sources", "chosen"),
    [
        ("/a-300.jpg 300w, /a-1200.jpg 1200w, /a-4000.jpg 4000w", "/a-1200.jpg"),
        ("/a-2400.jpg 2400w, /a-4000.jpg 4000w", "/a-2400.jpg"),
        ("/a,w=300.jpg 300w, /a,w=900.jpg 900w", "/a,w=900.jpg"),
        ("/a-2x.jpg 2x", "/a.jpg"),
    ],
)
def test_the_widest_picture_that_an_email_has_a_use_for_is_taken(sources, chosen):
    image = passed(f'<img src="/a.jpg" srcset="{sources}">').image
    assert image.url == f"https://club.example{chosen}"
