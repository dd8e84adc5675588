"""The queue of the review board: which questions and complaints the current actor may see, the most urgent first."""

from collections.abc import Collection
from datetime import date

from django.db.models import Case, DateField, F, QuerySet, When
from django.utils.timezone import localtime

from newsletter.accounts.actor import ANY, Role, require_role
from newsletter.articles.models import Correction
from newsletter.errors import NotFound
from newsletter.feedback.models import ReaderCase
from newsletter.issues.article_corrections import has_come
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible_with

ACT = "Answering readers’ questions"
State = ReaderCase.State
# Until when the board must do the next thing.
NEXT_DEADLINE = Case(
    When(state=State.RECEIVED, then=F("acknowledge_by")),
    default=F("answer_by"),
    output_field=DateField(),
)


def cases(states: Collection[str], publication: Publication | None = None) -> QuerySet[ReaderCase]:
    """Return the cases in these states that the actor may answer, those that are due first. Raises Refused.

    Each row has `due`, the day until which the board must do the next thing.
    """
    require_role(Role.BOARD, ACT, publication=ANY)
    found = visible_with(ReaderCase.objects.filter(state__in=states), Role.BOARD)
    if publication is not None:
        found = found.filter(publication=publication)
    return found.select_related("publication").annotate(due=NEXT_DEADLINE).order_by("due", "pk")


def find_case(number: int) -> ReaderCase:
    """Return a case that the actor may answer. Raises Refused without the role, and NotFound."""
    require_role(Role.BOARD, ACT, publication=ANY)
    found = visible_with(ReaderCase.objects.filter(pk=number), Role.BOARD)
    case = found.select_related("publication", "article", "correction").annotate(due=NEXT_DEADLINE).first()
    if case is None:
        raise NotFound("We could not find this question. Choose one on the “Questions” page.")
    return case


def corrections_for(case: ReaderCase) -> QuerySet[Correction]:
    """Return the corrections with which the board can answer a question: those of the article that readers see now."""
    found = (
        Correction.objects.filter(article=case.article_id) if case.article_id else Correction.objects.none()
    )
    return found.filter(has_come(case.publication))


def today(publication: Publication) -> date:
    """Return today's date in the publication's time zone."""
    return localtime(timezone=publication.tzinfo).date()
