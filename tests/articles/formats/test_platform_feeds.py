"""Feeds of podcasts, YouTube, Mastodon and GitHub, in the shapes in which these write them."""

import json

from pytest import mark

from newsletter.articles.choose_format import read_document
from newsletter.articles.formats.parse_durations import seconds_of
from newsletter.articles.ingest import prepare
from newsletter.http.fetched_document import Document

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def articles(text):
    return prepare(read_document(Document(data=text.encode(), url="https://charity.example/feed")))


def rss(items):
    itunes = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    return f'<rss version="2.0" {MEDIA} {itunes}><channel><title>Tides</title>{items}</channel></rss>'


def atom(entries):
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {MEDIA}><title>Tides</title>{entries}</feed>'


EPISODE = """<item><title>12. The gauge</title><guid isPermaLink="false">ep-12</guid>
<itunes:duration>{duration}</itunes:duration>{link}
<enclosure url="https://cdn.charity.example/12.mp3" length="321" type="audio/mpeg"/>
<description>Ann Lee climbs down to the gauge.</description><itunes:image href="https://charity.example/12.jpg"/></item>"""


def test_an_episode_has_its_length_and_picture():
    link = "<link>https://charity.example/12</link>"
    (episode,) = articles(rss(EPISODE.format(duration="00:33:40", link=link)))
    assert (episode.url, episode.duration_seconds) == ("https://charity.example/12", 2020)
    assert episode.image.url == "https://charity.example/12.jpg"


def test_an_episode_without_a_page_leads_to_its_recording():
    (episode,) = articles(rss(EPISODE.format(duration="", link="")))
    assert (episode.url, episode.duration_seconds) == ("https://cdn.charity.example/12.mp3", None)


@mark.parametrize(
    ("written", "seconds"),
    [("1:02:03", 3723), ("62:03", 3723), ("3723", 3723), (" 05:30 ", 330), ("330.5", 330), ("0", None), ("", None),
     ("half an hour", None), ("-5", None), ("99999:00", None), ("1:2:3:4", None), ("９", 9)],
)  # fmt: skip
def test_lengths_are_read_as_podcasts_write_them(written, seconds):
    assert seconds_of(written) == seconds


def test_a_json_feed_and_media_rss_state_lengths_too():
    attachment = {
        "url": "https://charity.example/a.mp3",
        "mime_type": "audio/mpeg",
        "duration_in_seconds": 754,
    }
    value = {"items": [{"id": "1", "title": "One", "attachments": [attachment]}]}
    media = (
        '<item><title>One</title><media:content url="https://charity.example/a.mp4" duration="61"/></item>'
    )
    assert [articles(text)[0].duration_seconds for text in (json.dumps(value), rss(media))] == [754, 61]


def test_a_video_of_youtube_is_told_in_its_own_paragraphs():
    (video,) = articles(
        atom("""<entry><id>yt:video:abc</id><title>How tides are measured</title>
<link rel="alternate" href="https://www.youtube.com/watch?v=abc"/><author><name>Harbour Trust</name></author>
<published>2026-10-20T15:00:18+00:00</published><media:group><media:title>How tides are measured</media:title>
<media:content url="https://www.youtube.com/v/abc?version=3" type="application/x-shockwave-flash" width="640"/>
<media:thumbnail url="https://i3.ytimg.com/vi/abc/hqdefault.jpg" width="480" height="360"/>
<media:description>Ann Lee shows the gauge. It has run since 1901 &lt;or so&gt;.

Chapters:
00:00 Start

#tides</media:description></media:group></entry>""")
    )
    assert (video.title, video.authors) == ("How tides are measured", ("Harbour Trust",))
    assert video.standfirst == "Ann Lee shows the gauge. It has run since 1901 <or so>."
    assert "<p>Chapters:<br>00:00 Start</p>" in video.body_html
    assert video.image.url.endswith("hqdefault.jpg")


POST = """<item><guid>https://social.example/@harbour/1</guid><link>https://social.example/@harbour/1</link>
<description>{text}</description>
<media:content url="https://files.social.example/1.jpg" type="image/jpeg" medium="image">
<media:rating scheme="urn:simple">nonadult</media:rating>
<media:description type="plain">A grey box on a quay wall</media:description></media:content></item>"""


@mark.parametrize(
    ("text", "title", "standfirst"),
    [
        (
            "<p>The gauge is running. Its figures are public.</p><p><a href='/tags/tides'>#tides</a></p>",
            "The gauge is running.",
            "Its figures are public.",
        ),
        ("<p>The gauge is running</p>", "The gauge is running", ""),
        ("<p>The gauge is running: <a href='https://charity.example/'>https://charity.example/</a> #tides</p>",
         "The gauge is running", "The gauge is running: https://charity.example/ #tides"),
        ("<p><strong>Content warning:</strong> dead fish</p><hr><p>We found forty bream.</p>",
         "Content warning: dead fish", "We found forty bream."),
    ],
)  # fmt: skip
def test_a_post_of_mastodon_has_its_first_sentence_for_a_title(text, title, standfirst):
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    (post,) = articles(rss(POST.format(text=escaped)))
    assert (post.title, post.standfirst) == (title, standfirst)
    assert (post.image.url, post.image.alt) == (
        "https://files.social.example/1.jpg",
        "A grey box on a quay wall",
    )
    assert "grey box" not in post.body_html


RELEASE = """<entry><id>tag:github.com,2008:Repository/33/v3.2.0</id><updated>2026-11-02T09:57:49Z</updated>
<link rel="alternate" href="https://github.com/harbour/tidegauge/releases/tag/v3.2.0"/><title>{title}</title>
<content type="html">{notes}</content><author><name>{author}</name></author>
<media:thumbnail height="30" width="30" url="https://avatars.githubusercontent.com/u/1?s=60"/></entry>"""
NOTES = (
    "&lt;p&gt;It reads serial lines.&lt;/p&gt;\n&lt;p&gt;&lt;strong&gt;Full Changelog&lt;/strong&gt;: "
    "&lt;a href='/compare'&gt;v3.1.0...v3.2.0&lt;/a&gt;&lt;/p&gt;"
)


@mark.parametrize(
    ("title", "becomes"),
    [("v3.2.0", "tidegauge v3.2.0"), ("3.2", "tidegauge 3.2"), ("Tidegauge 3.2: faster", "Tidegauge 3.2: faster")],
)  # fmt: skip
def test_a_release_on_github_names_its_software(title, becomes):
    (release,) = articles(atom(RELEASE.format(title=title, notes=NOTES, author="ann")))
    assert (release.title, release.authors) == (becomes, ("ann",))
    assert release.standfirst == "It reads serial lines."
    assert release.image is None


def test_a_release_without_notes_that_a_program_made_has_neither_text_nor_author():
    (release,) = articles(atom(RELEASE.format(title="v3", notes="No content.", author="github-actions[bot]")))
    assert (release.standfirst, release.body_html, release.authors) == ("", "", ())
