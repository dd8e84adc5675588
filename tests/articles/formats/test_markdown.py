from datetime import UTC, date, datetime

import pytest

from newsletter.articles.formats.markdown import read_folder
from newsletter.articles.incoming_article import Amendment, Citation
from newsletter.errors import Invalid, NotFound

ARTICLE = """---
title: What the study found
date: 2025-07-01
authors: [Jane Doe, {name: John Roe}]
topics: cells, prostate
standfirst: In cells, not in people.
image: {path: cell.png, alt: A cell, width: 640, height: 480}
language: en-GB
references:
  - {kind: study, citation: "Sun et al., 2012", doi: "https://doi.org/10.1038/nm.2890"}
  - A plain citation
corrections:
  - {date: 2025-07-02, text: The dose was wrong.}
---
# What the study found

Some *words* and a [link](more/).

| a | b |
| - | - |
| 1 | 2 |
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "what-was-found.md").write_text(ARTICLE, encoding="utf-8")
    return tmp_path


def only(folder):
    (entry,) = read_folder(folder).articles
    return entry


def test_an_article_gives_all_that_its_front_matter_says(folder):
    entry = only(folder)
    assert (entry.title, entry.language) == ("What the study found", "en-GB")
    assert entry.published_at == datetime(2025, 7, 1, tzinfo=UTC)
    assert entry.authors == ("Jane Doe", "John Roe")
    assert entry.topics == ("cells", "prostate")
    assert entry.summary_html == "<p>In cells, not in people.</p>"
    assert (entry.image.url, entry.image.alt, entry.image.width) == ("cell.png", "A cell", 640)
    assert entry.references == (
        Citation(kind="study", citation="Sun et al., 2012", doi="10.1038/nm.2890"),
        Citation(kind="study", citation="A plain citation"),
    )
    assert entry.corrections == (Amendment(corrected_on=date(2025, 7, 2), text="The dose was wrong."),)
    assert "<em>words</em>" in entry.html
    assert "<table>" in entry.html
    assert "<h1>" not in entry.html


def test_a_folder_is_complete_so_that_a_missing_file_is_a_withdrawn_article(folder):
    assert read_folder(folder).complete


def test_the_site_file_says_where_articles_are_published(folder):
    (folder / "site.toml").write_text(
        'base_url = "https://charity.example/news"\ntitle = "News"\nzone = "Europe/London"\nauthor = "The charity"\n',
        encoding="utf-8",
    )
    entry = only(folder)
    assert entry.url == "https://charity.example/news/what-was-found"
    assert entry.published_at == datetime(2025, 6, 30, 23, tzinfo=UTC)
    assert read_folder(folder).title == "News"


def test_a_file_without_front_matter_takes_its_title_from_the_first_heading(tmp_path):
    (tmp_path / "plain.md").write_text("# A title\n\nWords.\n", encoding="utf-8")
    entry = only(tmp_path)
    assert (entry.title, entry.html, entry.guid) == ("A title", "<p>Words.</p>\n", "plain.md")


def test_a_file_with_words_alone_takes_its_title_from_its_name(tmp_path):
    (tmp_path / "two-words.md").write_text("Words.\n", encoding="utf-8")
    assert only(tmp_path).title == "Two words"


def test_a_head_in_toml_is_read_too(tmp_path):
    (tmp_path / "a.md").write_text(
        '+++\ntitle = "T"\ndate = 2025-01-02T03:04:05Z\n+++\nx\n', encoding="utf-8"
    )
    assert (only(tmp_path).title, only(tmp_path).published_at) == (
        "T",
        datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", ["README.md", "_draft.md", ".hidden.md", "notes.txt", "_drafts/x.md"])
def test_what_is_no_article_is_left_out(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("# Not this\n", encoding="utf-8")
    assert len(read_folder(folder).articles) == 1


def test_a_draft_is_left_out(tmp_path):
    (tmp_path / "a.md").write_text("---\ndraft: true\n---\n# x\n", encoding="utf-8")
    assert read_folder(tmp_path).articles == ()


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("# Secret\n", encoding="utf-8")
    (folder / "secret.md").symlink_to(outside)
    assert len(read_folder(folder).articles) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\ntitle: [\n---\nx", "line"),
        ("---\n- a list\n---\nx", "name: value"),
        ("---\na: &a [x]\nb: [*a, *a]\n---\nx", "front matter"),
        ("---\ndate: soon\n---\nx", "we could not read `date` as a date"),
        ("---\nreferences: none\n---\nx", "`references` must be a list"),
        (
            "---\nreferences: [{kind: rumour, citation: x}]\n---\nx",
            "entry 1 of `references` has an unknown kind: 'rumour'",
        ),
        ("---\ncorrections: [{text: x}]\n---\nx", "entry 1 of `corrections` needs a `date`"),
        ("+++\ntitle = \n+++\nx", "TOML"),
        ("---\n" + "[" * 5000 + "\n---\nx", "front matter"),
    ],
)
def test_a_slip_is_named_with_its_file(tmp_path, text, says):
    (tmp_path / "wrong.md").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_folder(tmp_path)
    assert str(caught.value).startswith("wrong.md: ")
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ['base_url = "x"', "base_url =", 'zone = "Mars/Base"', 'zone = "../etc"'])
def test_a_slip_in_the_site_file_is_named(folder, text):
    (folder / "site.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=r"site\.toml"):
        read_folder(folder)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(NotFound, match="is not a folder"):
        read_folder(tmp_path / "none")


@pytest.mark.parametrize(
    "head",
    [
        "images: [/pier.jpg, /quay.jpg]",
        "cover: {image: /pier.jpg, alt: The pier}",
        "header: {teaser: /pier.jpg}",
        "header: {overlay_image: /pier.jpg}",
        "heroImage: /pier.jpg",
        "featured_image: /pier.jpg",
        "thumbnail: /pier.jpg",
        "featured: true\nimage: false\nbanner: /pier.jpg",
        "image: '{static}/pier.jpg'",
    ],
)
def test_the_lead_image_has_the_name_that_the_generator_or_theme_gives_it(tmp_path, head):
    (tmp_path / "one.md").write_text(f"---\ntitle: One\n{head}\n---\nWords.\n", encoding="utf-8")
    assert only(tmp_path).image.url == "/pier.jpg"


@pytest.mark.parametrize("head", ["image: true", "hero: Come and sail", "featured: yes", "header: none"])
def test_what_is_no_place_of_an_image_is_none(tmp_path, head):
    (tmp_path / "one.md").write_text(f"---\ntitle: One\n{head}\n---\nWords.\n", encoding="utf-8")
    assert only(tmp_path).image is None


@pytest.mark.parametrize(
    "name", ["publishDate", "datePublished", "published-at", "pubDate", "published_time"]
)
def test_the_date_has_the_name_that_the_generator_gives_it(tmp_path, name):
    (tmp_path / "one.md").write_text(f"---\ntitle: One\n{name}: 2025-07-01\n---\nWords.\n", encoding="utf-8")
    assert only(tmp_path).published_at == datetime(2025, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "topics"),
    [
        ("category: News\ntags: [boats]", ("News", "boats")),
        ("taxonomies:\n  categories: [News]\n  tags: [boats]", ("News", "boats")),
        ("tags: ['#boats', posts]", ("boats",)),
        ("topics: [boats]\ntags: [site]", ("boats",)),
    ],
)
def test_topics_are_the_categories_and_the_tags(tmp_path, head, topics):
    (tmp_path / "one.md").write_text(f"---\ntitle: One\n{head}\n---\nWords.\n", encoding="utf-8")
    assert only(tmp_path).topics == topics


CSL = """---
title: What the study found
references:
  - kind: study
    csl:
      type: article-journal
      title: A study of cells
      author: [{family: Sun, given: Yu}, {family: "True", given: Lawrence}, {literal: The Cell Group}]
      container-title: Nature Medicine
      issued: {date-parts: [[2012]]}
      volume: 18
      page: 1359-1368
      DOI: 10.1038/nm.2890
      note: <script>alert(1)</script>
---
Words.
"""


def test_a_reference_given_as_csl_is_formatted_and_keeps_only_what_citations_use(tmp_path):
    (tmp_path / "a.md").write_text(CSL, encoding="utf-8")
    (reference,) = only(tmp_path).references
    assert reference.formatted
    assert (reference.doi, reference.url) == ("10.1038/nm.2890", "")
    assert reference.citation == (
        "Sun Y, True L, The Cell Group. A study of cells. Nature Medicine. 2012;18:1359–68. doi:10.1038/nm.2890"
    )
    assert set(reference.csl) == {
        "type",
        "title",
        "author",
        "container-title",
        "issued",
        "volume",
        "page",
        "DOI",
    }


def test_a_citation_that_is_written_beside_csl_stays_as_it_is_written(tmp_path):
    written = CSL.replace("kind: study", "kind: study\n    citation: Sun et al., as we say")
    (tmp_path / "a.md").write_text(written, encoding="utf-8")
    (reference,) = only(tmp_path).references
    assert (reference.citation, reference.formatted) == ("Sun et al., as we say", False)


@pytest.mark.parametrize(
    "csl", ["csl: {title: ''}", "csl: a study", "csl: [1]", "csl: {author: [{family: Sun}]}"]
)
def test_csl_without_a_title_is_refused_with_the_number_of_its_entry(tmp_path, csl):
    (tmp_path / "a.md").write_text(f"---\nreferences:\n  - {csl}\n---\nx", encoding="utf-8")
    with pytest.raises(
        Invalid, match="`csl` in entry 1 of `references` must be a CSL-JSON item with a `title`"
    ):
        read_folder(tmp_path)
