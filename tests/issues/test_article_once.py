"""Whatever editors do, no article is printed in two issues of a publication, and the order is total and stable."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.articles.models import Article
from newsletter.errors import NewsletterError
from newsletter.issues import edit_issue_articles
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose
from newsletter.issues.item_order import items_to_print
from newsletter.issues.models import Issue
from newsletter.issues.recompose import recompose_issue
from newsletter.issues.selection_rule import Selection
from tests.full import examples

START = datetime(2026, 11, 9, 12, tzinfo=UTC)
pick = st.integers(0, 7)
ACTS = {
    "pin": lambda issue, article, _: edit_issue_articles.pin(issue, article),
    "drop": lambda issue, article, _: edit_issue_articles.drop(issue, article),
    "take back": lambda issue, article, _: edit_issue_articles.restore_dropped(issue, article),
    "add": lambda issue, article, _: edit_issue_articles.add(issue, article),
    "lead": lambda issue, article, _: edit_issue_articles.make_lead(issue, article),
    "move": lambda issue, article, place: edit_issue_articles.move(issue, article, to=place + 1),
    "section": lambda issue, article, place: edit_issue_articles.move_to_section(
        issue, article, f"Section {place % 3}"
    ),
    "withdraw": lambda _, article, __: Article.objects.filter(pk=article).update(withdrawn_at=START),
    "restore": lambda _, article, __: Article.objects.filter(pk=article).update(withdrawn_at=None),
    "approve": lambda issue, _, __: Issue.objects.filter(pk=issue.pk, state="draft").update(state="approved"),
    "cancel": lambda issue, _, __: cancel_issue(issue),
    "recompose": lambda issue, _, place: recompose_issue(issue, now=START + timedelta(hours=place)),
}
acts = st.tuples(st.sampled_from([*ACTS, "compose", "compose", "compose"]), pick, pick, pick)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(acts, min_size=4, max_size=16))
def test_no_article_is_printed_in_two_issues(weekly, write, story):
    with taken_back():
        articles = [write(hours=hours, topics=[f"{hours % 2}"]).pk for hours in range(8)]
        for act, issue, article, place in story:
            do(weekly, articles, act, issue, article, place)
            check(weekly)


@contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def do(publication, articles, act, issue, article, place):
    issues = list(Issue.objects.filter(publication=publication).order_by("number"))
    try:
        if act == "compose":
            chosen = Selection(since=30, at_most=place % 4 + 1)
            compose(publication, selection=chosen, now=START + timedelta(hours=place))
        elif issues:
            ACTS[act](issues[issue % len(issues)], articles[article], place)
    except NewsletterError as refused:
        assert str(refused).endswith(".")  # noqa: PT017 - a refusal is part of the story, and leaves nothing behind


def check(publication):
    printed = Counter()
    for issue in publication.issues.exclude(state="cancelled"):
        items = items_to_print(issue)
        assert [item.pk for item in items] == [item.pk for item in items_to_print(issue)]
        assert len({item.position for item in items}) == len(items)
        assert [item.lead for item in items] == [True] + [False] * (len(items) - 1) if items else True
        printed.update(item.article_id for item in items)
    assert not [article for article, times in printed.items() if times > 1]
