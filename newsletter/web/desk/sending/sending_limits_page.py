"""The limits of sending: rates, warm-up, canary batch, bounces, complaints, and the emails of the plan."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.environment import Environment
from newsletter.errors import NewsletterError, refuse_if
from newsletter.sending.limits.throttle import warm_up_day
from newsletter.sending.sending_setup import without_taken
from newsletter.sending_settings.change import (
    SendingChangedError,
    choice_version,
    choose_sending,
    why_not_change_sending,
)
from newsletter.sending_settings.current import sending_settings
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError, errors_by_field
from newsletter.web.desk.sending.sending_words import taken
from subscribers.whole_numbers import whole_number

LABELS: Mapping[str, str] = {
    "rate_per_second": "Maximum emails per second",
    "rate_per_hour": "Maximum emails per hour",
    "warm_up": "Warm-up",
    "canary_percent": "Share sent first (%)",
    "canary_minutes": "Minutes to watch the first emails",
    "hard_bounce_limit": "Permanent bounces (%)",
    "complaint_limit": "Complaints (%)",
    "sendgrid_monthly_emails": "Monthly emails in your SendGrid plan",
}
OVERAGE = "sendgrid_allow_overage"


@desk("GET", "HEAD", "POST")
def limits(request: HttpRequest) -> HttpResponse:
    """Show the form of the limits, or save it."""
    refuse_if(why_not_change_sending())
    if request.method != "POST":
        return _form(request, typed_values(sending_settings()))
    typed = {name: str(request.POST.get(name, "")).strip() for name in (*LABELS, OVERAGE)}
    try:
        # An empty field means no limit, and a box that is not ticked is not sent.
        values = {name: text or ("" if name == "warm_up" else "0") for name, text in typed.items()}
        version = choose_sending(
            without_taken(values), act="Changed the sending limits.", seen=seen_version(request)
        )
    except NewsletterError as error:
        return _form(request, typed, error)
    if version is None:
        return done(request, "Nothing was changed.", f"{reverse('desk:sending')}#limits")
    return done(request, "The limits were saved.", f"{reverse('desk:sending')}#limits", undo=undo_of(version))


def undo_of(version: int) -> Undo:
    """Return how the choice with this version is taken back."""
    return Undo(reverse("desk:undo-sending"), {"version": str(version)})


def seen_version(request: HttpRequest) -> int:
    """Return the version that a form started from, or one that never was."""
    number = whole_number(request.POST.get("seen", ""))
    return -1 if number is None else number


def typed_values(environment: Environment) -> dict[str, str]:
    """Return what the form of the limits shows before anything is typed."""
    found = {}
    for name in LABELS:
        value = getattr(environment, name)
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"
        found[name] = str(value) if isinstance(value, int) else text
    return found | {OVERAGE: "yes" if environment.sendgrid_allow_overage else ""}


def limits_in_words(environment: Environment) -> list[tuple[str, str]]:
    """Return the limits as the page says them: labels and values."""
    rates = [
        f"{rate:,} per {span}"
        for rate, span in ((environment.rate_per_second, "second"), (environment.rate_per_hour, "hour"))
        if rate
    ]
    too_many = [
        f"{limit:g}% {what}"
        for limit, what in (
            (environment.hard_bounce_limit, "permanent bounces"),
            (environment.complaint_limit, "complaints"),
        )
        if limit
    ]
    paused = f"if there are more than {' or '.join(too_many)}" if too_many else "never"
    return [
        ("Rate", f"At most {' and '.join(rates)}" if rates else "No limit"),
        ("Warm-up", _warm_up_in_words(environment)),
        (
            "Sent first",
            f"{environment.canary_percent:g}% of the emails. We then watch for problems for "
            f"{environment.canary_minutes:g} minutes"
            if environment.canary_percent
            else "All emails are sent at the same time",
        ),
        ("A mailing is paused", paused),
        *(
            [("Emails a month", f"{environment.sendgrid_monthly_emails:,}, as entered here")]
            if environment.sendgrid_monthly_emails
            else []
        ),
        *(
            [("Too few emails left in the plan", "Mailings start anyway")]
            if environment.sendgrid_allow_overage
            else []
        ),
    ]


def _warm_up_in_words(environment: Environment) -> str:
    if not environment.warm_up:
        return "None"
    plan, day = ", ".join(f"{number:,}" for number in environment.warm_up), warm_up_day()
    if day is None:
        return f"Maximum emails on the first days: {plan}. The warm-up is over."
    today = f"day {day.number}: {day.sent:,} of {day.maximum:,} emails have been sent"
    return f"Maximum emails on the first days: {plan}. Today is {today}."


def _form(
    request: HttpRequest, typed: Mapping[str, Any], error: NewsletterError | None = None
) -> HttpResponse:
    errors = errors_by_field(error)
    form_error = FormError.of(error, "limits", {}) if error else None
    now = typed_values(sending_settings())
    conflict = (
        [(LABELS[name], now[name]) for name in error.now] if isinstance(error, SendingChangedError) else []
    )
    return show(
        request,
        "sending/limits",
        status=form_error.status if form_error else 200,
        form_error=form_error,
        typed=typed,
        taken=taken(),
        seen=choice_version() if conflict or not error else request.POST.get("seen", ""),
        errors=defaultdict(str, errors),
        summary=list(errors.items()),
        conflict=conflict,
    )
