"""Sign-up: the form, its POST from our page or another site, and the HTML snippet for another site.

Whether an address is already subscribed or not, the response is the same redirect to the same page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse

from subscribers import app_settings, consent, consent_wordings, proof_of_work
from subscribers.consent import PersonalDetails, TooOften
from subscribers.email_addresses import parse
from subscribers.embed_code import embed_code
from subscribers.errors import Invalid
from subscribers.models import List, SourceKind, Wording
from subscribers.views.public_page import find_open_list, public, show, source_of

HONEYPOT = "website"
FORM_GOOD_FOR = 24 * 3600
TRY_AGAIN_SECONDS = 3600
signer = TimestampSigner(salt="subscribers.sign-up")


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What the person typed, to show it again after an error."""

    address: str = ""
    first_name: str = ""
    last_name: str = ""
    topics: Sequence[str] = field(default_factory=tuple)


@public("GET", "HEAD", "POST")
def sign_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, and handle its POST."""
    mailing_list = find_open_list(slug)
    if request.method == "POST":
        return _signed_up(request, mailing_list)
    return _form(request, mailing_list, SignUpForm())


@public("GET", "HEAD")
def check_your_mail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page that follows a sign-up."""
    mailing_list = find_open_list(slug)
    return show(request, "check_your_mail", mailing_list.language, list=mailing_list)


@public("GET", "HEAD")
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the HTML of a sign-up form to paste into another site."""
    mailing_list = find_open_list(slug)
    return show(request, "snippet", mailing_list.language, list=mailing_list, html=embed_code(mailing_list))


def sample_sign_up_page(request: HttpRequest, mailing_list: List) -> HttpResponse:
    """Show the page as it would be with the texts of this list, which need not be stored."""
    return _form(request, mailing_list, SignUpForm())


def _signed_up(request: HttpRequest, mailing_list: List) -> HttpResponse:
    filled = SignUpForm(
        request.POST.get("address", "").strip()[:400],
        request.POST.get("first_name", ""),
        request.POST.get("last_name", ""),
        request.POST.getlist("topics"),
    )
    done = HttpResponseRedirect(reverse("subscribers:check-your-mail", args=[mailing_list.slug]), status=303)
    if request.POST.get(HONEYPOT):
        return done
    if not _is_filled_in_by_person(request.POST.get("shown", "")):
        return _form(request, mailing_list, filled, problem="hurry")
    if not proof_of_work.is_solved(request.POST.get("proof", "")):
        return _form(request, mailing_list, filled, problem="proof")
    person = PersonalDetails(
        first_name=filled.first_name, last_name=filled.last_name, locale=mailing_list.language
    )
    if problem := _what_is_wrong(filled):
        return _form(request, mailing_list, filled, problem=problem)
    try:
        consent.sign_up(
            mailing_list,
            filled.address,
            source_of(request, SourceKind.FORM, request.headers.get("Origin", "")),
            wording=_wording_shown(mailing_list, request.POST.get("wording", "")),
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


def _form(request: HttpRequest, mailing_list: List, filled: SignUpForm, *, problem: str = "") -> HttpResponse:
    return show(
        request,
        "sign_up",
        mailing_list.language,
        status=422 if problem else 200,
        list=mailing_list,
        topics=list(mailing_list.topics.all()) if mailing_list.asks_topics else [],
        wording=consent_wordings.wording_shown(mailing_list),
        shown=signer.sign(mailing_list.slug),
        filled=filled,
        problem=problem,
        challenge=proof_of_work.make_challenge(),
        proof_script=static("subscribers/proof.js"),
    )


def _is_filled_in_by_person(shown: str) -> bool:
    """Return whether the form was open long enough. Our form has a signed time; a form on another site has none."""
    if not shown:
        return True
    try:
        signer.unsign(shown, max_age=FORM_GOOD_FOR)
    except BadSignature:
        return False
    try:
        signer.unsign(shown, max_age=timedelta(seconds=app_settings.form_seconds()))
    except SignatureExpired:
        return True
    return False


def _wording_shown(mailing_list: List, number: str) -> Wording:
    """Return the consent wording that the form showed, even if it has changed since."""
    if number.isascii() and number.isdigit() and len(number) < len(str(2**63)):
        found = mailing_list.wordings.filter(pk=int(number), language=mailing_list.language).first()
        if found is not None:
            return found
    return consent_wordings.keep_wording(mailing_list)


def _known(mailing_list: List, slugs: Sequence[str]) -> list[str]:
    """Return the chosen topics of the list. Empty means all topics, including future ones, as when all are chosen."""
    there = list(mailing_list.topics.values_list("slug", flat=True))
    chosen = [slug for slug in there if slug in slugs]
    return [] if len(chosen) == len(there) else chosen
