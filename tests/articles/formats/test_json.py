import json
from datetime import UTC, datetime

import pytest

from newsletter.articles.choose_format import read_document
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

AT = "https://charity.example/wp-json/wp/v2/posts"


def answer(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return read_document(Document(data=text.encode(), url=AT))


def test_a_json_feed_is_read():
    reading = answer(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News",
            "language": "en",
            "home_page_url": "https://charity.example/",
            "authors": [{"name": "The charity"}],
            "items": [
                {
                    "id": 7,
                    "url": "/seven",
                    "title": "Seven",
                    "content_text": "a < b\n\nnext",
                    "summary": "Short",
                    "image": "/7.png",
                    "date_published": "2025-09-01T10:00:00+01:00",
                    "tags": ["cells", 3],
                },
                {"id": "8", "author": {"name": "Jane"}, "external_url": "https://elsewhere.example/"},
                "no item",
            ],
        }
    )
    first, second = reading.articles
    assert (reading.kind, reading.title, reading.language) == ("json_feed", "News", "en")
    assert (first.url, first.guid) == ("https://charity.example/seven", "7")
    assert first.html == "<p>a &lt; b</p><p>next</p>"
    assert first.published_at == datetime(2025, 9, 1, 9, tzinfo=UTC)
    assert (first.authors, first.topics, first.image.url) == (("The charity",), ("cells", "3"), "/7.png")
    assert (second.authors, second.url) == (("Jane",), "https://elsewhere.example/")


POST = {
    "id": 5,
    "date": "2025-09-01T12:00:00",
    "date_gmt": "2025-09-01T11:00:00",
    "link": "https://charity.example/five/",
    "guid": {"rendered": "https://charity.example/?p=5"},
    "status": "publish",
    "title": {"rendered": "Five &#8211; a title"},
    "content": {"rendered": "<p>Text</p>"},
    "excerpt": {"rendered": "<p>Short</p>"},
    "_embedded": {
        "author": [{"name": "Jane Doe"}],
        "wp:featuredmedia": [
            {
                "source_url": "https://charity.example/full.jpg",
                "alt_text": "A cell",
                "media_details": {
                    "width": 4000,
                    "height": 3000,
                    "sizes": {
                        "medium": {
                            "source_url": "https://charity.example/m.jpg",
                            "width": 300,
                            "height": 225,
                        },
                        "large": {
                            "source_url": "https://charity.example/l.jpg",
                            "width": "1024",
                            "height": 768,
                        },
                    },
                },
            }
        ],
        "wp:term": [[{"name": "Cells"}, {"name": "Uncategorised"}], [{"name": "Prostate"}]],
    },
}


def test_a_wordpress_post_gives_all_that_is_embedded():
    reading = answer([POST])
    (entry,) = reading.articles
    assert reading.kind == "wordpress"
    assert entry.published_at == datetime(2025, 9, 1, 11, tzinfo=UTC)
    assert (entry.title, entry.html, entry.summary_html) == (
        "Five &#8211; a title",
        "<p>Text</p>",
        "<p>Short</p>",
    )
    assert (entry.authors, entry.topics) == (("Jane Doe",), ("Cells", "Prostate"))
    assert (entry.image.url, entry.image.alt) == ("https://charity.example/l.jpg", "A cell")
    assert (entry.image.width, entry.image.height) == (1024, 768)


def test_a_post_without_embedded_parts_and_a_single_post_are_read():
    bare = {name: value for name, value in POST.items() if name != "_embedded"}
    assert answer([bare]).articles[0].authors == ()
    assert answer(bare).articles[0].title == POST["title"]["rendered"]


def test_a_post_that_is_not_public_is_left_out():
    assert answer([{**POST, "status": "private"}, POST]).articles == answer([POST]).articles


def test_a_site_without_posts_is_no_error():
    assert answer([]).articles == ()


def test_wordpress_says_why_it_refused():
    with pytest.raises(Invalid, match="WordPress answered: “Sorry, you are not allowed to do that”"):
        answer(
            {"code": "rest_forbidden", "message": "Sorry, you are <b>not</b> allowed to do that.", "data": {}}
        )


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "https://jsonfeed.org/version/1", "items": [',
        "[" * 100_000,
        '{"a": 1}',
        "[1, 2]",
        '{"items": 5}',
    ],
    ids=["cut off", "nested", "something else", "numbers", "no list"],
)
def test_json_that_cannot_be_read_is_one_sentence(text):
    with pytest.raises(Invalid) as caught:
        answer(text)
    assert "\n" not in str(caught.value)
    assert "charity.example" in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"jetpack_featured_media_url": "https://club.example/a.jpg"},
        {"featured_image_src": "https://club.example/a.jpg"},
        {"better_featured_image": {"source_url": "https://club.example/a.jpg"}},
        {"yoast_head_json": {"og_image": [{"url": "https://club.example/a.jpg", "width": 1200}]}},
    ],
)
def test_the_picture_of_a_post_is_found_in_the_fields_of_plug_ins(fields):
    post = {"link": "https://club.example/one", "title": {"rendered": "One"}} | fields
    assert answer([post]).articles[0].image.url == "https://club.example/a.jpg"


def test_a_featured_file_that_is_no_image_is_no_picture():
    media = {"media_type": "file", "mime_type": "application/pdf", "source_url": "https://club.example/a.pdf"}
    post = {"title": {"rendered": "One"}, "_embedded": {"wp:featuredmedia": [media]}}
    assert answer([post]).articles[0].image is None
