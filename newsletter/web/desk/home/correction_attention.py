"""What needs the user's attention in emails about corrections: not approved, not sent, blocked, paused or in doubt."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor
from newsletter.articles.models import Correction
from newsletter.corrections.models import CorrectionNotice, NoticeMailing
from newsletter.issues.article_corrections import publications_that_carried
from newsletter.issues.models import Publication
from newsletter.issues.visible_to_actor import visible, visible_with
from newsletter.sending.models import Mailing
from newsletter.sending.undecided_batches import undecided_mailings
from newsletter.web.desk.home.home_rows import SHOWN, Row
from newsletter.web.desk.sending.sending_words import sentence_of_sending

State = CorrectionNotice.State
STILL_ASKED = timedelta(days=14)
# Older corrections wait for nothing.
LATEST = 50


def correction_rows(publication: Publication | None) -> Iterator[Row]:
    """Yield the emails about corrections that wait for a decision, the most urgent first."""
    serious = Correction.objects.filter(severity=Correction.Severity.SERIOUS).select_related("article")
    corrections = list(serious.order_by("-pk")[:LATEST])
    if not corrections:
        return
    chosen = Q(publication=publication) if publication else Q()
    notices = CorrectionNotice.objects.filter(chosen).select_related("correction__article", "publication")
    for notice in visible(notices.filter(state=State.BLOCKED))[: SHOWN + 1]:
        yield _row(notice.correction, notice.publication, "Blocked", notice.blocked_reason, act="Decide")
    yield from _mailings(chosen)
    yield from _unapproved(corrections, publication)
    ready = visible_with(notices.filter(state=State.APPROVED), Role.SENDER)
    for notice in ready[: SHOWN + 1]:
        sentence = "This email about a correction has not been sent yet."
        yield _row(notice.correction, notice.publication, "Approved", sentence, act="Send")


def _mailings(chosen: Q) -> Iterator[Row]:
    theirs = NoticeMailing.objects.select_related(
        "notice__correction__article", "notice__publication", "mailing"
    )
    notices = visible(CorrectionNotice.objects.filter(chosen)).values("pk")
    theirs = theirs.filter(notice__in=notices).order_by("-pk")
    for each in theirs.filter(mailing__state=Mailing.State.PAUSED)[: SHOWN + 1]:
        reason = sentence_of_sending(each.mailing.pause_reason)
        yield _row(each.notice.correction, each.notice.publication, "Paused", reason, act="Decide")
    undecided = undecided_mailings(timezone.now() - STILL_ASKED).values("pk")
    for each in theirs.filter(mailing__in=undecided)[: SHOWN + 1]:
        sentence = "For some people, we do not know whether they received this email about a correction."
        yield _row(each.notice.correction, each.notice.publication, "Decision needed", sentence, act="Decide")


def _unapproved(corrections: Iterable[Correction], publication: Publication | None) -> Iterator[Row]:
    """Yield serious corrections that nobody has been emailed about, for those who can approve the email."""
    since = timezone.now() - STILL_ASKED
    recent = (each for each in corrections if each.made_at and each.made_at >= since)
    for correction in islice(recent, SHOWN + 1):
        approved = set(correction.notices.values_list("publication", flat=True))
        for each in publications_that_carried(correction.article):
            is_meant = publication is None or each.pk == publication.pk
            if is_meant and each.pk not in approved and current_actor().may(Role.APPROVER, each.pk):
                sentence = "This serious correction has not been emailed to those who received the article."
                yield _row(correction, each, "Needs approval", sentence, act="Review")


def _row(correction: Correction, publication: Publication, badge: str, sentence: str, *, act: str) -> Row:
    return Row(
        badge=badge,
        title=f"Correction: {correction.article.title}",
        path=reverse("desk:correction-email", args=[correction.pk, publication.slug]),
        act=act,
        publication=publication.name,
        sentences=(sentence,),
    )
