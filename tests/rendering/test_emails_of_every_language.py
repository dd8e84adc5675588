"""Emails in languages with and without a catalogue, from right to left, and with articles in another language."""

import re
from html.parser import HTMLParser

import pytest

from newsletter.issues.models import StandingBlock
from newsletter.rendering.fixed_words import COUNTED, TEXTS, words_in, words_warning
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_email
from subscribers.translated_languages import catalogues
from tests.rendering.email_rules import Reading, broken_rules
from tests.rendering.example_issues import PERSON, add_blocks, cite, edit, publish, write

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]
THEMES = ("classic", "plain")


def rendered(*articles, **changes):
    opening = changes.pop("opening", "Dear {{ first_name }},")
    return render_email(edit(publish(**changes), articles or [write()], opening=opening))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", list(catalogues()))
def test_an_email_in_every_language_keeps_every_rule_and_leaves_no_placeholder(language, theme):
    email = fill_tags(rendered(language=language, theme=theme), PERSON)
    assert broken_rules(email.html) == []
    assert not re.search(r"\{\w+\}|%\(", email.html + email.text)
    unsubscribe = catalogues()[language].texts.gettext(TEXTS["unsubscribe"])
    assert unsubscribe in email.html
    assert unsubscribe in email.text


@pytest.mark.parametrize("theme", THEMES)
def test_in_hebrew_names_numbers_dates_and_each_line_of_the_address_are_isolated(theme):
    email = rendered(
        write("כותרת", authors=["Ada Lovelace", "דנה"]), language="he", theme=theme, list_name="The List"
    )
    for text in (
        "Issue 12",
        "23 בנובמבר 2026",
        "Ada Lovelace",
        "דנה",
        "The List",
        "1 Example Street",
        "London N1 1AA",
    ):
        assert f"<bdi>{text}</bdi>" in email.html, text
    assert "<bdi>*|FIRST_NAME|*</bdi>," in email.html
    # The English words around the names run from left to right.
    by = '<bdi lang="en" dir="ltr">By <bdi>Ada Lovelace</bdi>, <bdi>דנה</bdi></bdi>'
    assert by in email.html
    assert '<bdi lang="en" dir="ltr">You are receiving this email because' in email.html
    assert "\n\u2066By \u2068Ada Lovelace\u2069, \u2068דנה\u2069\u2069" in email.text
    assert "\u20681 Example Street\u2069" in email.text
    assert "\u2068The List\u2069" in email.text
    assert not set("\u2066\u2067\u2068\u2069") & set(email.subject + email.preheader + email.list_id)


@pytest.mark.parametrize("theme", THEMES)
def test_an_english_email_has_an_element_only_around_names_in_the_other_direction(theme):
    email = rendered(write(authors=["Ada", "דנה"]), theme=theme, opening="Hello")
    assert re.findall(r"<bdi>.*?</bdi>", email.html) == ["<bdi>דנה</bdi>"]
    assert "\nBy \u2068Ada\u2069, \u2068דנה\u2069" in email.text
    assert "\u2068" not in rendered(theme=theme).text


@pytest.mark.parametrize("theme", THEMES)
def test_the_words_of_a_language_without_a_catalogue_say_that_they_are_english(theme):
    reading = Reading(rendered(language="ja", theme=theme).html)
    links = {link["href"]: link.get("lang") for link in reading.all("a") if link["href"].startswith("*|")}
    assert set(links.values()) == {"en"}
    assert 'lang="en" dir="ltr">Issue 12' in rendered(language="ja", theme=theme).html
    assert 'lang="en"' not in rendered(language="de", theme=theme).html


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("title", "language", "publication", "attributes"),
    [
        ("كيف نقرأ", "ar", "en", ' lang="ar" dir="rtl"'),
        ("How to read", "en-US", "ar", ' lang="en-US" dir="ltr"'),
        ("Wie man liest", "de", "en", ' lang="de"'),
        ("كيف نقرأ", "", "en", ' dir="rtl"'),
        ("How to read", "en-GB", "en", ""),
    ],
)
def test_an_article_says_its_language_and_direction_where_they_differ(
    title, language, publication, attributes, theme
):
    html = rendered(write(), write(title, language=language), language=publication, theme=theme).html
    tag = "p" if theme == "plain" else "h3"
    [found] = re.findall(rf'<{tag} class="title[^"]*"([^>]*?) style=[^>]*><a[^>]*>{title}<', html)
    assert found == attributes


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["he", "ja"])
def test_every_english_word_of_ours_is_marked_in_an_email_without_words_of_its_language(language, theme):
    publication = publish(language=language, theme=theme, list_name="List")
    add_blocks(publication)
    StandingBlock.objects.filter(publication=publication).update(title="", body="")
    for kind in ("appeal", "promotion"):
        StandingBlock.objects.filter(kind=kind).update(data={"url": "https://example.org/"})
    articles = [
        write("見出し", standfirst="本文", authors=["佐藤"], body_html="word " * 900) for _ in range(3)
    ]
    cite(articles[0], "第一の研究")
    for number in range(3):
        cite(articles[1], f"研究{number}")
    email = render_email(edit(publication, articles, subject="題", preheader="題", opening="本文"))
    for html in (email.html.partition("<body")[2], email.page):
        found = EnglishWords(html)
        assert {"Based on", "min read", "By", "Give", "Find out more", "Report an error"} <= found.marked
        assert found.unmarked == set()


class EnglishWords(HTMLParser):
    """Which of our English words are inside an element with lang="en", and which are not."""

    OURS = re.compile(
        "Read online|Change your preferences|Unsubscribe|Issue|By|Based on|sources?|min read|Give|"
        "Find out more|Report an error|You are receiving this email"
    )

    def __init__(self, html):
        super().__init__()
        self.within, self.marked, self.unmarked = [], set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in {"img", "br", "meta", "hr"}:
            outer = self.within[-1] if self.within else ""
            self.within.append(dict(attributes).get("lang") or outer)

    def handle_endtag(self, tag):
        if tag not in {"img", "br", "meta", "hr"} and self.within:
            self.within.pop()

    def handle_data(self, data):
        is_english = bool(self.within) and self.within[-1] == "en"
        (self.marked if is_english else self.unmarked).update(self.OURS.findall(data))


def test_the_amounts_among_english_words_are_written_as_in_english():
    publication = publish(language="he")
    add_blocks(publication)
    email = render_email(edit(publication, [write()]))
    for html in (email.html, email.page):
        assert "raised of <bdi>£40,000</bdi>" in html
    assert "£26,750\u2069 raised of \u2068£40,000" in email.text


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("language", "title", "spoken", "side"),
    [("en", "كيف نقرأ الدراسات", "ar", "right"), ("ar", "How to read a study", "en", "left")],
)
def test_all_lines_of_an_article_in_the_other_direction_stand_at_its_own_side(
    theme, language, title, spoken, side
):
    picture = {"image_url": "https://example.org/a.jpg", "image_width": 1200, "image_height": 675}
    articles = [write("12"), write(title, language=spoken), write(title, language=spoken, **picture)]
    email = rendered(*articles, language=language, theme=theme)
    aligned = rf"""<(?:div|td)[^>]* style=(?:"[^"]*|'[^']*)text-align:{side}"""
    assert len(re.findall(aligned, email.html)) >= 2
    assert email.page.count(f'class="{"rtl" if side == "right" else "ltr"}"') == 2


@pytest.mark.parametrize("theme", THEMES)
def test_a_block_and_a_paragraph_in_the_other_direction_say_so(theme):
    publication = publish(language="ar", theme=theme)
    add_blocks(publication)
    StandingBlock.objects.filter(kind="community").update(
        title="احك لنا قصتك", body="ما ساعدك قد يساعد غيرك."
    )
    opening = "WHO تحذر من الحر.\n\nThis is in English.\n\n- one\n- two\n- ثلاثة"
    email = render_email(edit(publication, [write("كيف نقرأ")], opening=opening))
    for html in (email.html, email.page):
        assert re.search(r"<p[^>]* dir=.ltr.[^>]*>This is in English", html)
        assert re.search(r"<ul[^>]* dir=.ltr", html)
        assert re.search(r"<li[^>]* dir=.rtl.[^>]*>ثلاثة", html)
        assert re.search(r"<p(?![^>]* dir)[^>]*>WHO تحذر", html)
        assert re.search(r"<h2(?![^>]* dir)[^>]*>احك", html)
        assert re.search(
            r"<(?:td|section)[^>]* dir=.ltr.[^>]*>\s*(?:<p[^>]*>\s*<img[^>]*>\s*</p>\s*)?<h2[^>]*>Help us",
            html,
        )


def test_a_name_that_is_filled_in_does_not_count_for_the_direction_of_its_paragraph():
    assert (
        "dir="
        not in rendered(write("כותרת"), language="he", opening="שלום {{ first_name }}").page.partition(
            "כותרת"
        )[0]
    )


def test_names_have_the_commas_of_the_language():
    text = rendered(write(authors=["أحمد", "سارة"]), language="ar").text
    assert "بقلم أحمد، سارة" in re.sub("[\u2066-\u2069]", "", text)


def test_more_than_three_authors_are_named_in_the_words_of_the_language():
    email = rendered(write(authors=["A", "B", "C", "D"]), language="de")
    assert "Von A, B, C und anderen" in email.text


@pytest.mark.parametrize(
    ("language", "upright"), [("en", False), ("de", False), ("ar", True), ("ja", True), ("he", True)]
)
def test_a_script_without_italics_is_neither_slanted_nor_spaced(language, upright):
    html = rendered(language=language, opening="Do *not* lean").html
    assert ('<em style="font-style:normal;font-weight:bold">' in html) is upright
    assert ("italic" not in html) is upright
    assert "letter-spacing" not in html


def test_a_number_of_sources_has_the_plural_form_of_the_language():
    assert words_in("pl", {}).counted("all_sources", 3) == "{label}: 3 źródła"
    assert words_in("en", {}).counted("all_sources", 1) == "{label}: 1 source"
    assert words_in("de", {}).counted("minutes", 1200) == "1.200\N{NO-BREAK SPACE}Min. Lesezeit"
    assert words_in("de", {"de": {"minutes": "{minutes}′"}}).counted("minutes", 4) == "4′"


def test_english_words_of_a_theme_do_not_replace_those_of_another_language():
    words = words_in("de", {"en": {"unsubscribe": "Leave"}})
    assert words["unsubscribe"] == "Abmelden"
    assert words_in("ja", {"en": {"unsubscribe": "Leave"}})["unsubscribe"] == "Leave"


def test_a_language_without_words_and_one_without_review_are_said():
    assert words_warning("en-GB", {}) == words_warning("de-AT", {}) == ""
    assert words_warning("he", {}) == (
        "We have no Hebrew translation, so readers will see the standard wording in this email, such as "
        "“Unsubscribe”, in English."
    )
    assert "some of the standard wording" in words_warning("he", {"he": {"unsubscribe": "הסרה"}})
    everything = dict.fromkeys((*TEXTS, *COUNTED), "מילים")
    assert words_warning("he-IL", {"he": everything}) == ""
    assert words_in("he-IL", {"he": everything}).language == "he-IL"
    assert "Nobody who reads Spanish has reviewed it" in words_warning("es-MX", {})
