"""The rules and steps that the acts in consent.py share; call those, not these."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone

from subscribers import app_settings, confirmation_mails, database, locks, rate_limits, suppression
from subscribers.consent_log import SOURCES_OF_THE_PERSON, ConsentSource
from subscribers.email_addresses import Address
from subscribers.errors import Invalid, NotFound, Refused
from subscribers.models import (
    ConsentEntry,
    List,
    QueuedMail,
    SourceKind,
    Subscriber,
    Subscription,
    Topic,
    Wording,
)
from subscribers.personal_details import LANGUAGE_TAG, LONGEST, name_of_person, zones
from subscribers.text import why_not_one_line

Act = ConsentEntry.Act
State = Subscription.State
# By a file, somebody who never was on the list may have left.
SAYS_NO = Q(act__in=(Act.LEFT, Act.SUPPRESSED)) | Q(act=Act.CHANGED, source=SourceKind.IMPORT)
GONE = "This person is not known here any more."


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDetails:
    """What people may say about themselves."""

    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    zone: str = ""

    def cleaned(self) -> dict[str, str]:
        """The fields as they are kept, by the rules that an import follows too.

        Raises Invalid, naming the field, for a language or time zone that does not exist, a control character, and a
        name that is too long.
        """
        for name, value in asdict(self).items():
            if wrong := why_not_one_line(value) or _why_too_long(value, LONGEST[name]):
                raise Invalid(f"{name.replace('_', ' ').capitalize()}: {wrong}")
        if self.locale and not LANGUAGE_TAG.fullmatch(self.locale):
            raise Invalid(f"{self.locale[:40]!r} is no language such as en-GB or de.")
        if self.zone and self.zone not in zones().values():
            raise Invalid(f"{self.zone[:64]!r} is no time zone such as Europe/London.")
        return {name: name_of_person(value) for name, value in asdict(self).items()}


def _why_too_long(text: str, limit: int) -> str:
    length = len(text.strip())
    return f"Write at most {limit} characters; these are {length:,}." if length > limit else ""


def subscription_of(
    mailing_list: List, found: Address, source: ConsentSource, person: PersonalDetails | None
) -> Subscription:
    """The subscription of an address, made pending where there is none.

    What a stranger types about somebody we know is not taken over.
    """
    given = (person or PersonalDetails()).cleaned()
    # The form's language is the list's, which nobody chose.
    own = [
        name for name in ("first_name", "last_name") if given[name] and source.kind in SOURCES_OF_THE_PERSON
    ]
    subscriber, _new = Subscriber.objects.get_or_create(
        address_key=found.key, defaults={"address": found.address, **given, "own_fields": with_own("", own)}
    )
    subscription, _new = Subscription.objects.select_for_update().get_or_create(
        subscriber=subscriber, list=mailing_list, defaults={"state": State.PENDING, "source": source.kind}
    )
    if subscription.state == State.PENDING:
        subscription.source = source.kind
    return subscription


def lock_subscription(subscription: Subscription) -> Subscription:
    """The row as it is now, for changing. Raises NotFound where the person was erased meanwhile."""
    lock_person(subscription.subscriber_id)
    try:
        return database.locked(Subscription.objects.select_related("subscriber", "list"), subscription.pk)
    except Subscription.DoesNotExist:
        raise NotFound(GONE) from None


def lock_person(person: Subscriber | int) -> Subscriber:
    """The person as they are now, with their lock: nobody else acts on them. Raises NotFound as `lock_subscription`."""
    number = person if isinstance(person, int) else person.pk
    key = Subscriber.objects.filter(pk=number).values_list("address_key", flat=True).first()
    if key is not None:
        locks.share_for([key])
        with suppress(Subscriber.DoesNotExist):
            return database.locked(Subscriber.objects.all(), number)
    raise NotFound(GONE)


def activate(subscription: Subscription) -> None:
    """On the list from now on; the caller saves. A pause stays: only the person ends it."""
    subscription.state, subscription.joined_at = State.ACTIVE, timezone.now()
    subscription.left_at = subscription.asked_at = None
    subscription.confirmations_sent = 0


def ask_to_confirm(subscription: Subscription) -> None:
    """Send the confirmation mail, unless the same sign-up had enough of them."""
    if subscription.confirmations_sent >= app_settings.max_confirmations():
        return
    if confirmation_mails.queue_mail(subscription, QueuedMail.Kind.CONFIRM):
        subscription.confirmations_sent += 1
        subscription.save(update_fields=("confirmations_sent",))


def end_own_suppressions(subscription: Subscription, source: ConsentSource) -> None:
    """End what the mailbox's owner may end by acting; Refused after a bounce, complaint or editor's word."""
    key = subscription.subscriber.address_key
    if suppression.reasons(key) - suppression.OWN_CHOICE:
        raise Refused("This address can not be mailed at present: write to us, and we will look into it.")
    suppression.end_suppressions_of(
        key, suppression.OWN_CHOICE, by=f"the person ({source.kind})", why="came back"
    )


def refuse_the_suppressed(address_key: str) -> None:
    """Raise Refused with the reasons that this address must not be mailed."""
    why_not = suppression.reasons(address_key)
    if why_not:
        words = ", ".join(sorted(why_not))
        raise Refused(f"This address is suppressed ({words}): lift that first, and say why.")


def was_lifted(subscription: Subscription) -> bool:
    """Whether who left was allowed back since: by the times, and by the order of the log, as clocks are set back."""
    about = ConsentEntry.objects.filter(subscriber=subscription.subscriber)
    left = about.filter(SAYS_NO, list=subscription.list, state=State.UNSUBSCRIBED).order_by("-pk").first()
    lifted = about.filter(act=Act.LIFTED, pk__gt=left.pk if left else 0)
    return subscription.left_at is not None and lifted.filter(at__gt=subscription.left_at).exists()


def cancel_lifting(subscription: Subscription) -> None:
    """Have who was allowed back have left since, whatever the clock says."""
    lifted = ConsentEntry.objects.filter(subscriber=subscription.subscriber, act=Act.LIFTED)
    last = lifted.aggregate(at=Max("at"))["at"]
    subscription.left_at = max(timezone.now(), last) if last else timezone.now()
    subscription.save(update_fields=("left_at",))


def refuse_unsubscribed(subscription: Subscription) -> None:
    """Raise Refused for who left and was not allowed back since."""
    if subscription.state != State.UNSUBSCRIBED:
        return
    if was_lifted(subscription):
        return
    if subscription.asked_at:
        raise Refused(
            f"This person left {subscription.list.name}, has asked to come back, and has to confirm by the mail that "
            "they got. Nothing was sent."
        )
    raise Refused(
        f"This person left {subscription.list.name}: only they can come back, "
        "unless you lift that first and say why."
    )


def why_not_ask_now(source: ConsentSource) -> str:
    """Count one sign-up; why it is one too many for its network, or for all together, this hour. Empty: it is not.

    Only what comes from a network is counted: an editor, an import or a program of ours is nobody's abuse.
    """
    if not source.network_address:
        return ""
    network, in_all, hour = (
        rate_limits.network_of(source.network_address),
        app_settings.sign_ups_per_hour_in_all(),
        timedelta(hours=1),
    )
    if not rate_limits.is_within_limit(
        "sign-up from", network, at_most=app_settings.sign_ups_per_hour(), span=hour
    ):
        return "Too many people signed up from this network: try again in an hour."
    # A network that was refused takes nothing of what all may do.
    if in_all and not rate_limits.is_within_limit("sign-up", "all", at_most=in_all, span=hour):
        return "Too many people signed up just now: try again in an hour."
    return ""


def topics_of(mailing_list: List, slugs: Sequence[str]) -> list[Topic]:
    """The list's topics of these slugs. Raises Invalid naming one that it has not."""
    known = {topic.slug: topic for topic in mailing_list.topics.all()}
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        there = ", ".join(known) or "none"
        raise Invalid(f"{mailing_list.name} has no topic {missing[0][:80]!r}; it has: {there}.")
    return [known[slug] for slug in dict.fromkeys(slugs)]


def with_own(fields: str, more: Iterable[str]) -> str:
    """The names of the fields that a person filled in, with some more: as `own_fields` keeps them."""
    return " ".join(sorted({*fields.split(), *more}))


def chose_for_themselves(subscription: Subscription) -> bool:
    """Whether the person acted on this list themselves, so that its topics are their own choice."""
    entries = ConsentEntry.objects.filter(subscriber=subscription.subscriber, list=subscription.list)
    return entries.filter(source__in=SOURCES_OF_THE_PERSON).exists()


def apply_chosen_topics(subscription: Subscription) -> None:
    """Who left, asked to come back and confirms gets the topics of that sign-up, unless they chose others since."""
    if subscription.state != State.UNSUBSCRIBED:
        return
    entries = ConsentEntry.objects.filter(
        subscriber=subscription.subscriber,
        list=subscription.list,
        act__in=(Act.SIGNED_UP, Act.INVITED, Act.CHANGED),
    )
    last = entries.order_by("-pk").first()
    if last is None or last.act == Act.CHANGED:
        return
    wished = list(subscription.list.topics.filter(slug__in=last.topics))
    # Those that were wished may be gone since: that never makes a reader of everything.
    if wished or not last.topics:
        subscription.topics.set(wished)


def wording_agreed_to(subscription: Subscription) -> Wording | None:
    """What the sign-up that is being confirmed showed."""
    asked = ConsentEntry.objects.filter(
        subscriber=subscription.subscriber, list=subscription.list, act__in=(Act.SIGNED_UP, Act.INVITED)
    )
    entry = asked.select_related("wording").order_by("-pk").first()
    return entry.wording if entry else None
