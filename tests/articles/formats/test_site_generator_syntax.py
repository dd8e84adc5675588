import pytest

from newsletter.articles.formats.markdown import read_markdown
from newsletter.articles.ingest import pass_steps
from newsletter.errors import Invalid


def body(text):
    article = read_markdown(f"---\ntitle: One\nurl: https://club.example/one\n---\n\n{text}\n", "one.md")
    return " ".join(pass_steps(article).body_html.split())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("We sail. {{% notice %}}Bring a coat.{{% /notice %}}", "<p>We sail. Bring a coat.</p>"),
        ("{{< youtube q1w2e3r4 >}}", '<p><a href="https://www.youtube.com/watch?v=q1w2e3r4">Video</a></p>'),
        (
            '{{< figure src="/b.jpg" alt="A boat" caption="At sea" >}}',
            '<figure><img src="https://club.example/b.jpg" alt="A boat"><figcaption>At sea</figcaption></figure>',
        ),
        ("{{< highlight go >}}\nx := 1\n{{< /highlight >}}", "<pre><code>x := 1 </code></pre>"),
        ("We{% comment %} not yet {% endcomment %} sail.", "<p>We sail.</p>"),
        ("Write {% raw %}{{ name }}{% endraw %} here.", "<p>Write {{ name }} here.</p>"),
        ("Write `{{ name }}` here.", "<p>Write <code>{{ name }}</code> here.</p>"),
        ("```\n{% if x %}\n```", "<pre><code>{% if x %} </code></pre>"),
        ("## Where {#where}\n\nAt sea.\n{: .note}", "<h2>Where</h2> <p>At sea.</p>"),
        ("* list\n{:toc}\n\nAt sea.", "<p>At sea.</p>"),
        ("::: warning\nMind the boom.\n:::", "<p>Mind the boom.</p>"),
        ("See [[Harbour|the harbour]] and [[Tides]].", "<p>See the harbour and Tides.</p>"),
        ("We %%not yet%% sail ==today==.", "<p>We sail <mark>today</mark>.</p>"),
        (
            "> [!tip] Tip\n> Sail early.",
            "<blockquote> <p><strong>Tip</strong></p> <p>Sail early.</p> </blockquote>",
        ),
        ("Sail:\n\n- [x] hoist", "<p>Sail:</p> <ul> <li> hoist</li> </ul>"),
        ("Boom\n: The spar.", "<dl> <dt>Boom</dt> <dd>The spar.</dd> </dl>"),
        ("If a == b and b == c.", "<p>If a == b and b == c.</p>"),
        (
            "At https://x.example/a_(b).",
            '<p>At <a href="https://x.example/a_(b)">https://x.example/a_(b)</a>.</p>',
        ),
        ("At <https://x.example>.", '<p>At <a href="https://x.example">https://x.example</a>.</p>'),
    ],
)
def test_what_a_generator_would_render_is_rendered(written, shown):
    assert body(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "{% include donate.html %}",
        "See [it]({{ site.baseurl }}/map).",
        "{{< gallery >}}",
        "<%= today %>",
        "{{ content }}",
    ],
)
def test_what_only_the_generator_can_render_is_refused_by_its_line(written):
    with pytest.raises(Invalid, match=r"^line 8 contains template code"):
        body(f"We sail.\n\n{written}")


def test_template_code_in_a_title_is_refused():
    with pytest.raises(Invalid, match="`title` contains template code"):
        read_markdown('---\ntitle: "{{ page.name }}"\n---\nText.\n', "one.md")


def test_a_footnote_stands_below_the_text_and_not_in_the_standfirst():
    article = pass_steps(read_markdown("We sail.[^a] Come.\n\n[^a]: At nine.\n", "one.md"))
    assert article.standfirst == "We sail. Come."
    assert "At nine." in article.body_html
    assert "[^" not in article.body_html


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ('---json\n{"title": "J"}\n---\nText.', "J"),
        ("---toml\ntitle = 'T'\n---\nText.", "T"),
        ("Title: Bare\nDate: 2026-10-01\n\nText.", "Bare"),
        ("---\ntitle: No\nlanguage: no\n---\nText.", "No"),
        ("---\ntitle: 0900\n---\nText.", "0900"),
        ("---\ntitle: 1e3\n---\nText.", "1e3"),
    ],
)
def test_front_matter_is_read_in_every_way_it_is_written(text, title):
    article = read_markdown(text, "one.md")
    assert article.title == title
    assert pass_steps(article).body_html == "<p>Text.</p>"


def test_front_matter_that_does_not_end_is_refused_and_not_printed():
    with pytest.raises(Invalid, match="the front matter is not closed"):
        read_markdown("---\ntitle: One\n\nText.\n", "one.md")


@pytest.mark.parametrize("permalink", ["/{{ title | slug }}/", "/:year/:title/", "pretty"])
def test_a_permalink_that_is_computed_is_no_address(permalink):
    from newsletter.articles.formats.markdown import Site

    text = f'---\ntitle: One\npermalink: "{permalink}"\n---\nText.\n'
    site = Site(base_url="https://club.example/")
    assert read_markdown(text, "2026-10-01-one.md", site).url == "https://club.example/one"


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("We sail :tada: at 10:30:45.", "<p>We sail 🎉 at 10:30:45.</p>"),
        ("Write `:tada:`.", "<p>Write <code>:tada:</code>.</p>"),
        ("*[RYA]: a club\n\nThe RYA sails.", "<p>The RYA sails.</p>"),
        ("H~2~O and 10^6^ boats.", "<p>H<sub>2</sub>O and 10<sup>6</sup> boats.</p>"),
        ("export const boats = 40\n\nWe sail.", "<p>We sail.</p>"),
        ("We {/* not yet */}sail.", "<p>We sail.</p>"),
        ("See [the plan]({filename}/plan.md).", "<p>See the plan.</p>"),
    ],
)
def test_small_extensions_of_markdown_are_not_printed(written, html):
    assert read_markdown(written, "one.md").html.strip() == html


@pytest.mark.parametrize("attributes", ["{width=300}", '{width="300" .left}', "\n{width=300}"])
def test_the_attributes_of_a_picture_are_not_printed(attributes):
    html = read_markdown(f"![Pier](/p.jpg){attributes}\n\nWe sail.", "one.md").html
    assert "{" not in html
    assert 'src="/p.jpg"' in html


def test_an_admonition_has_its_title_and_its_words():
    html = read_markdown('!!! note "Advice"\n    Bring a coat.\n\nWe sail.', "one.md").html
    assert "!!!" not in html
    assert "Advice</p>" in html
    assert "<p>Bring a coat.</p>" in html


def test_an_emoji_that_we_do_not_know_is_an_error_with_its_line():
    with pytest.raises(Invalid, match=r"line 2 contains template code .*':party_parrot:'"):
        read_markdown("We sail.\nCome :party_parrot: all.\n", "one.md")


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("other.md", "other"),
        ("2026-11-03-other.md#place", "other#place"),
        ("../guide/index.md", "../guide/"),
        ("{static}/plan.pdf", "/plan.pdf"),
        ("https://x.example/README.md", "https://x.example/README.md"),
    ],
)
def test_a_link_to_another_file_leads_to_its_page(target, address):
    assert f'href="{address}"' in read_markdown(f"See [it]({target}).", "one.md").html


def test_the_tabs_of_a_handbook_stand_below_each_other():
    html = read_markdown('=== "Quay"\n    Come at *nine*.\n\n=== "Boat"\n    Come at ten.\n', "one.md").html
    assert "===" not in html
    assert "<p><strong>Quay</strong></p>\n<p>Come at <em>nine</em>.</p>" in html


def test_a_role_is_the_text_that_it_marks():
    assert (
        read_markdown("See {ref}`the plan <plan>` now.", "one.md").html.strip() == "<p>See the plan now.</p>"
    )


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("![Pier|300](/p.jpg)", '<p><img src="/p.jpg" alt="Pier"></p>'),
        ("```dataview\nTABLE x\n```\n\nWe sail.", "<p>We sail.</p>"),
        ('export const meta = {\n  title: "x"\n}\n\nWe sail.', "<p>We sail.</p>"),
        ("`<b>We</b>`{=html} sail.", "<p><code>&lt;b&gt;We&lt;/b&gt;</code> sail.</p>"),
    ],
)
def test_what_only_a_program_reads_is_not_printed(written, html):
    assert read_markdown(written, "one.md").html.replace(" />", ">").strip() == html
