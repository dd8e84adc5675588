"""Sign-up: the form, its POST from our page or another site, and the HTML snippet for another site.

Whether an address is already subscribed or not, the response is the same redirect to the same page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse

from subscribers import consent, consent_wordings, proof_of_work
from subscribers.consent import PersonalDetails, TooOften
from subscribers.email_addresses import parse
from subscribers.embed_code import embed_code
from subscribers.errors import Invalid
from subscribers.models import List, SourceKind, Wording
from subscribers.sign_up_texts import languages_of, shown_in
from subscribers.translated_languages import display_name
from subscribers.views.filled_in_by_person import HONEYPOT, time_shown, was_open_long_enough
from subscribers.views.public_page import find_open_list, public, show, source_of
from subscribers.whole_numbers import whole_number

TRY_AGAIN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What the person typed, to show it again after an error."""

    address: str = ""
    first_name: str = ""
    last_name: str = ""
    topics: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A list with its texts in the visitor's language, and all languages of its form, the main one first."""

    mailing_list: List
    languages: Sequence[str]

    @property
    def query(self) -> str:
        """The part of an address that keeps the language. It is empty if the form has only one."""
        return f"?{urlencode({'lang': self.mailing_list.language})}" if len(self.languages) > 1 else ""


@public("GET", "HEAD", "POST")
def sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, and handle its POST."""
    form = _form_for(request, find_open_list(slug))
    if request.method == "POST":
        return _signed_up(request, form)
    return _page(request, form, SignUpForm())


@public("GET", "HEAD")
def check_your_mail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page that follows a sign-up."""
    form = _form_for(request, find_open_list(slug))
    mailing_list = form.mailing_list
    return show(request, "check_your_mail", mailing_list.language, list=mailing_list, query=form.query)


@public("GET", "HEAD")
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the HTML of a sign-up form to paste into another site."""
    form = _form_for(request, find_open_list(slug))
    mailing_list = form.mailing_list
    html = embed_code(mailing_list, names_language=len(form.languages) > 1)
    return show(request, "snippet", mailing_list.language, list=mailing_list, html=html, query=form.query)


def sample_sign_up_page(request: HttpRequest, mailing_list: List, *, main_language: str = "") -> HttpResponse:
    """Show the page as it would be with the language and texts of this list, which need not be stored.

    `main_language` is that of the list if these are the texts of a further one.
    """
    main = main_language or mailing_list.language
    languages = dict.fromkeys([main, *languages_of(mailing_list)[1:], mailing_list.language])
    return _page(request, ShownForm(mailing_list, list(languages)), SignUpForm())


def _form_for(request: HttpRequest, mailing_list: List) -> ShownForm:
    """Return the form in the language that the address asks for, or that the visitor's browser prefers."""
    asked, accepted = request.GET.get("lang", ""), request.headers.get("Accept-Language", "")
    return ShownForm(*shown_in(mailing_list, asked, accepted))


def _signed_up(request: HttpRequest, form: ShownForm) -> HttpResponse:
    mailing_list = form.mailing_list
    filled = SignUpForm(
        request.POST.get("address", "").strip()[:400],
        request.POST.get("first_name", ""),
        request.POST.get("last_name", ""),
        request.POST.getlist("topics"),
    )
    after = reverse("subscribers:check-your-mail", args=[mailing_list.slug]) + form.query
    done = HttpResponseRedirect(after, status=303)
    if request.POST.get(HONEYPOT):
        return done
    if not _is_filled_in_by_person(request.POST.get("shown", "")):
        return _page(request, form, filled, problem="hurry")
    if not proof_of_work.is_solved(request.POST.get("proof", "")):
        return _page(request, form, filled, problem="proof")
    wording = _wording_shown(mailing_list, request.POST.get("wording", ""))
    person = PersonalDetails(
        first_name=filled.first_name, last_name=filled.last_name, locale=wording.language
    )
    if problem := _what_is_wrong(filled):
        return _page(request, form, filled, problem=problem)
    try:
        consent.sign_up(
            mailing_list,
            filled.address,
            source_of(request, SourceKind.FORM, request.headers.get("Origin", "")),
            wording=wording,
            topics=_known(mailing_list, filled.topics),
            person=person,
        )
    except TooOften:
        response = show(request, "too_often", mailing_list.language, status=429, list=mailing_list)
        response["Retry-After"] = str(TRY_AGAIN_SECONDS)
        return response
    return done


def _what_is_wrong(filled: SignUpForm) -> str:
    """Return the name of the invalid field, or an empty string."""
    try:
        parse(filled.address)
    except Invalid:
        return "address"
    for name in ("first_name", "last_name"):
        try:
            PersonalDetails(**{name: getattr(filled, name)}).cleaned()
        except Invalid:
            return name
    return ""


def _page(request: HttpRequest, form: ShownForm, filled: SignUpForm, *, problem: str = "") -> HttpResponse:
    mailing_list = form.mailing_list
    return show(
        request,
        "sign_up",
        mailing_list.language,
        status=422 if problem else 200,
        list=mailing_list,
        main_language=form.languages[0],
        languages=[(tag, display_name(tag)) for tag in form.languages] if len(form.languages) > 1 else [],
        topics=list(mailing_list.topics.all()) if mailing_list.asks_topics else [],
        wording=consent_wordings.wording_shown(mailing_list),
        shown=time_shown(mailing_list.slug),
        filled=filled,
        problem=problem,
        challenge=proof_of_work.make_challenge(),
        proof_script=static("subscribers/proof.js"),
    )


def _is_filled_in_by_person(shown: str) -> bool:
    """Return whether the form was open long enough. Our form has a signed time; a form on another site has none."""
    return not shown or was_open_long_enough(shown)


def _wording_shown(mailing_list: List, typed: str) -> Wording:
    """Return the consent wording that the form showed, even if it has changed since."""
    number = whole_number(typed)
    if number is not None:
        # What an editor or an import stated has no language.
        found = mailing_list.wordings.filter(pk=number).exclude(language="").first()
        if found is not None:
            return found
    return consent_wordings.keep_wording(mailing_list)


def _known(mailing_list: List, slugs: Sequence[str]) -> list[str]:
    """Return the chosen topics of the list. Empty means all topics, including future ones, as when all are chosen."""
    there = list(mailing_list.topics.values_list("slug", flat=True))
    chosen = [slug for slug in there if slug in slugs]
    return [] if len(chosen) == len(there) else chosen
