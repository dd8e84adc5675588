"""What readers are told about their questions and complaints, in emails and on pages.

The texts are in the catalogues of subscribers/locale. They name the article, but never repeat what was typed into a
form: somebody else may have typed it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from newsletter.feedback.models import CONFIRM, ReaderCase
from newsletter.issues.page_urls import absolute_url
from newsletter.rendering.localisation import long_date
from subscribers.bidi import isolated
from subscribers.translated_languages import texts_in, written_in

State = ReaderCase.State
# Anybody in the United Kingdom can complain to this regulator.
REGULATOR_URL = "https://ico.org.uk/make-a-complaint/"
# Why there is no form.
TAKES_NO_QUESTIONS = _("Readers cannot send questions to this newsletter at the moment.")
NOT_SENT = _("We have not sent this article in an email yet, so you cannot send a question about it.")


@dataclass(frozen=True, slots=True)
class Words:
    """The subject of an email and its first paragraph, which is also on the reader's page."""

    subject: str
    sentence: str


QUESTION = {
    CONFIRM: Words(
        _("Please confirm your question"),
        _(
            "Somebody, perhaps you, questioned a fact in “%(article)s” and gave us this email address. If it was you, "
            "confirm your address so that we can tell you what we decide. If it was not you, you do not need to do "
            "anything."
        ),
    ),
    State.RECEIVED: Words(
        _("We have received your question"),
        _(
            "We have received your question about “%(article)s”. We will tell you by %(first)s that we are looking "
            "into it, and plan to answer by %(last)s."
        ),
    ),
    State.ACKNOWLEDGED: Words(
        _("We are looking into your question"),
        _("We are looking into your question about “%(article)s”. We plan to answer by %(last)s."),
    ),
    State.ANSWERED: Words(
        _("Our answer to your question"), _("This is our answer to your question about “%(article)s”.")
    ),
    State.CORRECTED: Words(
        _("We have made a correction"),
        _("Thank you for your question about “%(article)s”. We have made a correction."),
    ),
    State.DECLINED: Words(
        _("What we decided about your question"),
        _("We have decided not to pursue your question about “%(article)s”. Here is the reason."),
    ),
}
COMPLAINT = {
    CONFIRM: Words(
        _("Please confirm your complaint"),
        _(
            "Somebody, perhaps you, complained about how we use personal data and gave us this email address. If it "
            "was you, confirm your address so that we can tell you what we decide. If it was not you, you do not need "
            "to do anything."
        ),
    ),
    State.RECEIVED: Words(
        _("We have received your complaint"),
        _(
            "We have received your complaint about how we use personal data. We will acknowledge it by %(first)s, and "
            "plan to tell you the outcome by %(last)s."
        ),
    ),
    State.ACKNOWLEDGED: Words(
        _("We acknowledge your complaint"),
        _(
            "We acknowledge that we have received your complaint about how we use personal data. We are looking into "
            "it, and plan to tell you the outcome by %(last)s."
        ),
    ),
    State.ANSWERED: Words(
        _("The outcome of your complaint"),
        _("This is the outcome of your complaint about how we use personal data."),
    ),
    State.CORRECTED: Words(
        _("The outcome of your complaint"),
        _("You were right to complain about how we use personal data. This is what we have done."),
    ),
    State.DECLINED: Words(
        _("The outcome of your complaint"),
        _(
            "We have decided not to take any action on your complaint about how we use personal data. Here is the "
            "reason."
        ),
    ),
}


def words_for(case: ReaderCase, step: str = "") -> Words:
    """Return what a reader is told about a step of their case, or about its state, in the publication's language."""
    language = case.publication.language
    found = (COMPLAINT if case.is_complaint else QUESTION)[step or _told(case)]
    texts = texts_in(written_in(language))
    known = {
        "article": isolated(case.article_title),
        "first": isolated(long_date(case.acknowledge_by, language)),
        "last": isolated(long_date(case.answer_by, language)),
    }
    return Words(texts.gettext(found.subject), texts.gettext(found.sentence) % known)


def case_url(token: str) -> str:
    """Return the address of the page where the reader sees their case."""
    from django.urls import reverse

    return absolute_url(reverse("my-question", args=[token]))


def _told(case: ReaderCase) -> str:
    """Return the state of a case as its reader sees it. They are not told that somebody took it for junk."""
    return State.RECEIVED if case.state == State.JUNK else case.state
