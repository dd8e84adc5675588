"""`newsletter articles …` and `newsletter sources …` as a person meets them."""

import json

from pytest import fixture, mark

from newsletter.articles.models import Article, Source
from tests.fakes.source import feed, item


@fixture
def files(tmp_path, db):
    """Make a feed file: `files("news.xml", item(1))` gives its path."""

    def make(name, *items, title="Charity news"):
        path = tmp_path / name
        path.write_bytes(feed(items, title=title))
        return path

    return make


@fixture
def fetched(cli, files):
    """Three articles from one file."""
    assert cli("articles", "fetch", files("news.xml", item(1), item(2), item(3))).code == 0


def test_fetching_tells_what_came_of_each_source(cli, files, tmp_path):
    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"\x00\x01\x02 this is nothing")
    result = cli("articles", "fetch", broken, files("news.xml", item(1)), "nobody", tmp_path / "absent.xml")
    assert result.code == 1
    assert "charity-news: 1 added" in result.out
    for named in (broken, "nobody", tmp_path / "absent.xml"):
        assert str(named) in result.out
    assert "Traceback" not in result.out + result.err
    assert list(Source.objects.values_list("name", flat=True)) == ["charity-news"]


def test_fetching_again_finds_nothing_new(cli, files):
    path = files("news.xml", item(1), item(2))
    cli("articles", "fetch", path)
    result = cli("articles", "fetch")
    assert result.code == 0
    assert "nothing has changed" in result.out


def test_fetching_without_sources_says_how_to_begin(cli):
    result = cli("articles", "fetch")
    assert result.code == 0
    assert "sources add" in result.out


def test_fetching_speaks_json(cli, files):
    result = cli("articles", "fetch", "--json", files("news.xml", item(1)), "nobody")
    failed, done = json.loads(result.out)
    assert (failed["source"], done["source"]) == ("nobody", "charity-news")
    assert (failed["added"], done["added"]) == (0, 1)
    assert failed["error"]
    assert result.code == 1


def test_many_files_in_one_call(cli, files):
    paths = [files(f"{number}.xml", item(number), title=f"Feed {number}") for number in range(1, 41)]
    assert cli("articles", "fetch", *paths).code == 0
    assert Source.objects.count() == Article.objects.count() == 40


def test_listing_shows_what_became_of_an_article(cli, fetched):
    assert cli("articles", "exclude", Article.objects.get(title="Piece 1").pk).code == 0
    Article.objects.filter(title="Piece 2").update(edited_at="2026-11-02T00:00Z")
    Article.objects.filter(title="Piece 3").update(withdrawn_at="2026-11-02T00:00Z")
    lines = cli("articles", "list").out.splitlines()
    assert [("Piece 1" in line, "excluded" in line) for line in lines if "Piece" in line] == [
        (True, True),
        (False, False),
    ]
    assert any("Piece 2" in line and "edited" in line for line in lines)
    assert "Piece 3" in cli("articles", "list", "--withdrawn").out


def test_listing_is_filtered(cli, fetched):
    Article.objects.filter(title="Piece 1").update(topics=["Research"])

    def titles(*arguments):
        return [it["title"] for it in json.loads(cli("articles", "list", "--json", *arguments).out)]

    assert titles() == ["Piece 1", "Piece 2", "Piece 3"]
    assert titles("--topic", "research") == ["Piece 1"]
    assert titles("--since", "2026-10-26") == ["Piece 1", "Piece 2"]
    assert titles("--limit", "1") == ["Piece 1"]
    assert titles("--source", "charity-news", "--withdrawn") == []
    assert "any articles that match" in cli("articles", "list", "--topic", "bees").out


def test_an_article_is_shown_with_its_words(cli, fetched):
    number = Article.objects.get(title="Piece 1").pk
    shown = cli("articles", "show", number)
    assert "Piece 1" in shown.out
    assert "told at length" in shown.out
    assert (
        json.loads(cli("articles", "show", number, "--json").out)["url"] == "https://charity.example/news/1"
    )


@mark.parametrize("command", ["show", "exclude", "include"])
def test_an_article_that_is_not_there_is_a_sentence(cli, command):
    for number in ("999", str(2**70)):
        result = cli("articles", command, number)
        assert result.code == 1
        assert "could not find article" in result.err


def test_an_article_is_held_back_and_released(cli, fetched):
    number = Article.objects.get(title="Piece 1").pk
    assert "will not be used" in cli("articles", "exclude", number).out
    assert Article.objects.get(pk=number).excluded
    assert json.loads(cli("articles", "include", number, "--json").out)["excluded"] is False
    assert not Article.objects.get(pk=number).excluded


def test_sources_come_are_shown_and_go(cli, files):
    path = files("news.xml", item(1))
    assert "Added the source mine" in cli("sources", "add", path, "--name", "mine").out
    assert "not fetched yet" in cli("sources", "list").out
    assert str(path) in cli("sources", "show", "mine").out
    assert json.loads(cli("sources", "list", "--json").out)[0]["kind"] == "feed"
    assert json.loads(cli("sources", "remove", "mine", "--json").out) == {
        "removed": "mine",
        "articles_kept": 0,
    }
    assert "no sources yet" in cli("sources", "list").out


@mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "ftp://charity.example/"), 2, "http"),
        (("add", "http://127.0.0.1:9/feed"), 1, "private network"),
        (("add", "/absent/feed.xml"), 2, "could not find a file"),
        (("remove", "nobody"), 1, "the source nobody"),
        (("show", "nobody"), 1, "the source nobody"),
        (("add", "http://127.0.0.1/", "--kind", "newspaper"), 2, "newspaper is not a kind of source"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(cli, arguments, code, words):
    result = cli("sources", *arguments)
    assert (result.code, result.err.count("\n")) == (code, 1)
    assert words in result.err
