"""References, other views, retractions, reviews and notices in the email, its text and its web page."""

import re
from datetime import date

import pytest

from newsletter.articles.models import ArticleReview, Reference
from newsletter.articles.references.reference_form import ReferenceFields
from newsletter.issues.change_references import add_reference, remove_reference
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.rendering.email_parts import EmailParts, article_part
from newsletter.rendering.render_email import render_email
from subscribers.bidi import without_isolates
from tests.rendering.example_issues import cite, edit, publish, write

pytestmark = pytest.mark.django_db
THEMES = pytest.mark.parametrize("theme", ["classic", "plain"])
NOT_ADVICE = "It is not medical advice"


def words(text):
    return " ".join(without_isolates(text).split())


def parts(email):
    return {"html": email.html, "text": words(email.text), "page": email.page}


@THEMES
def test_an_editors_reference_is_short_in_the_email_and_full_on_the_web_page(theme):
    article = write()
    add_reference(
        article.pk,
        ReferenceFields(
            title="Damage to the <b>tumour</b>",
            authors="Sun, Yu\nCampisi, Judith\nNelson, Peter",
            container="Nature Medicine",
            year="2012",
            identifier="10.1038/nm.2890",
        ),
    )
    found = parts(render_email(edit(publish(theme=theme), [article])))
    full = "Sun Y, Campisi J, Nelson P. Damage to the tumour. Nature Medicine. 2012. doi:10.1038/nm.2890"
    assert full in found["page"]
    for part in ("html", "text"):
        assert "Sun et al. 2012, Nature Medicine" in found[part]
        assert full not in found[part]
        assert "https://doi.org/10.1038/nm.2890" in found[part]


@pytest.mark.parametrize("is_formatted", [True, False])
def test_a_source_that_gives_only_details_has_a_short_form_and_one_with_words_of_its_own_keeps_them(
    is_formatted,
):
    details = {"type": "webpage", "title": "Misleading", "author": [{"literal": "A Charity"}]}
    article = write()
    Reference.objects.create(
        article=article, citation="A Charity: in its own words.", csl=details, formatted=is_formatted
    )
    found = parts(render_email(edit(publish(), [article])))
    assert ("A Charity, Misleading" in found["html"]) is is_formatted
    assert ("in its own words" in found["html"]) is not is_formatted
    assert "in its own words" in found["page"]


@THEMES
@pytest.mark.parametrize("count", [1, 3, 7])
def test_every_response_and_retraction_is_named_however_many_there_are(theme, count):
    article = write()
    for number in range(count):
        cite(article, f"Study {number}", f"https://example.org/study/{number}?a=1&b=2")
        cite(article, f"Reply {number}", f"https://example.org/reply/{number}?a=1&b=2", kind="response")
        cite(article, f"Notice {number}", kind="retraction")
    for part in parts(render_email(edit(publish(theme=theme), [article]))).values():
        for number in range(count):
            assert f"Reply {number}" in part
            assert f"Notice {number}" in part


def test_a_removed_reference_is_not_shown():
    article = write()
    reference = cite(article, "Wrong study", kind="response")
    remove_reference(article.pk, reference.pk)
    for part in parts(render_email(edit(publish(), [article]))).values():
        assert "Wrong study" not in part


@THEMES
def test_notices_come_once_each_with_the_articles_on_their_topics(theme):
    publication = publish(theme=theme)
    rules = [
        WantedRule(
            topic="Cancer", says_not_advice=True, emergency_numbers="999 or 112", notice="Ask a nurse."
        ),
        WantedRule(topic="Medicines", says_not_advice=True, notice="Ask a nurse."),
        WantedRule(topic="Sleep", notice="Never said."),
    ]
    change_topic_rules(publication, rules)
    articles = [write(topics=["cancer"]), write(topics=["Medicines", "CANCER"])]
    for part in parts(render_email(edit(publication, articles))).values():
        said = words(part.replace("<bdi>", "").replace("</bdi>", ""))
        assert [said.count(each) for each in (NOT_ADVICE, "call 999 or 112.", "Ask a nurse.")] == [1, 1, 1]
        assert "Never said." not in said
    for part in parts(render_email(edit(publication, [write(topics=["Walking"])], number=13))).values():
        assert NOT_ADVICE not in part


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Rufen Sie im Notfall"),
        ("cy", "Mewn argyfwng"),
        ("ar", "في حالات الطوارئ"),
        ("he", "In an emergency"),
    ],
)
def test_a_notice_is_in_the_language_of_the_reader(language, said):
    publication = publish(language=language)
    change_topic_rules(publication, [WantedRule(topic="Cancer", emergency_numbers="112")])
    email = render_email(edit(publication, [write(topics=["Cancer"])]))
    for part in parts(email).values():
        assert said in part
    assert language != "he" or re.search(r'lang="en[^>]*>In an emergency', email.html)


def test_the_day_of_the_last_review_stands_in_the_byline():
    article = write()
    ArticleReview.objects.create(article=article, reviewed_on=date(2026, 3, 2), due_on=date(2027, 3, 2))
    for part in parts(render_email(edit(publish(), [article]))).values():
        assert "Reviewed 2 March 2026" in words(part)


def test_a_signature_of_an_article_does_not_depend_on_the_notices_of_others():
    publication = publish()
    first, second = write(topics=["Cancer"]), write()
    issue = edit(publication, [first, second])
    before = EmailParts(issue).digest(article_part(second.pk))
    change_topic_rules(publication, [WantedRule(topic="Cancer", says_not_advice=True)])
    parts_now = EmailParts(issue)
    assert parts_now.digest(article_part(second.pk)) == before
    add_reference(second.pk, ReferenceFields(title="A study"))
    assert EmailParts(issue).digest(article_part(second.pk)) != before
