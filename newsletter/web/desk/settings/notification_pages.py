"""Who is told about what by email, and the programs that are told by webhook."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import ANY, Role, current_actor, why_not_role
from newsletter.accounts.administer_accounts import why_not_manage_people
from newsletter.errors import Refused, refuse_if
from newsletter.notifications.models import Notification, State
from newsletter.notifications.notification_mail_choices import (
    choices_version,
    choose_kinds,
    set_notification_mail,
)
from newsletter.notifications.outbound_webhooks import all_webhooks
from newsletter.notifications.recent_notifications import NotificationStatus, recent_notifications
from newsletter.notifications.who_is_notified import (
    EVERYBODY,
    TO_AUTHORS,
    find_choice,
    mail_choices,
    roles_notified,
)
from newsletter.web.desk import formatting
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import Undo, desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.settings.webhook_words import describe_webhook

WEBHOOKS_PER_PAGE = 50
MAX_PEOPLE, SHOWN_NOTIFICATIONS = 200, 15
Kind = Notification.Kind
EVENTS: Mapping[Kind, str] = {
    Kind.DRAFTED: "A recurring issue was drafted.",
    Kind.SKIPPED: "A recurring issue skipped one of its dates.",
    Kind.WAITING: "An issue needs approval.",
    Kind.AT_RISK: "A draft is scheduled but has not been approved yet.",
    Kind.REFUSED: "Somebody refused to approve an issue and gave a reason.",
    Kind.COMMENTED: "People with a proof link commented on an issue.",
    Kind.QUESTIONS: "Readers questioned facts or complained about data protection.",
    Kind.QUESTIONS_DUE: "The review board must acknowledge or answer a question or complaint by the next working day.",
    Kind.REVIEWS_DUE: "Articles are due for review. You get at most one email a day about each newsletter.",
    Kind.BLOCKED: "An issue was not sent, or reached nobody.",
    Kind.PAUSED: "A mailing was paused because something went wrong.",
    Kind.UNDECIDED: "For some people, we do not know whether they received an issue. You need to decide "
    "whether to send it to them again.",
    Kind.DUPLICATES: "Some people received an issue twice.",
    Kind.FIGURES: "An issue was sent. You get its figures after an hour and after a day.",
    Kind.FAILING: "We have not been able to read a source for a day.",
    Kind.CHANGED: "A source has changed, so somebody needs to check its articles.",
    Kind.WORK_FAILS: "A background task keeps failing.",
    Kind.WORK_IS_WELL: "Everything that had failed is working again.",
    Kind.QUARANTINED: (
        "Sending has stopped because the database is an older copy that does not contain the latest emails "
        "sent."
    ),
    Kind.BACKUP_FAILED: (
        "A backup failed, failed its restore test or could not be copied elsewhere, or there has been no backup "
        "for two days."
    ),
}


@dataclass(frozen=True, slots=True)
class ShownNotification:
    """A notification as the page lists it, with what became of its emails and posts."""

    status: NotificationStatus
    made: ShownDate
    mails: str
    posts: str


@desk("GET", "HEAD")
def notifications(request: HttpRequest) -> HttpResponse:
    """Show who gets which emails, the webhooks, and the latest notifications."""
    refuse_if(why_not_role(Role.ADMINISTRATOR, "Changing notifications", publication=ANY))
    dates = Dates(request)
    webhooks, links = numbered_page(
        request, all_webhooks(), per_page=WEBHOOKS_PER_PAGE, name="webhooks", part="webhooks"
    )
    return show(
        request,
        "settings/notifications",
        events=[(sentence, _who_gets(kind)) for kind, sentence in EVENTS.items()],
        people=mail_choices(MAX_PEOPLE),
        own=current_actor().account,
        may_invite=not why_not_manage_people(),
        webhooks=[(webhook, describe_webhook(webhook, dates)) for webhook in webhooks],
        links=links,
        recent=[_shown(each, dates) for each in recent_notifications(SHOWN_NOTIFICATIONS)],
    )


@desk("POST", page="notifications")
def notification_mail(request: HttpRequest, person: int) -> HttpResponse:
    """Turn all notification emails of a person on or off."""
    name, wanted = find_choice(person).user.get_username(), request.POST.get("wanted") == "yes"
    set_notification_mail(name, wanted=wanted)
    whose = "You" if person == current_actor().account else name
    sentence = f"{whose} will {'' if wanted else 'not '}get notifications by email."
    undo = {"wanted": "" if wanted else "yes", "from": request.POST.get("from", "")}
    path = reverse("desk:notification-mail", args=[person])
    return done(request, sentence, _back(request, person), undo=Undo(path, undo))


@desk("GET", "HEAD", "POST", page="notifications")
def notification_kinds(request: HttpRequest, person: int) -> HttpResponse:
    """Show about what a person gets emails, or choose it."""
    choice, error = find_choice(person), None
    if request.method == "POST":
        ticked = set(request.POST.getlist("kinds"))
        unticked = {kind for kind in choice.kinds if kind not in ticked}
        unwanted = unticked | (choice.unwanted - set(choice.kinds))
        try:
            changed = choose_kinds(
                choice.user.get_username(), unwanted=unwanted, seen=request.POST.get("seen")
            )
        except Refused as refused:
            choice, error = find_choice(person), refused
        else:
            sentence = "Your choice was saved." if changed else "Nothing was changed."
            return done(request, sentence, _back(request, person))
    form_error = FormError.of(error, "kinds", {}) if error else None
    is_own = person == current_actor().account
    return show(
        request,
        "settings/notification_kinds",
        status=form_error.status if form_error else 200,
        choice=choice,
        is_own=is_own,
        kinds=[(kind.value, EVENTS[kind]) for kind in choice.kinds],
        wanted=[kind.value for kind in choice.kinds if kind not in choice.unwanted],
        seen=choices_version(choice.unwanted),
        from_account="account" if is_own and not _may_see_all() else "",
        form_error=form_error,
    )


def _may_see_all() -> bool:
    return not why_not_role(Role.ADMINISTRATOR, "Changing notifications", publication=ANY)


def _back(request: HttpRequest, person: int) -> str:
    """Return where somebody came from: their own account, or the list of everybody."""
    if person == current_actor().account and (request.POST.get("from") == "account" or not _may_see_all()):
        return f"{reverse('desk:account')}#notifications"
    return f"{reverse('desk:notifications')}#person-{person}"


def _who_gets(kind: Kind) -> str:
    roles = roles_notified(kind)
    if roles == EVERYBODY:
        return "Everybody with a role"
    words = sorted(f"{role}s" for role in roles - {Role.ADMINISTRATOR})
    words += ["administrators"] if Role.ADMINISTRATOR in roles else []
    also = ["people who worked on the issue"] if kind in TO_AUTHORS else []
    return formatting.capital(formatting.listed([*words, *also]))


def _shown(each: NotificationStatus, dates: Dates) -> ShownNotification:
    return ShownNotification(
        each,
        dates.of(each.notification.made_at),
        _counted(each.mails, {State.DONE: "sent", State.WAITING: "waiting", State.GIVEN_UP: "not delivered"}),
        _counted(each.posts, {State.DONE: "posted", State.WAITING: "waiting", State.GIVEN_UP: "failed"}),
    )


def _counted(counts: Mapping[State, int], words: Mapping[State, str]) -> str:
    return ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts.get(state))
