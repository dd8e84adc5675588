"""The queue of the review board: which questions and complaints the current actor may see, the most urgent first."""

from collections.abc import Collection
from datetime import date

from django.db.models import Case, DateField, F, Q, QuerySet, When
from django.utils.timezone import localtime

from newsletter.accounts.actor import ANY, Role, current_actor, require_role, why_not_role
from newsletter.articles.models import Correction
from newsletter.errors import NotFound
from newsletter.feedback.models import ReaderCase
from newsletter.issues.article_corrections import has_come
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible, visible_with

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
    found = _answerable().filter(state__in=states)
    if publication is not None:
        found = found.filter(publication=publication)
    return found.select_related("publication", "correction").annotate(due=NEXT_DEADLINE).order_by("due", "pk")


def find_case(number: int) -> ReaderCase:
    """Return a case that the actor may answer. Raises Refused if they may answer none, and NotFound."""
    found = _answerable().filter(pk=number)
    case = (
        found.select_related("publication", "article", "correction", "assigned_to")
        .annotate(due=NEXT_DEADLINE)
        .first()
    )
    if case is None:
        raise NotFound("We could not find this question. Choose one on the “Questions” page.")
    return case


def why_not_for_board(case: ReaderCase) -> str:
    """Return why the actor may not do what only the board does, such as erasing a case, or an empty string."""
    return why_not_role(Role.BOARD, ACT, publication=case.publication_id)


def _answerable() -> QuerySet[ReaderCase]:
    """Return the cases of the newsletters on whose board the actor is, and those that were handed over to them.

    Somebody to whom one was handed over needs a role for the newsletter. Raises Refused if the actor is on no board and
    has no case.
    """
    handed_over = ReaderCase.objects.filter(pk__in=_handed_over())
    if why_not_role(Role.BOARD, ACT, publication=ANY) and handed_over.exists():
        return handed_over
    require_role(Role.BOARD, ACT, publication=ANY)
    of_board = visible_with(ReaderCase.objects.all(), Role.BOARD)
    return ReaderCase.objects.filter(Q(pk__in=of_board.values("pk")) | Q(pk__in=_handed_over()))


def _handed_over() -> QuerySet[ReaderCase, int]:
    account = current_actor().account
    mine = ReaderCase.objects.filter(assigned_to__isnull=False, assigned_to=account)
    return visible(mine).values_list("pk", flat=True)


def corrections_for(case: ReaderCase) -> QuerySet[Correction]:
    """Return the corrections with which the board can answer a question: those of the article that readers see now."""
    found = (
        Correction.objects.filter(article=case.article_id) if case.article_id else Correction.objects.none()
    )
    return found.filter(has_come(case.publication))


def today(publication: Publication) -> date:
    """Return today's date in the publication's time zone."""
    return localtime(timezone=publication.tzinfo).date()
