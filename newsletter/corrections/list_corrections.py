"""Lists the corrections to articles that were sent, with what became of the email about each serious one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.issues.article_corrections import SENT
from newsletter.issues.models import Item, Publication
from newsletter.issues.visible_to_actor import visible
from newsletter.sending.models import Mailing
from subscribers.matching_words import matching_words

TEXTS = ("article__title", "said", "text", "why")
State = CorrectionNotice.State


class EmailStage(StrEnum):
    """What became of the email about a correction."""

    UNAPPROVED = "unapproved"
    UNSENT = "unsent"
    SENT = "sent"
    NO_EMAIL = "no-email"


@dataclass(frozen=True, slots=True)
class EmailAboutCorrection:
    """The email about a correction to the readers of a publication, and its state as people read it."""

    publication: Publication
    state: str


@dataclass(frozen=True, slots=True)
class ListedCorrection:
    """A correction, and the emails about it: one for each publication that sent the article, if it is serious."""

    correction: Correction
    emails: Sequence[EmailAboutCorrection]


def find_corrections(
    publication: Publication | None = None, *, stage: str = "", words: str = ""
) -> QuerySet[Correction]:
    """Return the corrections to articles that a publication has sent, the latest first.

    Without a publication, these are all that the actor may see. `stage` is one of EmailStage or empty. `words` must all
    be in the headline of the article, or in what the correction says.
    """
    carried = _carried(publication).filter(article=OuterRef("article"))
    # A source can give any day.
    has_come = Q(corrected_on__lte=timezone.localdate()) | Q(made_at__isnull=False)
    asked = _at_stage(publication, stage) & matching_words(words, TEXTS)
    found = Correction.objects.filter(has_come, Exists(carried), asked)
    return found.select_related("article").order_by("-corrected_on", "-pk")


def with_emails(
    corrections: Collection[Correction], publication: Publication | None = None
) -> list[ListedCorrection]:
    """Return corrections with the state of the emails about them, to one publication or to all that the actor sees."""
    serious = [each for each in corrections if _is_emailed(each)]
    carried = _carried(publication).filter(article__in={each.article_id for each in serious})
    pairs = set(carried.order_by().values_list("article", "issue__publication"))
    publications = Publication.objects.in_bulk({key for _, key in pairs})
    states = _states(serious)
    rows = []
    for correction in corrections:
        theirs = (key for article, key in pairs if article == correction.article_id)
        emails = [
            EmailAboutCorrection(publications[key], _state(states, correction, publications[key]))
            for key in theirs
            if _is_emailed(correction)
        ]
        rows.append(ListedCorrection(correction, sorted(emails, key=lambda each: each.publication.name)))
    return rows


def _carried(publication: Publication | None) -> QuerySet[Item]:
    """Return the items of issues that were sent, of one publication or of all that the actor may see."""
    items = Item.objects.filter(dropped=False, issue__state__in=SENT)
    return (
        items.filter(issue__publication=publication) if publication else visible(items, "issue__publication")
    )


def _at_stage(publication: Publication | None, stage: str) -> Q:
    notices = CorrectionNotice.objects.filter(correction=OuterRef("pk"))
    notices = notices.filter(publication=publication) if publication else visible(notices)
    is_emailed = Q(severity=Correction.Severity.SERIOUS, made_at__isnull=False)
    match stage:
        case EmailStage.UNAPPROVED:
            approved = CorrectionNotice.objects.filter(
                correction=OuterRef(OuterRef("pk")), publication=OuterRef("issue__publication")
            )
            open_to = _carried(publication).filter(
                ~Exists(approved), article=OuterRef("article"), issue__publication__archived_at=None
            )
            return is_emailed & Q(Exists(open_to))
        case EmailStage.UNSENT:
            return Q(Exists(notices.exclude(state=State.PLANNED)))
        case EmailStage.SENT:
            return Q(Exists(notices.filter(state=State.PLANNED)))
        case EmailStage.NO_EMAIL:
            return ~is_emailed
        case _:
            return Q()


def _is_emailed(correction: Correction) -> bool:
    """Return whether an email about a correction can be sent: it is serious, and was made here."""
    return correction.severity == Correction.Severity.SERIOUS and correction.made_at is not None


def _states(corrections: Collection[Correction]) -> dict[tuple[int, int], str]:
    """Return the state of each approved email, by its correction and its publication."""
    notices = list(
        CorrectionNotice.objects.filter(correction__in=corrections).only("correction", "publication", "state")
    )
    mailings: dict[int, set[str]] = {}
    of_notices = NoticeMailing.objects.filter(notice__in=notices)
    for notice, state in of_notices.values_list("notice", "mailing__state"):
        mailings.setdefault(notice, set()).add(state)
    return {
        (each.correction_id, each.publication_id): _sent_as(mailings.get(each.pk, set()))
        if each.state == State.PLANNED
        else State(each.state).label
        for each in notices
    }


def _sent_as(mailings: Collection[str]) -> str:
    """Return the state of an email by those of its mailings. What needs somebody’s attention comes first."""
    in_order = (Mailing.State.PAUSED, Mailing.State.SENDING, Mailing.State.STOPPED)
    return next((each.label for each in in_order if each in mailings), Mailing.State.SENT.label)


def _state(states: dict[tuple[int, int], str], correction: Correction, publication: Publication) -> str:
    is_over = publication.archived_at is not None
    return states.get((correction.pk, publication.pk), "Not sent" if is_over else "Needs approval")
