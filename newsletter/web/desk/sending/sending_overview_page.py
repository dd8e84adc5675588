"""How emails are sent, step by step, and how each step stands."""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse

from newsletter.accounts.actor import current_actor
from newsletter.doctor.sending_report import SendingReport, sending_report
from newsletter.environment import Environment
from newsletter.errors import refuse_if
from newsletter.issues.models import Publication
from newsletter.sending.sync_sendgrid_suppressions import sync_state
from newsletter.sending_settings.change import choice_version, is_secret_lost, why_not_change_sending
from newsletter.sending_settings.current import look_again, sending_settings
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, desk_fragment, is_htmx, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.sending.sending_limits_page import limits_in_words
from newsletter.web.desk.sending.sending_words import NOW, TRANSPORTS, shown_findings, taken


@desk("GET", "HEAD")
def sending(request: HttpRequest) -> HttpResponse:
    """Show how emails are sent, and the steps that are left."""
    return show_sending(request)


@desk("GET", "HEAD", page="sending")
def sending_checks(request: HttpRequest) -> HttpResponse:
    """Ask SendGrid, the DNS and our own address how sending stands: as a part of the page, or as a page of its own."""
    refuse_if(why_not_change_sending())
    look_again()  # another process may have stored what the page before said
    environment = sending_settings()
    report = sending_report(environment)
    context: dict[str, Any] = {
        "report": report,
        "parts": _parts(report),
        "transport": environment.transport,
        "taken": taken(),
        "webhook_is_well": report.is_well("webhook"),
    }
    if is_htmx(request):
        return desk_fragment(request, "sending/checked", **context)
    return show(request, "sending/checks", **context)


def show_sending(
    request: HttpRequest, *, form_error: FormError | None = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    """Show the page, with what was wrong with one of its forms."""
    refuse_if(why_not_change_sending())
    look_again()
    environment = sending_settings()
    account = get_user_model().objects.filter(username=current_actor().name).first()
    return show(
        request,
        "sending/sending",
        status=form_error.status if form_error else 200,
        form_error=form_error,
        typed={"address": account.email if account else "", **(typed or {})},
        now=environment,
        sentence=NOW[environment.transport],
        choices=TRANSPORTS,
        has_key=bool(environment.sendgrid_api_key.get_secret_value()),
        is_in_europe=".eu." in (environment.sendgrid_host.host or ""),
        is_secret_lost=is_secret_lost(),
        taken=taken(),
        seen=choice_version(),
        limits=limits_in_words(environment),
        publications=list(Publication.objects.order_by("name").values_list("slug", "name")[:200]),
        **_exchange(request, environment),
    )


def _exchange(request: HttpRequest, environment: Environment) -> dict[str, Any]:
    if environment.transport != "sendgrid":
        return {}
    state, dates = sync_state(), Dates(request)

    def shown(at: Any) -> ShownDate | None:
        return dates.of(at) if at else None

    return {
        "pulled": shown(state.pulled_at),
        "pushed": shown(state.pushed_at),
        "is_asked_for": state.is_asked_for,
    }


def _parts(report: SendingReport) -> dict[str, list[dict[str, Any]]]:
    """Return the findings by the step of the page that they belong to.

    While SendGrid waits for DNS records, the page lists those, and the other findings about them would only repeat it.
    """
    waits = any(not each.is_valid for each in report.domains)
    steps = {
        "connection": ("transport", "key", "base URL"),
        "domains": ("DMARC",) if waits else ("sender", "SPF", "DKIM", "DMARC"),
        "webhook": ("webhook",),
    }
    return {
        step: shown_findings(each for each in report.findings if each.check in checks)
        for step, checks in steps.items()
    }
