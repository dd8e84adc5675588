"""The form of an audience: a segment of the list, and who is left out. Issues and publications share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, QueryDict

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.issues.audience_choice import MAX_DAYS, AudienceChoice, choice_from_json
from newsletter.issues.look_up_audience import pasted_in_words
from newsletter.issues.models import Issue, PastedList, Publication
from newsletter.issues.pasted_exclusions import PastedText, read_pasted
from newsletter.issues.saved_segments import segments_of
from newsletter.sending.audience import rule_of_choice
from newsletter.sending.left_out_by_basis import CountedAudience, count_audience
from newsletter.sending.models import Mailing
from newsletter.web.desk.desk_page import is_htmx
from newsletter.web.desk.set_aside_fields import refuse_set_aside
from subscribers.phrases import written_day
from subscribers.whole_numbers import whole_number

MOST_ISSUES = 12
LONGEST_NUMBER = 15
NUMBERS = ("without_segments", "without_issues", "without_pasted")
# Whose audience it is: that of every issue, or the one in the form.
AS_EVERY, OWN = "every", "own"
OWN_OF_ISSUE, OWN_OF_SERIES = "Only for this issue", "Only for these issues"


@dataclass(frozen=True, slots=True)
class TypedAudience:
    """What a form of an audience says: the choice, and the addresses that were pasted."""

    choice: AudienceChoice
    pasted: PastedText


def shown_choice(choice: AudienceChoice) -> dict[str, Any]:
    """Return what the form shows of a stored choice."""
    return {
        "segment": str(choice.segment or ""),
        "without_days": str(choice.without_days or ""),
        "pasted": "",
        **{name: [str(each) for each in getattr(choice, name)] for name in NUMBERS},
    }


def typed_values(form: QueryDict) -> dict[str, Any]:
    """Return what was typed, to show it again."""
    texts = {name: form.get(name, "").strip() for name in ("segment", "without_days", "pasted")}
    return {**texts, **{name: form.getlist(name) for name in NUMBERS}}


def audience_of_form(form: QueryDict) -> TypedAudience:
    """Return the audience that a form describes. Raises InvalidFields."""
    typed = typed_values(form)
    wrong: dict[str, str] = {}
    pasted = PastedText(())
    days = _number(typed["without_days"]) if typed["without_days"] else 0
    if days is None or days > MAX_DAYS:
        wrong["without_days"] = f"Enter a number of days from 1 to {MAX_DAYS}, or leave the field empty."
    try:
        pasted = read_pasted(typed["pasted"])
    except NewsletterError as error:
        wrong["pasted"] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    numbers: dict[str, Any] = {
        name: tuple(number for each in typed[name] if (number := _number(each))) for name in NUMBERS
    }
    choice = AudienceChoice(segment=_number(typed["segment"]) or None, without_days=days or 0, **numbers)
    return TypedAudience(choice, pasted)


def audience_if_own(
    request: HttpRequest, publication: Publication, stored: AudienceChoice, own_label: str
) -> TypedAudience | None:
    """Return the audience that a form describes, or None if it says that it is the same as for every issue.

    Raises InvalidFields, also if somebody changed the choices but left “The same as for every issue” selected. Choices
    as the page showed them, which are the `stored` ones or those of the publication, do not count as changed.
    """
    form = request.POST
    if form.get("whose", OWN) == OWN:
        return audience_of_form(form)
    every = choice_from_json(publication.audience)
    shown = [_unordered(shown_choice(each)) for each in (stored, every)]
    if not is_htmx(request) and "segment" in form and _unordered(typed_values(form)) not in shown:
        refuse_set_aside(form, "whose", selected="The same as for every issue", needed=own_label)
    return None


def only_counts(request: HttpRequest) -> bool:
    """Return whether a form of an audience asks only for the number of people, by its button or by a change."""
    return is_htmx(request) or request.POST.get("act") == "count"


def form_context(publication: Publication, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form offers: the segments of the list, the issues that were sent, and pasted lists."""
    segments = [(str(each.pk), each.name) for each in segments_of(publication.mailing_list)]
    return {
        "segments": segments,
        "sent_issues": _sent_issues(publication, typed["without_issues"]),
        "pasted_lists": [
            (str(each.pk), _capital(pasted_in_words(each)))
            for each in PastedList.objects.select_related("publication").filter(
                publication=publication, pk__in=[n for n in map(_number, typed["without_pasted"]) if n]
            )
        ],
    }


def count_of(
    audience: TypedAudience | None, publication: Publication, day: date, issue: Issue | None = None
) -> CountedAudience:
    """Return how many people an audience gives on a day, also without those whose addresses were only pasted yet.

    None stands for that of every issue. For an `issue`, only people whose lawful basis covers its contents count.
    """
    audience = audience or TypedAudience(choice_from_json(publication.audience), PastedText(()))
    rule = rule_of_choice(audience.choice, publication.mailing_list, addresses=audience.pasted.keys)
    return count_audience(rule, day, issue)


def _sent_issues(publication: Publication, chosen: list[str]) -> list[tuple[str, str]]:
    """Return the issues whose readers can be left out: the newest that were sent, and those that are chosen."""
    sent = Mailing.objects.filter(purpose=Mailing.Purpose.ISSUE, issue__publication=publication)
    newest = list(sent.order_by("-pk").values_list("issue_id", flat=True)[:MOST_ISSUES])
    numbers = {*newest, *(number for each in chosen if (number := _number(each)))}
    found = Issue.objects.filter(pk__in=numbers, publication=publication).order_by("-number")
    return [(str(each.pk), _issue_name(each, publication)) for each in found]


def _issue_name(issue: Issue, publication: Publication) -> str:
    when = f", {written_day(issue.sent_at.astimezone(publication.tzinfo).date())}" if issue.sent_at else ""
    subject = f": {issue.subject}" if issue.subject else ""
    return f"No. {issue.number}{subject}{when}"


def _unordered(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in values.items()}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(text: str) -> int | None:
    return whole_number(text, digits=LONGEST_NUMBER)
