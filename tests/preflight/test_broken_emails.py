"""Each email broken in one known way gives the one right finding, and good ones give none."""

import pytest

from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import check_issue, rules
from newsletter.preflight.finding import Level
from tests.preflight.broken_appeals import BROKEN_APPEALS, UNBROKEN_APPEALS
from tests.preflight.broken_dates import BROKEN_DATES, UNBROKEN_DATES
from tests.preflight.broken_emails import BROKEN, SENDGRID, SMTP
from tests.preflight.broken_headings import BROKEN_HEADINGS, UNBROKEN_HEADINGS
from tests.preflight.broken_languages import BROKEN_LANGUAGES, UNBROKEN_LANGUAGES
from tests.preflight.broken_links import BROKEN_LINKS, UNBROKEN_LINKS
from tests.preflight.broken_markdown import BROKEN_MARKDOWN, UNBROKEN_MARKDOWN
from tests.preflight.broken_pictures import BROKEN_PICTURES, UNBROKEN_PICTURES
from tests.preflight.broken_words import BROKEN_WORDS, UNBROKEN_WORDS
from tests.preflight.good_emails import LANGUAGES, checked, good_issue

pytestmark = pytest.mark.django_db
# The tables put sentences in many languages into an email in English.
OTHER_LANGUAGE = "accessibility.other-language"
ASKING_THE_DATABASE = (*BROKEN, *BROKEN_APPEALS)
# What these rows change is read by Python alone, so one database is enough for them.
IN_TEXTS = (
    *BROKEN_DATES,
    *BROKEN_HEADINGS,
    *BROKEN_LANGUAGES,
    *BROKEN_LINKS,
    *BROKEN_MARKDOWN,
    *BROKEN_PICTURES,
    *BROKEN_WORDS,
)
UNBROKEN_TEXTS = (
    *UNBROKEN_DATES,
    *UNBROKEN_HEADINGS,
    *UNBROKEN_LINKS,
    *UNBROKEN_MARKDOWN,
    *UNBROKEN_PICTURES,
    *UNBROKEN_WORDS,
)


def on_sqlite(rows):
    return [pytest.param(row, marks=pytest.mark.sqlite) for row in rows]


def found_in(issue, **parts):
    return [(each.rule, each.what) for each in check_issue(checked(issue, **parts))]


@pytest.fixture
def configure(settings):
    """Change settings of the installation."""

    def change(**values):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=values)

    return change


@pytest.mark.parametrize("way", [SENDGRID, SMTP], ids=lambda way: way["transport"])
@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_found_in_a_good_email(theme, language, way, configure):
    configure(**way)
    assert found_in(good_issue(theme=theme, language=language)) == []


@pytest.mark.parametrize(
    "broken", [*ASKING_THE_DATABASE, *on_sqlite(IN_TEXTS)], ids=lambda row: f"{row.rule}: {row.said}"
)
def test_a_broken_email_gives_the_one_right_finding(broken, configure):
    configure(**broken.settings)
    issue = good_issue()
    if broken.change:
        broken.change(issue)
    found = found_in(Issue.objects.get(pk=issue.pk), html=broken.html, text=broken.text)
    also = {OTHER_LANGUAGE, *broken.also} - {broken.rule}
    assert [rule for rule, _what in found if rule not in also] == [broken.rule], found
    assert broken.said in next(what for rule, what in found if rule == broken.rule)


@pytest.mark.parametrize("change", [*UNBROKEN_APPEALS, *on_sqlite(UNBROKEN_TEXTS)])
def test_nothing_is_found_in_an_email_that_only_looks_broken(change):
    issue = good_issue()
    change(issue)
    found = found_in(Issue.objects.get(pk=issue.pk))
    assert [each for each in found if each[0] != OTHER_LANGUAGE] == []


@pytest.mark.parametrize("change", UNBROKEN_LANGUAGES)
def test_a_short_text_or_a_quotation_in_another_language_is_not_found(change):
    issue = good_issue()
    change(issue)
    assert found_in(Issue.objects.get(pk=issue.pk)) == []


@pytest.mark.parametrize(("way", "rules_found"), [(SMTP, []), (SENDGRID, ["size.clipped"])])
def test_only_sendgrid_makes_links_longer_to_count_clicks(way, rules_found, configure):
    configure(**way, track_clicks=True)
    issue = good_issue()
    links = " ".join(f"[study {number}](https://example.org/{number})" for number in range(400))
    Issue.objects.filter(pk=issue.pk).update(opening=links)
    found = found_in(Issue.objects.get(pk=issue.pk))
    assert [rule for rule, _what in found if rule.startswith("size.")] == rules_found


@pytest.mark.parametrize(
    "text", ["See the [date](https://example.org/a).", "Our [link][1].\n\n[1]: https://example.org/a"]
)
def test_the_words_of_a_link_are_no_placeholder(text):
    issue = good_issue()
    Issue.objects.filter(pk=issue.pk).update(opening=text)
    assert "words.placeholder" not in [rule for rule, _what in found_in(Issue.objects.get(pk=issue.pk))]


def test_every_rule_has_a_row():
    assert {row.rule for row in (*ASKING_THE_DATABASE, *IN_TEXTS)} == {rule.name for rule in rules()}


def test_every_finding_says_where_it_can_be_mended():
    issue = good_issue()
    Issue.objects.filter(pk=issue.pk).update(subject="", preheader="")
    findings = check_issue(checked(Issue.objects.get(pk=issue.pk)))
    assert {each.place.field for each in findings} == {"subject", "preheader"}
    assert findings[0].level is Level.ERROR
