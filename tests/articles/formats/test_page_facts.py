import pytest

from newsletter.articles.choose_format import read_document
from newsletter.articles.ingest import pass_steps
from newsletter.errors import Invalid
from newsletter.http.fetched_document import Document

TEXT = (
    "<p>The harbour opens again in May after three years of work on its walls and its two lights.</p>"
    "<p>Forty boats will sail in on the first evening, and the oldest of them was built in the town in 1911.</p>"
    "<p>The club asks everybody who wants to help on the quay to write to its office by the end of April.</p>"
)


GAZETTE = '<script type="application/ld+json">{"@type": "NewsArticle", "publisher": {"name": "The Gazette"}}</script>'


def article(head, heading="The harbour opens", text=TEXT):
    body = f"<body><article><h1>{heading}</h1>{text}</article></body>"
    page = f"<!doctype html><html lang='en-GB'><head>{head}</head>{body}</html>"
    reading = read_document(Document(data=page.encode(), url="https://www.club.example/news/harbour"))
    return pass_steps(reading.articles[0])


@pytest.mark.parametrize(
    "head",
    [
        "<title>The harbour opens | Sailing Club</title><meta property='og:site_name' content='Sailing Club'>",
        "<title>Sailing Club – The harbour opens</title>",
        "<meta property='og:title' content='The harbour opens - club.example'>",
        "<title>The harbour opens • The Gazette</title>" + GAZETTE,
    ],
)
def test_a_title_is_the_headline_without_the_name_of_the_site(head):
    assert article(head).title == "The harbour opens"


def test_a_title_with_a_colon_of_its_own_stays_whole():
    head = "<title>Harbour: what opens in May</title><meta property='og:site_name' content='Sailing Club'>"
    assert article(head, heading="Harbour: what opens in May").title == "Harbour: what opens in May"


@pytest.mark.parametrize(
    "image",
    [
        '"/h.jpg"',
        '["/h.jpg", "/other.jpg"]',
        '{"@type": "ImageObject", "url": "/h.jpg", "width": 1200}',
        '{"contentUrl": "/h.jpg"}',
    ],
)
@pytest.mark.parametrize("around", ["{}", "[{}]", '{{"@graph": [{{"@type": "WebSite"}}, {}]}}'])
def test_a_picture_that_only_structured_data_names_leads(image, around):
    told = around.format(f'{{"@type": ["NewsArticle"], "image": {image}}}')
    head = f'<title>The harbour opens</title><script type="application/ld+json">{told}</script>'
    assert article(head).image.url == "https://www.club.example/h.jpg"


def test_keywords_of_a_page_are_one_topic_each():
    head = "<title>The harbour opens</title><meta name='keywords' content='boats, harbour, walls'>"
    assert article(head).topics == ("boats", "harbour", "walls")


GRAPH = """<title>The harbour opens</title><script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [
{"@type": "WebSite", "name": "Club", "datePublished": "2011-01-01"},
{"@type": ["Article", "BlogPosting"], "headline": "The harbour opens", "datePublished": "2026-11-03T10:00:00+01:00",
 "keywords": "boats, quay", "image": {"@id": "https://www.club.example/#picture"},
 "author": [{"@id": "https://www.club.example/#ann"}, {"name": "Bo Kim"}]},
{"@type": "Person", "@id": "https://www.club.example/#ann", "name": "Ann Lee"},
{"@type": "ImageObject", "@id": "https://www.club.example/#picture", "url": "/media/quay.jpg", "width": 1200}
]}</script>"""


def test_the_objects_to_which_json_ld_refers_are_looked_up():
    found = article(GRAPH)
    assert found.image.url == "https://www.club.example/media/quay.jpg"
    assert found.authors == ("Ann Lee", "Bo Kim")


def test_date_and_topics_are_those_of_the_article_and_not_of_the_site():
    found = article(GRAPH)
    assert found.published_at.isoformat() == "2026-11-03T09:00:00+00:00"
    assert found.topics == ("boats", "quay")


def test_the_front_page_is_no_canonical_address_of_another_page():
    assert (
        article('<link rel="canonical" href="https://www.club.example/">').url
        == "https://www.club.example/news/harbour"
    )


def test_a_film_in_a_page_is_a_link_where_it_stands_and_a_formula_is_text():
    film = '<iframe src="https://www.youtube.com/embed/abc123" title="The regatta"></iframe>'
    formula = "<p>In <math><mi>k</mi><mo>=</mo><mn>3</mn></math> boats of the club sail those who are new to it.</p>"
    body = article("<title>One</title>", text=TEXT + film + formula).body_html
    assert '<a href="https://www.youtube.com/watch?v=abc123">The regatta</a>' in body
    assert "In k=3 boats of the club" in body
    assert body.index("regatta") < body.index("k=3")


def test_signs_of_our_own_in_a_page_stand_for_nothing():
    body = article(
        "<title>One</title>",
        text=f"{TEXT}<p>\ue0007\ue001 and \ue00012345678\ue001 sail too, says the club.</p>",
    ).body_html
    assert "sail too, says the club." in body


def test_the_text_in_json_ld_is_the_body_of_a_page_that_a_script_writes_unless_it_is_paid_for():
    told = '{"@type": "NewsArticle", "headline": "One", "datePublished": "2026-11-03", '
    told += '"articleBody": "We sail on Sunday at nine." %s}'
    script = '<title>One</title><script type="application/ld+json">%s</script>'
    assert article(script % (told % ""), text="").body_html == "<p>We sail on Sunday at nine.</p>"
    with pytest.raises(Invalid, match="We could not find an article"):
        article(script % (told % ', "isAccessibleForFree": "False"'), text="", heading="")
