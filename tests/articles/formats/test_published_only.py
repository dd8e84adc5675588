import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.articles.choose_format import read_document
from newsletter.articles.fetch_sources import fetch_named
from newsletter.articles.formats.markdown import read_folder
from newsletter.articles.models import Article
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

NOW = datetime(2026, 10, 12, 12, tzinfo=UTC)
POST = {
    "status": "publish",
    "date_gmt": "2026-10-01T09:00:00",
    "link": "https://club.example/annual-report",
    "title": {"rendered": "Annual report"},
    "content": {"rendered": "<p>Our year in words.</p>", "protected": False},
}


@pytest.fixture(autouse=True)
def _on_one_day():
    with time_machine.travel(NOW, tick=False):
        yield


def titles_in(folder, front_matter):
    (folder / "piece.md").write_text(
        f"---\ntitle: A piece\n{front_matter}\n---\n\nWords.\n", encoding="utf-8"
    )
    return [article.title for article in read_folder(folder).articles]


def read(text, address="https://club.example/feed"):
    return read_document(Document(data=text.encode(), url=address))


def posts(*changes):
    return read(json.dumps([POST | change for change in changes]), "https://club.example/wp-json/wp/v2/posts")


def rss(item):
    return read(f'<rss version="2.0"><channel><title>Club</title><item>{item}</item></channel></rss>')


@pytest.mark.parametrize(
    "front_matter",
    [
        "published: false",
        "published: no",
        "publish: off",
        "draft: true",
        "Draft: yes",
        "status: Private",
        "status: pending review",
        "visibility: members",
        "private: true",
        "password: swordfish",
        "publishDate: 2027-02-01",
        "publish_date: 2026-10-12 12:01",
        "date: 2026-12-24",
        "expiryDate: 2026-09-30",
        "expires: 2026-10-12T11:59:00Z",
        "permalink: false",
        "permalink: {build: false}",
        "eleventyExcludeFromCollections: true",
        "build: {render: never}",
        "_build: {list: false}",
        "dg-publish: false",
        "unlisted: true",
    ],
)
def test_a_markdown_file_that_its_generator_would_not_show_is_not_taken(tmp_path, front_matter):
    assert titles_in(tmp_path, front_matter) == []


@pytest.mark.parametrize(
    "front_matter",
    [
        "published: true",
        "published: 2026-10-01",
        "draft: false",
        "draft: no",
        "status: published",
        "visibility: public",
        "password: ''",
        "publishDate: 2026-10-12T11:59:00Z",
        "expiryDate: 2026-10-13",
        "permalink: /a-piece/",
        "build: {render: always}",
        "state: Delaware",
    ],
)
def test_a_markdown_file_that_its_generator_shows_is_taken(tmp_path, front_matter):
    assert titles_in(tmp_path, front_matter) == ["A piece"]


def test_a_draft_is_left_out_whatever_way_its_front_matter_is_written(tmp_path):
    for name, text in {
        "toml.md": "+++\ntitle = 'T'\ndraft = true\n+++\nWords.\n",
        "json.md": '{\n"title": "J",\n"draft": true\n}\n\nWords.\n',
        "pelican.md": "Title: P\nStatus: hidden\n\nWords.\n",
        "blank.md": "\n\n---\ntitle: B\ndraft: true\n---\nWords.\n",
        "2026-11-30-tomorrow.md": "---\ntitle: Later\n---\nWords.\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_folder(tmp_path).articles == ()


def test_an_embargo_that_cannot_be_read_is_an_error_and_not_a_publication(tmp_path):
    with pytest.raises(
        Invalid, match=r"piece\.md: we could not read `publishdate` as a date: 'after the vote'"
    ):
        titles_in(tmp_path, "publishDate: after the vote")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "private"},
        {"status": "future"},
        {"content": {"rendered": "", "protected": True}},
        {"excerpt": {"rendered": "", "protected": True}},
        {"password": "swordfish"},
        {"date_gmt": "2026-10-12T12:01:00"},
        {
            "content": {
                "rendered": '<form action="/wp-login.php?action=postpass" class="post-password-form"></form>'
            }
        },
    ],
)
def test_a_post_that_wordpress_does_not_show_to_everybody_is_not_taken_and_withdraws_an_earlier_one(change):
    reading = posts({}, {"link": "https://club.example/board", **change})
    assert [article.url for article in reading.articles] == [POST["link"]]
    assert "https://club.example/board" in reading.withdrawn


@pytest.mark.parametrize(
    "item",
    [
        "<title>Protected: Vote</title><description>There is no excerpt, as this is a protected post.</description>",
        "<title>Geschützt: Protokoll</title><description>Dieser Beitrag ist geschützt.</description>",
        "<title>Vote</title><description>&lt;form action='/wp-login.php?action=postpass'>&lt;/form></description>",
        '<title>A</title><app:control xmlns:app="http://www.w3.org/2007/app"><app:draft>yes</app:draft></app:control>',
        '<title>A</title><prism:expirationDate xmlns:prism="urn:prism">2026-10-01</prism:expirationDate>',
    ],
)
def test_an_entry_of_a_feed_that_is_not_public_is_not_taken(item):
    assert rss(item).articles == ()


@pytest.mark.parametrize(
    "told",
    [
        "<wp:status>draft</wp:status>",
        "<wp:status>private</wp:status>",
        "<wp:status>publish</wp:status><wp:post_password>swordfish</wp:post_password>",
        "<wp:status>publish</wp:status><wp:post_type>nav_menu_item</wp:post_type>",
    ],
)
def test_what_an_export_of_wordpress_holds_besides_public_posts_is_not_taken(told):
    exported = (
        '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
        f"<item><title>Hidden</title>{told}</item><item><title>Seen</title><wp:status>publish</wp:status>"
        "<wp:post_password></wp:post_password><wp:post_type>post</wp:post_type></item></channel></rss>"
    )
    assert [article.title for article in read(exported).articles] == ["Seen"]


def test_an_entry_whose_title_only_begins_like_that_of_a_protected_post_is_taken():
    item = "<title>Protected: how seals came back</title><description>They are many again.</description>"
    assert [article.title for article in rss(item).articles] == ["Protected: how seals came back"]


def test_a_page_that_asks_for_a_password_is_refused_by_that_reason():
    with pytest.raises(Invalid, match="asks for a password"):
        read("<html><body><form class='post-password-form'>Password:</form></body></html>")


def test_an_item_of_a_json_feed_with_the_status_of_a_draft_is_not_taken():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": "A", "status": "draft"}],
    }
    assert read(json.dumps(feed)).articles == ()


@pytest.mark.django_db(transaction=True)
def test_a_post_is_taken_once_its_time_has_come_though_the_file_is_the_same(tmp_path):
    file = tmp_path / "posts.json"
    file.write_text(
        json.dumps([POST, POST | {"link": "https://club.example/b", "date_gmt": "2026-10-12T13:00:00"}])
    )
    fetch_named([str(file)])
    assert [article.url for article in Article.objects.all()] == [POST["link"]]
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        fetch_named([])
    assert Article.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_article_is_withdrawn_as_soon_as_its_post_gets_a_password(tmp_path):
    file = tmp_path / "posts.json"
    file.write_text(json.dumps([POST]))
    fetch_named([str(file)])
    file.write_text(json.dumps([POST | {"content": {"rendered": "", "protected": True}}]))
    fetch_named([str(file)])
    assert Article.objects.get().withdrawn_at == NOW


@pytest.mark.parametrize(
    "status",
    [
        "in review",
        "Under review",
        "needs_review",
        "awaiting approval",
        "not ready",
        "ready for editing",
        "submitted",
    ],
)
def test_a_piece_that_somebody_has_still_to_look_at_is_not_public(tmp_path, status):
    assert titles_in(tmp_path, f"status: {status}") == []


@pytest.mark.parametrize("status", ["published", "live", "final", "evergreen", "reviewed"])
def test_a_status_that_only_describes_a_public_piece_hides_nothing(tmp_path, status):
    assert titles_in(tmp_path, f"status: {status}") == ["A piece"]


@pytest.mark.parametrize(
    "excerpt",
    [
        "There is no excerpt because this is a protected post.",
        "Es gibt keinen Textauszug, da dies ein geschützter Beitrag ist.",
        "Il n’y a pas d’extrait, car cette publication est protégée.",
        "Er is geen samenvatting, omdat dit een beschermd bericht is.",
    ],
)
def test_what_stands_for_a_protected_excerpt_hides_its_post_whatever_the_title(excerpt):
    found = rss(
        f"<title>Minutes</title><link>https://club.example/m</link><description>{excerpt}</description>"
    )
    assert found.articles == ()


@pytest.mark.parametrize(
    "head", ["feed: false", "rss: no", "list: false", "excludeFromRSS: true", "redirect_to: /x"]
)
def test_what_its_generator_keeps_out_of_its_feed_is_kept_out(tmp_path, head):
    assert titles_in(tmp_path, head) == []


@pytest.mark.parametrize("name", ["drafts", "Draft", "unpublished", "private", "node_modules"])
def test_a_folder_of_drafts_is_not_read(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "secret.md").write_text("# Secret\n\nWords.\n", encoding="utf-8")
    assert titles_in(tmp_path, "date: 2026-10-01") == ["A piece"]
