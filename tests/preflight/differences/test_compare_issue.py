"""The email of an issue is compared with the approved one, that of the last issue, and the sites of its articles."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Item
from newsletter.preflight.differences.compare_issue import Other, compare_issue
from newsletter.scheduling.approval import approve
from tests.sending.planned_mailing import planned_mailing


def sentences(other):
    return [each.sentence for each in compare_issue(Issue.objects.latest("number"), other).differences]


def test_without_an_approval_or_an_earlier_issue_there_is_nothing_to_compare(issue):
    assert compare_issue(issue, Other.APPROVED).exists is False
    assert compare_issue(issue, Other.LAST).exists is False


def test_the_approved_email_is_compared_also_after_the_approval_ended_and_on_another_day(
    issue, join, time_machine
):
    join("ana")
    approve(issue)
    assert sentences(Other.APPROVED) == []
    time_machine.move_to(timezone.now() + timedelta(days=3))
    assert sentences(Other.APPROVED) == []
    Article.objects.update(title="Tides, explained again")
    Issue.objects.update(audience={"without_days": 7})
    found = sentences(Other.APPROVED)
    assert found[0] == "The headline “Tides explained” was changed."
    assert "Somebody has changed the audience" in found[1]
    assert len(found) == 2


@pytest.mark.usefixtures("way_out")
def test_the_last_issue_that_was_sent_is_compared_with_its_articles_and_audience(issue, join):
    join("ana", "ben")
    planned_mailing(issue)
    second = Issue.objects.create(
        publication=issue.publication, number=2, subject="Ebb", composed_at=timezone.now()
    )
    article = Article.objects.create(
        source=Article.objects.get().source,
        url="https://harbour.example.org/b",
        identity="b",
        title="A boat comes home",
        found_at=timezone.now(),
    )
    Item.objects.create(issue=second, article=article, lead=True)
    join("cem")
    found = sentences(Other.LAST)
    assert "The subject was changed." in found
    assert "The article “Tides explained” was removed." in found
    assert "The article “A boat comes home” was added." in found
    assert "Issue 1 was sent to 2 people." in found[-1]
    assert "3 people" in found[-1]


def test_the_sites_are_compared_article_by_article(issue):
    assert sentences(Other.SITE) == []
    Item.objects.update(headline="Our tides", blurb="Our words.")
    Article.objects.update(standfirst="The words of the site.")
    assert sentences(Other.SITE) == [
        "The headline of “Our tides” differs from the one on its site.",
        "The text of “Our tides” differs from the one on its site.",
    ]
    source = Article.objects.get().source
    later = issue.composed_at + timedelta(hours=1)
    Article.objects.create(source=source, identity="c", title="A new lifeboat", found_at=later)
    Article.objects.filter(items__issue=issue).update(withdrawn_at=later)
    assert sentences(Other.SITE) == [
        "“Our tides” is no longer on its site, so the email leaves it out.",
        "“A new lifeboat” is new and is not in the issue.",
    ]


def test_what_an_editor_changed_for_all_issues_is_a_difference_from_the_site(issue):
    Article.objects.update(title="Tides", as_on_site={"title": "Tides explained"})
    [found] = compare_issue(Issue.objects.get(), Other.SITE).differences
    assert found.sentence == "The headline of “Tides” differs from the one on its site."
    assert "".join(piece.text for piece in found.words if piece.edit != "added") == "Tides explained"
