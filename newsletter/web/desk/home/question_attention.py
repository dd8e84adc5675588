"""Newsletters whose readers wait for the review board, for the people on it."""

from collections.abc import Iterator

from django.db.models import Count, Min

from newsletter.accounts.actor import ANY, Role, current_actor
from newsletter.feedback.find_cases import cases
from newsletter.feedback.models import ReaderCase
from newsletter.issues.models import Publication
from newsletter.web.desk.home.home_rows import Row, path_to
from subscribers.phrases import counted


def question_rows(publication: Publication | None) -> Iterator[Row]:
    """Yield a row for each newsletter with questions or complaints that are not closed, the most urgent first."""
    if not current_actor().may(Role.BOARD, ANY):
        return
    found = cases(ReaderCase.OPEN, publication).order_by().values("publication__name")
    for each in found.annotate(count=Count("pk"), first=Min("due")).order_by("first"):
        what = counted(each["count"], "question or complaint is", "questions or complaints are")
        first = each["first"]
        yield Row(
            badge="Questions",
            title=each["publication__name"],
            path=path_to("questions"),
            act="Answer",
            sentences=(f"{what} open. The first deadline is {first.day} {first:%B}.",),
        )
