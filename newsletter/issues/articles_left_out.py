"""Says which articles an issue's selection left out, and why, in a form for every door."""

from dataclasses import dataclass

from newsletter.articles.models import Article
from newsletter.issues.article_mix import NO_ROOM, SECTION_IS_FULL, SOURCE_IS_FULL, TOPIC_IS_FULL
from newsletter.issues.candidate_articles import FORBIDDEN, WAITING
from newsletter.issues.models import Issue
from newsletter.issues.selection_rule import Selection, selection_from_json
from subscribers.phrases import counted


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that the selection allowed and did not take, and the reason in words."""

    article: Article
    reason: str


def articles_left_out(issue: Issue) -> list[LeftOut]:
    """Return what the latest choice of articles left out, newest first, without what the issue has by now.

    At most 100 articles are known.
    """
    pairs = [(int(key), str(reason)) for key, reason in issue.passed_over or []]
    present = set(issue.items.values_list("article", flat=True))
    wanted = [key for key, _reason in pairs if key not in present]
    known = Article.objects.filter(withdrawn_at=None, excluded=False).select_related("source")
    articles = known.defer("body_html").in_bulk(wanted)
    words = _words(selection_from_json(issue.selection))
    return [LeftOut(articles[key], words[reason]) for key, reason in pairs if key in articles]


def _words(selection: Selection) -> dict[str, str]:
    def at_most(number: int | None) -> str:
        return f"at most {counted(number or 0, 'article', 'articles')}"

    return {
        NO_ROOM: f"the issue is full: {at_most(selection.at_most)} in an issue",
        SOURCE_IS_FULL: f"{at_most(selection.at_most_per_source)} from one source",
        SECTION_IS_FULL: f"{at_most(selection.at_most_per_section)} in one section",
        TOPIC_IS_FULL: f"{at_most(selection.at_most_per_topic)} on one topic",
        FORBIDDEN: "its terms forbid emailing it",
        WAITING: "waiting for somebody to check its source, which has changed",
    }
