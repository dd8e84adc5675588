"""An issue becomes a letter that keeps the rules of mail programs, whatever is in it."""

from datetime import date, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from newsletter.articles.models import Correction
from newsletter.errors import Invalid, NotFound
from newsletter.issues.compose import compose
from newsletter.issues.models import Issue
from newsletter.rendering.email import TAG
from newsletter.rendering.localisation import long_duration
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_email
from subscribers.bidi import without_isolates
from tests.rendering.email_rules import Reading, broken_rules
from tests.rendering.example_issues import MORNING, PERSON, STANDFIRST, add_blocks, cite, edit, publish, write

# An email reads the same rows from either database; tests of issues and of sending read them from both.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]
THEMES = ("classic", "plain")

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} {% if x %} {# y #}",
    "*|UNSUBSCRIBE_URL|* and *|FIRST_NAME_TEXT|*",
    "&#42;|UNSUBSCRIBE_URL|&#42;",
    "line\nbreak\x08 and \u2028 more",  # no NUL: PostgreSQL keeps none
    "<!--[if mso]> --> ]]> <![endif]-->",
    "</style></title></table></body>",
    "Pneumono" * 60,
)


def full_issue(theme="classic", count=7, **changes):
    publication = publish(theme=theme, **changes)
    add_blocks(publication)
    articles = []
    for number in range(count):
        picture = {"image_url": "https://example.org/a.jpg", "image_width": 1200, "image_height": 800}
        article = write(f"Article {number}", **(picture if number % 3 == 0 else {}))
        cite(article, "A study, Journal, 2012", "https://doi.org/10.1000/1")
        cite(article, "A letter to the editor", "https://example.org/letter", kind="response")
        articles.append(article)
    return edit(publication, articles, sections=("Research", "Living well"))


@pytest.mark.parametrize("theme", THEMES)
def test_a_full_letter_keeps_every_rule(theme):
    assert broken_rules(render_email(full_issue(theme)).html) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("bad", HOSTILE)
def test_no_content_breaks_a_rule_or_brings_a_tag_in(theme, bad):
    publication = publish(
        theme=theme, name=bad.replace("\n", " ").replace("\x00", "")[:200], reason=bad.replace("\x00", "")
    )
    article = write(
        bad[:500],
        standfirst=bad,
        authors=[bad],
        image_url=f"https://example.org/{bad}",
        image_alt=bad[:500],
        image_width=640,
        image_height=480,
        url=f"https://example.org/?q={bad}",
    )
    cite(article, bad, f"https://example.org/{bad}")
    email = render_email(edit(publication, [article], subject="", preheader="", opening=""))
    honest = render_email(edit(publish(theme=theme), [write()], subject="", preheader="", opening=""))
    assert broken_rules(email.html) == []
    assert sorted(TAG.findall(email.html)) == sorted(TAG.findall(honest.html))
    assert sorted(TAG.findall(email.text)) == sorted(TAG.findall(honest.text))
    assert TAG.search(email.subject) is None


@pytest.mark.parametrize("theme", THEMES)
def test_a_tag_split_over_two_fields_is_not_put_together(theme):
    article = write("Title *", standfirst="|UNSUBSCRIBE_URL|*", authors=["*"])
    email = render_email(
        edit(publish(theme=theme), [article, write("*|"), write("UNSUBSCRIBE_URL|*")], opening="*")
    )
    assert TAG.findall(email.html).count("*|UNSUBSCRIBE_URL|*") == 1
    assert TAG.findall(email.text).count("*|UNSUBSCRIBE_URL_TEXT|*") == 1


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example/x"]
)
def test_an_address_that_is_not_of_the_web_is_no_link(scheme):
    article = write(url=scheme, image_url=scheme)
    cite(article, "A study", scheme)
    email = render_email(edit(publish(), [article], opening=f"[x]({scheme}) ![y]({scheme})"))
    hrefs = [link["href"] for link in Reading(email.html).all("a")]
    assert scheme not in hrefs
    assert Reading(email.html).all("img") == []


@pytest.mark.parametrize("theme", THEMES)
def test_what_every_letter_must_say_is_in_both_parts(theme):
    email = render_email(edit(publish(theme=theme), [write()]))
    for tag in ("UNSUBSCRIBE_URL", "PREFERENCES_URL", "READ_ONLINE_URL"):
        assert f"*|{tag}|*" in email.html
        assert f"*|{tag}_TEXT|*" in email.text
    for part in ("".join(Reading(email.html).text), email.text):
        assert "London N1 1AA" in part
        assert "because you are on the mailing list Health News Monthly" in " ".join(part.split())


@pytest.mark.parametrize("theme", THEMES)
def test_fifteen_articles_stay_under_90_kb(theme):
    publication = publish(theme=theme)
    add_blocks(publication)
    articles = [
        write(
            f"A headline of some length about a study, number {number}",
            standfirst=STANDFIRST * 3,
            image_url="https://example.org/images/2026/11/picture.jpg",
            image_width=800,
            image_height=600,
        )
        for number in range(15)
    ]
    for article in articles:
        cite(
            article,
            "Author et al., A study of something, Journal of Examples, 2012",
            "https://doi.org/10.1000/1",
        )
    filled = fill_tags(render_email(edit(publication, articles, sections=("A", "B"))), PERSON)
    assert len(filled.html.encode()) < 90_000


def test_the_number_of_queries_does_not_grow_with_the_issue(connection_of):
    small, large = full_issue(count=2), full_issue(count=20)
    counted = []
    for issue in (small, large):
        with CaptureQueriesContext(connection_of) as queries:
            render_email(Issue.objects.get(pk=issue.pk))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 11


def test_the_letter_says_who_sends_it_and_for_which_list():
    email = render_email(edit(publish(reply_to="editors@example.org"), [write()]))
    assert email.sender_address == "news@example.org"
    assert email.reply_to == "editors@example.org"
    assert email.list_id.startswith("Health News Monthly <monthly-")
    assert email.list_id.endswith(".example.org>")


def test_a_list_name_outside_ascii_is_encoded_in_the_list_id():
    email = render_email(edit(publish(list_name="Wiadomości"), [write()]))
    assert email.list_id.isascii()
    assert email.list_id.startswith("=?utf-8?")


def test_editors_greet_by_name_in_subject_preheader_and_opening():
    issue = edit(
        publish(),
        [write()],
        subject="{{ first_name }}, hello",
        preheader="For {{ first_name }}",
        opening="Dear {{ first_name }}, [read]({{ read_online_url }})",
    )
    filled = fill_tags(render_email(issue), PERSON)
    assert filled.subject == "Ada, hello"
    assert filled.preheader == "For Ada"
    assert "Dear <bdi>Ada</bdi>, " in filled.html
    assert f'href="{PERSON.read_online_url}"' in filled.html
    assert f"[1] {PERSON.read_online_url}" in filled.text


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        (
            "opening",
            "One\n\nDear {{ first_nam }}",
            "Introduction, line 3: we could not find a placeholder called first_nam. Between {{ and }}, you can",
        ),
        ("opening", "Dear {{ first_name", "Introduction: "),
        ("subject", "{{ 7*7 }}", "Subject: only a placeholder name can be between braces"),
        (
            "preheader",
            "{% for x in y %}{% endfor %}",
            "Preheader: only a placeholder name can be between braces",
        ),
        (
            "opening",
            "{{ first_name.__class__ }}",
            "Introduction: only a placeholder name can be between braces",
        ),
    ],
)
def test_a_mistake_in_braces_is_named_with_its_field_and_line(field, text, sentence):
    with pytest.raises(Invalid) as error:
        render_email(edit(publish(), [write()], **{field: text}))
    assert str(error.value).startswith(sentence)
    assert "unsubscribe_url" in str(error.value)


def test_an_empty_subject_becomes_name_and_number():
    assert render_email(edit(publish(), [write()], subject="")).subject == "Health News · Issue 12"


def test_a_headline_with_braces_is_suggested_as_a_subject_and_never_filled():
    write("{{ 7*7 }} and {{ unsubscribe_url }} {% if %} of all readers")
    email = render_email(compose(publish()))
    assert (
        email.subject.replace("\u2060", "") == "{{ 7*7 }} and {{ unsubscribe_url }} {% if %} of all readers"
    )
    assert "{{ unsubscribe_url }}" in email.html


def test_a_sender_whose_domain_mail_cannot_use_is_refused():
    with pytest.raises(Invalid, match="The sender’s address has the domain"):
        render_email(edit(publish(sender_address="news@" + "x" * 80 + ".org"), [write()]))


def test_a_dropped_and_a_withdrawn_article_are_not_in_the_letter():
    kept, dropped, withdrawn = write("Kept"), write("Dropped"), write("Withdrawn", withdrawn_at=MORNING)
    issue = edit(publish(), [kept, dropped, withdrawn])
    issue.items.filter(article=dropped).update(dropped=True)
    email = render_email(issue)
    assert "Kept" in email.html
    assert "Dropped" not in email.html + email.text
    assert "Withdrawn" not in email.html + email.text


def test_an_own_headline_and_blurb_stand_in_place_of_the_articles():
    issue = edit(publish(), [write("As published")])
    issue.items.update(headline="For this issue", blurb="In our words.")
    email = render_email(issue)
    for part in (email.html, email.text):
        assert "For this issue" in part
        assert "In our words." in part
        assert "As published" not in part


def test_a_correction_of_an_article_that_readers_got_is_told_in_the_next_issue():
    publication, article = publish(), write("Vitamin D again")
    edit(publication, [article], number=11, composed_at=MORNING - timedelta(days=30))
    Correction.objects.create(
        article=article, corrected_on=date(2026, 11, 20), text="We wrote 40; it was 14."
    )
    email = render_email(edit(publication, [write("New")]))
    for part in (email.html, email.text):
        assert "Vitamin D again" in part
        assert "We wrote 40; it was 14." in part


def test_the_date_is_the_publications_own_day_in_its_language():
    publication = publish(zone="Asia/Tokyo", language="de")
    email = render_email(edit(publication, [write()], composed_at=MORNING.replace(hour=20)))
    assert "24. November 2026" in email.html
    assert "Abmelden" in email.html


def test_arabic_is_set_from_right_to_left():
    email = render_email(edit(publish(language="ar"), [write()]))
    assert Reading(email.html).all("html")[0]["dir"] == "rtl"
    assert broken_rules(email.html) == []
    assert "padding-left:24px" in render_email(full_issue(language="ar")).html.replace(" ", "")


def test_outlook_gets_its_ghost_table_and_its_button():
    reading = Reading(render_email(full_issue()).html)
    assert 'width="600"' in "".join(reading.comments)
    cell = next(each for each in reading.all("td") if each.get("class") == "button-cell")
    assert cell["bgcolor"] == "#0b5d7a"
    assert "mso-padding-alt:12px 26px" in cell["style"]


def test_a_picture_is_scaled_to_its_room_and_one_of_unknown_size_still_has_a_width():
    lead = write(
        image_url="https://example.org/a.jpg", image_width=1072, image_height=500, image_alt="A hill"
    )
    other = write(image_url="https://example.org/b.jpg")
    images = Reading(render_email(edit(publish(), [lead, other])).html).all("img")
    assert (images[0]["width"], images[0]["height"], images[0]["alt"]) == ("536", "250", "A hill")
    assert (images[1]["width"], images[1].get("height"), images[1]["alt"]) == ("176", None, "")


def test_a_letter_without_articles_and_blocks_is_whole():
    email = render_email(edit(publish(tagline=""), [], opening="", preheader=""))
    assert broken_rules(email.html) == []


def test_a_publication_without_postal_address_gets_no_letter():
    with pytest.raises(Invalid, match="no postal address"):
        render_email(edit(publish(postal_address=" "), [write()]))


def test_a_theme_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(NotFound, match=r"a theme called glossy.*classic, plain"):
        render_email(edit(publish(theme="glossy"), [write()]))


@pytest.mark.parametrize(
    ("field", "value"), [("accent_colour", "red;}"), ("body_font", "x;}</style><script>")]
)
def test_a_colour_or_font_that_is_none_is_refused_by_its_name(field, value):
    with pytest.raises(Invalid, match=field):
        render_email(edit(publish(**{field: value[:7] if "colour" in field else value}), [write()]))


@pytest.fixture
def connection_of():
    from django.db import connection

    return connection


@pytest.mark.parametrize(
    ("seconds", "language", "shown"),
    [(2020, "en", "34 minutes"), (61, "en", "1 minute"), (4321, "en", "1 hour, 12 minutes"), (3590, "en", "1 hour"),
     (2020, "de", "34 Minuten"), (2020, "xx", "34 minutes")],
)  # fmt: skip
def test_the_length_of_a_recording_is_told_in_the_language_of_the_publication(seconds, language, shown):
    assert long_duration(seconds, language) == shown


@pytest.mark.parametrize("theme", THEMES)
def test_a_recording_shows_its_length_beside_author_and_date(theme):
    episode = write("The gauge", duration_seconds=2020)
    rendered = render_email(edit(publish(theme=theme), [episode, write("A text")]))
    for part in (without_isolates(rendered.html), rendered.text):
        assert part.count("2026 · 34 minutes") == 1
