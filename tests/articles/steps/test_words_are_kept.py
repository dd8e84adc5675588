import pytest

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps

AT = "https://club.example/news/one"


def passed(html="", **fields):
    return pass_steps(IncomingArticle(**{"url": AT, "title": "One", "html": html, **fields}))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Goodbye &lt;marquee&gt; and &lt;blink&gt;", "Goodbye <marquee> and <blink>"),
        ("Goodbye <marquee> and <blink>", "Goodbye <marquee> and <blink>"),
        ("Why List&lt;T&gt; is slow", "Why List<T> is slow"),
        ("When x < y and y > z", "When x < y and y > z"),
        ("A <b>bold</b> plan", "A bold plan"),
        ("A &lt;em&gt;bold&lt;/em&gt; plan", "A bold plan"),
        ("H<sub>2</sub>O &amp;amp; salt", "H2O & salt"),
        ("Waves of <math><msup><mi>x</mi><mn>2</mn></msup></math>-type", "Waves of x2-type"),
        ("Lines<br>break", "Lines break"),
        ('safe<object classid="clsid:C932BA85"> description', "safe description"),
        ("safe&lt;embed src=x&gt; description", "safe description"),
        ("The <embed> tag is gone", "The <embed> tag is gone"),
    ],
)
def test_a_title_loses_its_markup_and_none_of_its_words(written, words):
    assert passed(title=written).title == words


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<math><mi>n</mi><mo>=</mo><mn>4</mn></math>", "n=4"),
        ("<m:math><m:mfrac><m:mi>a</m:mi><m:mi>b</m:mi></m:mfrac></m:math>", "a/b"),
        ("<math><msub><mi>H</mi><mn>2</mn></msub><mi>O</mi></math>", "H<sub>2</sub>O"),
        ("<math><msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt></math>", "√(a+b)"),
        ("<math><mi>&alpha;</mi><mo>&lt;</mo><mn>1</mn></math>", "α&lt;1"),
        ("<math><mi>k</mi><annotation>TeX</annotation></math>", "k"),
    ],
)
def test_a_formula_stays_as_text(formula, text):
    assert passed(f"<p>With {formula} boats.</p>").body_html == f"<p>With {text} boats.</p>"


@pytest.mark.parametrize(
    ("player", "link"),
    [
        (
            '<iframe src="https://www.youtube-nocookie.com/embed/q1w2e3r4" title="The race"></iframe>',
            '<a href="https://www.youtube.com/watch?v=q1w2e3r4">The race</a>',
        ),
        (
            '<iframe src="//player.vimeo.com/video/123456"></iframe>',
            '<a href="https://vimeo.com/123456">Video (vimeo.com)</a>',
        ),
        (
            '<video src="/race.mp4" title="Finish"></video>',
            '<a href="https://club.example/race.mp4">Finish</a>',
        ),
        (
            '<audio controls><source src="/talk.mp3"></audio>',
            '<a href="https://club.example/talk.mp3">Audio</a>',
        ),
    ],
)
def test_a_player_becomes_a_link(player, link):
    assert (
        passed(f"<p>Watch:</p>{player}<p>Enjoy.</p>").body_html == f"<p>Watch:</p><p>{link}</p><p>Enjoy.</p>"
    )


@pytest.mark.parametrize("attributes", ['width="1" height="1"', 'style="display:none"'])
def test_a_frame_that_nobody_sees_leaves_nothing(attributes):
    assert (
        passed(f'<p>a</p><iframe src="https://count.example/ns.html" {attributes}></iframe>').body_html
        == "<p>a</p>"
    )


def test_what_was_escaped_twice_is_read_as_it_was_meant():
    result = passed(summary_html="Don&amp;rsquo;t be late &amp;#8211; we sail at nine.", html="")
    assert result.standfirst == "Don’t be late – we sail at nine."


def test_a_text_about_markup_keeps_what_it_shows():
    assert "&amp;rsquo;" in passed("<p>Write <code>&amp;rsquo;</code> here.</p>").body_html


@pytest.mark.parametrize(
    "html",
    [
        "<p>We sail<sup><a href='#f1'>1</a></sup> at nine.<sup>[2]</sup> Come.</p>",
        "<p>We sail<a href='#f1'><sup>1</sup></a> at nine.<a href='#f2'>[2]</a> Come.</p>",
        "<p>We sail<sup>[<a href='https://x.example/#f'>3</a>]</sup> at nine. Come.<sup>*</sup></p>",
        "<figure><img src='/a.jpg'><figcaption>Photo of a boat.</figcaption></figure><p>We sail at nine. Come.</p>",
        "<div class='wp-caption'><img src='a'><p class='wp-caption-text'>Boat.</p></div><p>We sail at nine. Come.</p>",
        "<p class='image-caption'>A boat at sea.</p><p>We sail at nine. Come.</p>",
        "<p>Photo: Ann Lee / Club.</p><p>We sail at nine. Come.</p>",
        "<p><a href='/live'>Watch the race live on our site.</a></p><p>We sail at nine. Come.</p>",
        "<p>We sail at nine. Come.</p><div class='sharedaddy'><p>Share this with all.</p></div>",
    ],
)
def test_a_standfirst_is_prose_without_marks_captions_and_links(html):
    assert passed(html).standfirst == "We sail at nine. Come."


def test_a_raised_number_that_is_an_exponent_stays():
    assert passed("<p>A sail of 20 m<sup>2</sup> is enough.</p>").standfirst == "A sail of 20 m2 is enough."


@pytest.mark.parametrize(
    ("summary", "standfirst"),
    [
        ("arXiv:2610.00001v2 Announce Type: cross Abstract: We sail at nine.", "We sail at nine."),
        ("Nature, Published online: 01 October 2026; doi:10.1038/s1 We sail at nine.", "We sail at nine."),
        (
            "J Sail. 2026 Oct 1;3(2):e1. doi: 10.1000/x1. Online ahead of print. ABSTRACT We sail at nine.",
            "We sail at nine.",
        ),
        ("ABSTRACT We sail at nine.", "We sail at nine."),
        ("CONCLUSIONS: We sail at nine.", "We sail at nine."),
        ("Abstract ideas are welcome.", "Abstract ideas are welcome."),
        ('<a href="/item?id=4">Comments</a>', ""),
        (
            'We sail at nine. submitted by <a href="/u/ann">/u/ann</a> <a href="/l">[link]</a> <a>[3 comments]</a>',
            "We sail at nine.",
        ),
    ],
)
def test_the_masthead_of_an_abstract_is_no_part_of_a_standfirst(summary, standfirst):
    assert passed(summary_html=summary).standfirst == standfirst


@pytest.mark.parametrize(
    ("written", "people"),
    [
        (("Ann Lee, Bo Kim, Cy Ng",), ("Ann Lee", "Bo Kim", "Cy Ng")),
        (("By Ann Lee and Bo Kim",), ("Ann Lee", "Bo Kim")),
        (("Ann Lee; Bo Kim",), ("Ann Lee", "Bo Kim")),
        (("Lee, Ann",), ("Lee, Ann",)),
        (("Lee, A. B., Kim, J.-P., Ng, C",), ("A. B. Lee", "J.-P. Kim", "C Ng")),
        (("Ann Lee, MD",), ("Ann Lee, MD",)),
        (("Ann Lee, PhD, Bo Kim, MD",), ("Ann Lee, PhD", "Bo Kim, MD")),
        (("Ann Lee, Sailing Correspondent",), ("Ann Lee, Sailing Correspondent",)),
        (("Research and Policy",), ("Research and Policy",)),
        (("Bylund Ek",), ("Bylund Ek",)),
    ],
)
def test_a_by_line_is_split_into_people(written, people):
    assert passed(authors=written).authors == people


@pytest.mark.parametrize(
    ("written", "topics"),
    [
        (("boats, wind, tides",), ("boats", "wind", "tides")),
        (("boats; wind",), ("boats", "wind")),
        (("Arts, Crafts & Hobbies",), ("Arts, Crafts & Hobbies",)),
    ],
)
def test_a_list_of_keywords_is_one_topic_each(written, topics):
    assert passed(topics=written).topics == topics


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("What &lt;script&gt; does", "What <script> does"),
        ("Use <b> & be bold", "Use <b> & be bold"),
        ("Why <img> needs a text", "Why <img> needs a text"),
        ("A &lt;span class='x'&gt;bold plan", "A bold plan"),
        ("A bold</b> plan", "A bold plan"),
        ("One&lt;br /&gt;two", "One two"),
    ],
)
def test_a_tag_without_its_other_half_is_a_word_of_the_title(written, words):
    assert passed(title=written).title == words


@pytest.mark.parametrize("name", ["section", "article", "header", "aside", "center", "address", "main"])
def test_the_words_of_two_blocks_are_not_glued(name):
    body = passed(f"<{name}>One</{name}><{name}>two</{name}>three").body_html
    assert body == "<div>One</div><div>two</div>three"


def test_the_last_paragraph_of_a_block_that_names_the_first_publisher_goes():
    added = "<p>The post <a href='/one'>One</a> appeared first on <a href='/'>Club</a>.</p>"
    assert passed(f"<section><p>We sail.</p>{added}</section>").body_html == "<div><p>We sail.</p></div>"


@pytest.mark.parametrize("mark", ["screen-reader-text", "visually-hidden", "sr-only"])
def test_what_is_only_read_aloud_is_not_printed(mark):
    assert passed(
        f'<p><span class="{mark}">Opens in a new tab</span>We <span>sail</span>.</p>'
    ).body_html == ("<p>We sail.</p>")


@pytest.mark.parametrize(
    "formula",
    [
        (
            '<span class="katex"><span class="katex-mathml"><math><mi>k</mi></math></span>'
            '<span class="katex-html" aria-hidden="true"><span class="base">k</span></span></span>'
        ),
        '<span class="katex"><span class="katex-html"><span class="base">k</span></span></span>',
        (
            '<span class="MathJax"><nobr><span class="math"><span class="mi">k</span></span></nobr>'
            '<span class="MJX_Assistive_MathML"><math><mi>k</mi></math></span></span>'
        ),
    ],
)
def test_a_formula_that_is_written_twice_for_a_browser_stands_once(formula):
    assert passed(f"<p>With {formula} boats.</p>").body_html == "<p>With k boats.</p>"


@pytest.mark.parametrize(
    "image",
    [
        '<img class="wp-smiley" src="/smile.gif" alt=":-)">',
        '<img class="latex" src="/latex.php?latex=k" alt=":-)">',
    ],
)
def test_an_image_that_stands_for_words_becomes_them(image):
    assert passed(f"<p>We sail {image} today.</p>").body_html == "<p>We sail :-) today.</p>"


def test_a_by_line_names_people_and_neither_accounts_nor_addresses():
    authors = ("admin", "https://club.example/author/ann", "WordPress", "Ann Lee", "Adminah Root")
    assert passed(authors=authors).authors == ("Ann Lee", "Adminah Root")


def test_where_a_piece_was_published_first_on_medium_is_not_said():
    html = (
        "<p>We sail.</p><p><a href='/one'>One</a> was originally published in <a href='/'>Club</a> on Medium, where "
        "people are continuing the conversation by highlighting and responding to this story.</p>"
    )
    assert passed(html).body_html == "<p>We sail.</p>"


def test_the_fields_that_drupal_writes_before_a_text_are_not_part_of_it():
    html = (
        '<span class="field field--name-title">One</span> <span class="field field--name-uid">ann</span>'
        '<span class="field field--name-created">Tue, 11/03/2026</span>'
        '<div class="field field--name-body"><p>We sail.</p></div>'
    )
    assert passed(html).body_html == "<div><p>We sail.</p></div>"


@pytest.mark.parametrize("line", ["", "<hr>"])
def test_footnotes_below_a_text_are_parted_from_it_and_are_no_standfirst(line):
    notes = f'{line}<section class="footnotes"><ol><li>At nine.</li></ol></section>'
    article = passed(f'<p>We sail.<a href="#fn1"><sup>1</sup></a></p>{notes}')
    assert article.standfirst == "We sail."
    assert article.body_html.endswith("</p><hr><div><ol><li>At nine.</li></ol></div>")
