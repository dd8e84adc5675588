"""Receives questions about facts, and complaints about data protection, from readers without an account.

What is accepted is in the queue of the review board at once, whether or not its sender ever confirms their address:
only emails to the reader wait for that.
"""

import secrets
from dataclasses import dataclass

from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError, once
from newsletter.articles.models import Article
from newsletter.errors import Invalid, InvalidFields, NotFound
from newsletter.feedback.case_deadlines import deadlines
from newsletter.feedback.case_limits import may_ask_to_confirm, require_within_limits
from newsletter.feedback.case_mails import queue_case_mail
from newsletter.feedback.case_words import NOT_SENT, TAKES_NO_QUESTIONS
from newsletter.feedback.models import CONFIRM, ReaderCase
from newsletter.issues.models import Issue, Item, Publication
from subscribers.clean_text import printable
from subscribers.email_addresses import parse
from subscribers.transactions import one_transaction

LONGEST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class SentForm:
    """What a reader filled in, and from which network address. `article` is None for a complaint."""

    text: str
    address: str
    network: str = ""
    article: Article | None = None
    form_key: str = ""

    @property
    def kind(self) -> ReaderCase.Kind:
        """Whether it is a question or a complaint."""
        return ReaderCase.Kind.QUESTION if self.article else ReaderCase.Kind.COMPLAINT


def publication_asked(slug: str, *, complaint: bool = False) -> Publication:
    """Return the publication to which readers send a form. Raises NotFound if it takes no questions.

    An archived publication still has its readers’ data, so it takes complaints about data protection, but no questions.
    """
    found = Publication.objects.select_related("mailing_list").filter(slug=slug, takes_questions=True)
    publication = found.first()
    if publication is None or (publication.archived_at is not None and not complaint):
        raise NotFound(TAKES_NO_QUESTIONS)
    return publication


def article_asked_about(publication: Publication, number: int) -> Article:
    """Return an article that readers can question: one that was sent. Raises NotFound."""
    sent = Item.objects.filter(
        issue__publication=publication,
        issue__state__in=(Issue.State.SENDING, Issue.State.SENT),
        article=number,
        dropped=False,
    )
    item = sent.select_related("article").first()
    if item is None:
        raise NotFound(NOT_SENT)
    return item.article


def receive_case(publication: Publication, sent: SentForm) -> None:
    """Store a question or complaint, and ask its sender to confirm their address. A form sent twice is stored once.

    Raises InvalidFields, and TooManyCasesError if too many came from this network or with this address.
    """
    text, address, key = _checked(sent)
    require_within_limits(sent.network, key)
    try:
        _store(publication, sent, text, (address, key))
    except AlreadyMadeError:
        return


@one_transaction
def _store(publication: Publication, sent: SentForm, text: str, mailbox: tuple[str, str]) -> None:
    now = timezone.now()
    until = deadlines(publication, sent.kind, now)
    with once(sent.form_key) as form:
        case = ReaderCase.objects.create(
            publication=publication,
            kind=sent.kind,
            article=sent.article,
            article_title=sent.article.title if sent.article else "",
            text=text,
            address=mailbox[0],
            address_key=mailbox[1],
            nonce=secrets.token_hex(8),
            received_at=now,
            acknowledge_by=until.acknowledge_by,
            answer_by=until.answer_by,
        )
        form.made = str(case.pk)
        if case.address_key and may_ask_to_confirm(case):
            queue_case_mail(case, CONFIRM)


def _checked(sent: SentForm) -> tuple[str, str, str]:
    """Return the text, the address and its key. Raises InvalidFields."""
    text, wrong, address, key = printable(sent.text.replace("\r\n", "\n")).strip(), {}, "", ""
    if not text or len(text) > LONGEST_TEXT:
        wrong["text"] = f"Enter your message, in up to {LONGEST_TEXT:,} characters."
    if sent.address.strip() or sent.article is None:
        try:
            found = parse(sent.address)
            address, key = found.address, found.key
        except Invalid as error:
            wrong["address"] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    return text, address, key
