"""The forms by which readers question a fact or complain about data protection, and the page for what came of it.

The forms need no account and no cookies. They are guarded as the sign-up form is, and what was typed is shown again if
something is wrong.
"""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse

from newsletter.articles.models import Article
from newsletter.errors import InvalidFields, NotFound
from newsletter.feedback.case_limits import TooManyCasesError
from newsletter.feedback.case_links import EndedLinkError, case_of
from newsletter.feedback.case_words import REGULATOR_URL, words_for
from newsletter.feedback.confirm_cases import cases_of_reader, confirm_cases
from newsletter.feedback.models import ReaderCase
from newsletter.feedback.receive_case import (
    LONGEST_TEXT,
    SentForm,
    article_asked_about,
    publication_asked,
    receive_case,
)
from newsletter.feedback.renew_case_link import renew_case_link
from newsletter.issues.models import Publication
from newsletter.issues.page_urls import complaint_path
from newsletter.web.desk.creation_form_keys import form_key, new_key
from newsletter.web.nul_removal import remove_nul_from_form
from subscribers import proof_of_work
from subscribers.views.filled_in_by_person import HONEYPOT, time_shown, was_open_long_enough
from subscribers.views.public_page import network_address, public, show

TRY_AGAIN_SECONDS = 3600
GONE = 410


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What was typed into a form, and what is wrong: `fields` names fields, and `problem` what concerns all of it."""

    text: str = ""
    address: str = ""
    fields: frozenset[str] = field(default_factory=frozenset)
    problem: str = ""

    @property
    def status(self) -> int:
        """The status of the page that shows the form."""
        if self.problem == "often":
            return 429
        return 422 if self.fields or self.problem else 200


@public("GET", "HEAD", "POST")
def ask_about_article(request: HttpRequest, *, slug: str, article: int) -> HttpResponse:
    """Show the form to question a fact in an article, and receive it."""
    try:
        publication = publication_asked(slug)
        return _answer(request, publication, article_asked_about(publication, article))
    except NotFound as error:
        return show(request, "not_found", status=404, sentence=str(error))


@public("GET", "HEAD", "POST")
def complain(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the form for complaints about data protection, and receive it."""
    try:
        return _answer(request, publication_asked(slug, complaint=True), None)
    except NotFound as error:
        return show(request, "not_found", status=404, sentence=str(error))


@public("GET", "HEAD")
def sent(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the page that follows a form. It is the same whether or not we know the address."""
    try:
        publication = publication_asked(slug, complaint=True)
    except NotFound as error:
        return show(request, "not_found", status=404, sentence=str(error))
    return show(request, "case_sent", publication.language, list=publication.mailing_list)


@public("GET", "HEAD", "POST")
def my_question(request: HttpRequest, *, token: str) -> HttpResponse:
    """Show the owner of a mailbox what was sent with their address, and let them confirm it. A GET confirms nothing.

    If the link has expired, they can get a new one here.
    """
    try:
        case = case_of(token)
    except EndedLinkError as error:
        return _ended_link(request, error)
    confirmed = confirm_cases(case, request.POST.getlist("case")) if request.method == "POST" else 0
    if request.method == "POST":
        query = "?confirmed=yes" if confirmed else ""
        return HttpResponseRedirect(reverse("my-question", args=[token]) + query, status=303)
    found = cases_of_reader(case)
    return show(
        request,
        "my_question",
        case.publication.language,
        list=case.publication.mailing_list,
        publication=case.publication,
        unconfirmed=[each for each in found if each.confirmed_at is None],
        confirmed=[(each, words_for(each)) for each in found if each.confirmed_at],
        here=case,
        was_confirmed="confirmed" in request.GET,
        closed=ReaderCase.CLOSED,
        regulator_url=REGULATOR_URL,
    )


def _ended_link(request: HttpRequest, ended: EndedLinkError) -> HttpResponse:
    """Say why a link has ended. If it has expired, email a new one to the address that is posted."""
    case = ended.case
    if case is None or not ended.is_expired or request.method != "POST":
        return _ended_page(request, ended)
    remove_nul_from_form(request)
    address = request.POST.get("address", "")[:400]
    try:
        renew_case_link(case, address, network_address(request))
    except InvalidFields as error:
        return _ended_page(request, ended, FilledForm(address=address, fields=frozenset(error.fields)))
    except TooManyCasesError:
        return _ended_page(request, ended, FilledForm(address=address, problem="often"))
    except EndedLinkError as error:
        return _ended_page(request, error)
    return HttpResponseRedirect(reverse("case-sent", args=[case.publication.slug]), status=303)


def _ended_page(
    request: HttpRequest, ended: EndedLinkError, filled: FilledForm | None = None
) -> HttpResponse:
    publication = ended.case.publication if ended.case else None
    return show(
        request,
        "my_question_ended",
        publication.language if publication else "",
        status=filled.status if filled else GONE,
        list=publication.mailing_list if publication else None,
        is_expired=ended.is_expired,
        is_erased=ended.case is not None,
        filled=filled or FilledForm(),
    )


def _answer(request: HttpRequest, publication: Publication, article: Article | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, publication, article, FilledForm())
    remove_nul_from_form(request)
    filled = _received(request, publication, article)
    if filled is not None:
        return _page(request, publication, article, filled)
    return HttpResponseRedirect(reverse("case-sent", args=[publication.slug]), status=303)


def _received(request: HttpRequest, publication: Publication, article: Article | None) -> FilledForm | None:
    """Receive a form, and return it with what is wrong if it must be shown again."""
    posted = request.POST
    text, address = posted.get("text", ""), posted.get("address", "")[:400]
    if posted.get(HONEYPOT):
        return None
    if not was_open_long_enough(posted.get("shown", "")):
        return FilledForm(text, address, problem="hurry")
    if not proof_of_work.is_solved(posted.get("proof", "")):
        return FilledForm(text, address, problem="proof")
    form = SentForm(text, address, network_address(request), article, form_key(request))
    try:
        receive_case(publication, form)
    except InvalidFields as error:
        return FilledForm(text, address, fields=frozenset(error.fields))
    except TooManyCasesError:
        return FilledForm(text, address, problem="often")
    return None


def _page(
    request: HttpRequest, publication: Publication, article: Article | None, filled: FilledForm
) -> HttpResponse:
    context: dict[str, Any] = {
        "publication": publication,
        "list": publication.mailing_list,
        "article": article,
        "complaint": complaint_path(publication),
        "filled": filled,
        "longest": LONGEST_TEXT,
        "shown": time_shown(publication.slug),
        "form_key": new_key(),
        "challenge": proof_of_work.make_challenge(),
        "proof_script": static("subscribers/proof.js"),
    }
    response = show(request, "reader_case", publication.language, status=filled.status, **context)
    response["X-Robots-Tag"] = "noindex"
    if filled.problem == "often":
        response["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return response
