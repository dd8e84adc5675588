"""Terms in issues: emails show them, composing leaves out what they forbid, and a check names what is in anyway."""

import pytest

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Article
from newsletter.errors import Refused
from newsletter.issues.articles_left_out import articles_left_out
from newsletter.issues.compose import compose
from newsletter.preflight.all_checks import check_issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.rendering.render_email import render_email
from tests.rendering import example_issues

BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.django_db
def test_an_email_shows_the_terms_of_texts_and_pictures_in_both_parts(theme):
    first, second = (
        example_issues.write(image_url="https://example.org/1.jpg"),
        example_issues.write("Second"),
    )
    issue = example_issues.edit(example_issues.publish(theme=theme), [first, second])
    before = render_email(issue)
    ArticleTerms.objects.create(article=first, promotes="services")
    assert render_email(issue) == before
    ArticleTerms.objects.filter(article=first).update(
        licence=BY, attribution="Jo & <b>Co</b>", picture_attribution="Ada"
    )
    # Without a picture, nothing is said about one.
    ArticleTerms.objects.create(article=second, attribution="Ben", picture_attribution="Cem")
    email = render_email(issue)
    for part in (email.html, email.page):
        assert part.count(f'href="{BY}"') == 1
        assert "Jo &amp; &lt;b&gt;Co&lt;/b&gt;, CC BY 4.0" in part
    for part in (email.html, email.text, email.page):
        assert "Ada" in part
        assert "Ben" in part
        assert "Cem" not in part
    assert "CC BY 4.0" in email.text
    assert BY in email.text


@pytest.mark.parametrize("theme", ["classic", "plain"])
@pytest.mark.django_db
def test_the_email_does_not_repeat_the_terms_of_the_organisation_itself_and_the_web_page_shows_them(theme):
    first, second = example_issues.write(), example_issues.write("Second")
    issue = example_issues.edit(example_issues.publish(theme=theme), [first, second])
    own = f"{issue.publication.organisation}, free to reuse"
    ArticleTerms.objects.create(
        article=first, attribution=issue.publication.organisation, licence="free to reuse"
    )
    ArticleTerms.objects.create(article=second, attribution="Ben", licence="free to reuse")
    email = render_email(issue)
    assert own in email.page
    assert own not in email.html
    assert own not in email.text
    for part in (email.html, email.text, email.page):
        assert "Ben, free to reuse" in part


def test_composing_leaves_out_what_its_terms_forbid_and_says_so(weekly, write, noon):
    good, bad = write("Good", hours=1), write("Bad", hours=2)
    ArticleTerms.objects.create(article=bad, mailing="no")
    ArticleTerms.objects.create(article=good, site_licence=BY)
    issue = compose(weekly, now=noon)
    assert [item.article.title for item in issue.items.all()] == ["Good"]
    assert [(each.article.title, each.reason) for each in articles_left_out(issue)] == [
        ("Bad", "its terms forbid emailing it")
    ]


def test_of_an_article_that_also_waits_for_a_check_the_terms_are_named(weekly, write, noon):
    write("Good", hours=1)
    ArticleTerms.objects.create(article=write("Bad", hours=2, waiting_since=noon), mailing="no")
    assert [each.reason for each in articles_left_out(compose(weekly, now=noon))] == [
        "its terms forbid emailing it"
    ]


def test_if_nothing_else_is_there_the_refusal_says_why(weekly, write, noon):
    ArticleTerms.objects.create(article=write("Bad", hours=2), mailing="no")
    with pytest.raises(Refused, match="1 article is left out because the terms forbid emailing it"):
        compose(weekly, now=noon)


def test_an_article_that_an_editor_added_all_the_same_is_an_error_before_approval(weekly, write, noon):
    article = write("Good", hours=1)
    Article.objects.update(url="https://elsewhere.example/good/")
    issue = compose(weekly, now=noon)
    ArticleTerms.objects.create(article=article, site_forbids=True, site_rights="Do not republish this.")
    found = [each for each in check_issue(CheckedIssue(issue)) if each.rule == "reuse.forbidden"]
    assert [each.what for each in found] == ["The terms of “Good” forbid emailing it."]
    assert found[0].blocks_approval
    ArticleTerms.objects.update(mailing="yes")
    assert not [each for each in check_issue(CheckedIssue(issue)) if each.rule == "reuse.forbidden"]
