"""A new format is one file and its name in FORMATS, as docs/how-to/add-a-format.md says."""

from pytest import fixture, mark

from newsletter.articles import choose_format, formats
from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from tests.docs_examples import example_module

TABLE = b"""title,url,text,date
A walk,/news/walk,"<p>The walk is on Sunday.</p><script>alert(1)</script>",2026-10-04
A talk,/news/talk,"<p>The talk is on <a href=""/monday?utm_source=csv"">Monday</a>.</p>",2026-10-05
"""


@fixture
def csv_table(tmp_path, monkeypatch):
    """The example of the page as a module of its own, added to the formats as the page says."""
    with example_module("add-a-format.md", formats, "csv_table", tmp_path) as module:
        monkeypatch.setattr(choose_format, "FORMATS", (module, *choose_format.FORMATS))
        yield module


@mark.django_db
@mark.usefixtures("csv_table")
def test_a_format_added_as_the_page_says_is_ingested(site):
    site.serve("/table", TABLE, headers={"Content-Type": "text/csv"})
    source = add_source(site.url("/table"), name="table")
    (report,) = fetch_sources([source])
    assert (source.kind, report.error, report.counts.added) == ("csv_table", "", 2)
    assert list(Article.objects.order_by("published_at").values_list("title", "url", "body_html")) == [
        ("A walk", site.url("/news/walk"), "<p>The walk is on Sunday.</p>"),
        (
            "A talk",
            site.url("/news/talk"),
            f'<p>The talk is on <a href="{site.url("/monday")}">Monday</a>.</p>',
        ),
    ]


@mark.django_db
@mark.usefixtures("csv_table")
def test_what_an_added_format_refuses_is_a_sentence_with_the_address(site):
    site.serve("/table", b"title,url,text\n")
    source = Source.objects.create(name="table", location=site.url("/table"))
    (report,) = fetch_sources([source])
    assert report.error == (
        f"{site.url('/table')}: The table has no articles. Add a line for each below the first."
    )


def test_every_format_has_a_kind_that_a_source_may_name():
    assert {each.KIND for each in choose_format.FORMATS} <= set(Source.Kind.values)
