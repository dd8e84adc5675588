"""Rules and steps shared by the acts in consent.py and consent_by_editor.py. Call those instead of these."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone

from subscribers import app_settings, confirmation_mails, database, locks, rate_limits, suppression
from subscribers.clean_text import why_not_one_line
from subscribers.consent_log import SOURCES_OF_THE_PERSON, ConsentSource, record_about
from subscribers.email_addresses import Address
from subscribers.errors import InvalidFields, NotFound, Refused
from subscribers.language_tags import why_not_language_tag
from subscribers.models import (
    Basis,
    ConsentEntry,
    List,
    QueuedMail,
    SourceKind,
    Subscriber,
    Subscription,
    Topic,
    Wording,
)
from subscribers.personal_details import LONGEST, name_of_person, zones

Act = ConsentEntry.Act
State = Subscription.State
# An import can record an unsubscription for a person who never was on the list.
SAYS_NO = Q(act__in=(Act.LEFT, Act.SUPPRESSED, Act.IMPORT_UNDONE)) | Q(
    act=Act.CHANGED, source=SourceKind.IMPORT
)
GONE = "This person no longer exists."


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDetails:
    """Details that people give about themselves."""

    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    zone: str = ""

    def cleaned(self, *, stored_language: str = "") -> dict[str, str]:
        """Return the fields as they are stored, by the rules that an import follows, too.

        `stored_language` is accepted, so that somebody whose language nobody checked can change their name.

        Raises InvalidFields for an unknown language or time zone, a control character, or a name
        that is too long.
        """
        for name, value in asdict(self).items():
            if wrong := why_not_one_line(value) or _why_too_long(value, LONGEST[name]):
                raise InvalidFields({name: f"{name.replace('_', ' ').capitalize()}: {wrong}"})
        if self.locale and (wrong := why_not_language_tag(self.locale)) and self.locale != stored_language:
            raise InvalidFields({"locale": wrong})
        if self.zone and self.zone not in zones().values():
            raise InvalidFields(
                {"zone": f"{self.zone[:64]!r} is not a time zone. Enter a time zone such as Europe/London."}
            )
        return {name: name_of_person(value) for name, value in asdict(self).items()}


def _why_too_long(text: str, limit: int) -> str:
    length = len(text.strip())
    return f"Enter at most {limit} characters. You entered {length:,}." if length > limit else ""


def subscription_of(
    mailing_list: List, found: Address, source: ConsentSource, person: PersonalDetails | None
) -> Subscription:
    """Return the subscription of an address, creating a pending one if needed.

    What a stranger types about somebody we know is ignored.
    """
    given = (person or PersonalDetails()).cleaned()
    # The form's language is the list's: nobody chose it.
    own = [
        name for name in ("first_name", "last_name") if given[name] and source.kind in SOURCES_OF_THE_PERSON
    ]
    subscriber, is_new = Subscriber.objects.get_or_create(
        address_key=found.key, defaults={"address": found.address, **given, "own_fields": with_own("", own)}
    )
    if is_new:
        suppression.link_to_person(subscriber)
    subscription, _new = Subscription.objects.select_for_update().get_or_create(
        subscriber=subscriber, list=mailing_list, defaults={"state": State.PENDING, "source": source.kind}
    )
    if subscription.state == State.PENDING:
        subscription.source = source.kind
    return subscription


def lock_subscription(subscription: Subscription) -> Subscription:
    """Return the current row, locked for changes. Raises NotFound if the person was erased meanwhile."""
    lock_person(subscription.subscriber_id)
    try:
        return database.locked(Subscription.objects.select_related("subscriber", "list"), subscription.pk)
    except Subscription.DoesNotExist:
        raise NotFound(GONE) from None


def lock_person(person: Subscriber | int) -> Subscriber:
    """Return the current person with their lock, so that nobody else acts on them. Raises NotFound as
    `lock_subscription` does.
    """
    number = person if isinstance(person, int) else person.pk
    key = Subscriber.objects.filter(pk=number).values_list("address_key", flat=True).first()
    if key is not None:
        locks.share_for([key])
        with suppress(Subscriber.DoesNotExist):
            return database.locked(Subscriber.objects.all(), number)
    raise NotFound(GONE)


def activate(subscription: Subscription) -> None:
    """Make a subscription active. The caller saves it. A pause stays, since only the person ends it."""
    subscription.state, subscription.joined_at = State.ACTIVE, timezone.now()
    subscription.left_at = subscription.asked_at = None
    subscription.confirmations_sent = 0


def settle_consent(subscription: Subscription) -> None:
    """Make consent the basis of an active subscription, with nothing left to confirm. The caller saves it."""
    subscription.basis, subscription.asked_at, subscription.confirmations_sent = Basis.CONSENT, None, 0


def ask_for_consent(
    subscription: Subscription, act: ConsentEntry.Act, source: ConsentSource, wording: Wording
) -> None:
    """Ask somebody who gets the emails on another basis to confirm that they consent.

    They always have to confirm, because somebody else may have typed their address. Until then, nothing changes.
    """
    subscription.asked_at = timezone.now()
    subscription.save(update_fields=("asked_at",))
    record_about(act, subscription, source, wording=wording)
    ask_to_confirm(subscription)


def ask_to_confirm(subscription: Subscription) -> None:
    """Send the confirmation email, unless this sign-up has had its maximum."""
    if subscription.confirmations_sent >= app_settings.max_confirmations():
        return
    if confirmation_mails.queue_mail(subscription, QueuedMail.Kind.CONFIRM):
        subscription.confirmations_sent += 1
        subscription.save(update_fields=("confirmations_sent",))


def end_own_suppressions(subscription: Subscription, source: ConsentSource) -> None:
    """End suppressions that the mailbox's owner may end. Raises Refused after a bounce, a complaint or an
    editor's suppression.
    """
    key = subscription.subscriber.address_key
    if suppression.reasons(key) - suppression.OWN_CHOICE:
        raise Refused(
            "We cannot send emails to this address at the moment. Contact us and we will look into it."
        )
    suppression.end_suppressions_of(
        key, suppression.OWN_CHOICE, by=f"the person ({source.kind})", why="came back"
    )


def refuse_the_suppressed(address_key: str) -> None:
    """Raise Refused with the reasons why this address must not be mailed."""
    why_not = suppression.reasons(address_key)
    if why_not:
        words = ", ".join(sorted(reason.label.lower() for reason in why_not))
        raise Refused(
            f"This address is suppressed ({words}). First remove the suppression and give a reason."
        )


def was_lifted(subscription: Subscription) -> bool:
    """Return whether an unsubscription was lifted since, by time and by the order of the log, as clocks can be
    set back.
    """
    about = ConsentEntry.objects.filter(subscriber=subscription.subscriber)
    left = about.filter(SAYS_NO, list=subscription.list, state=State.UNSUBSCRIBED).order_by("-pk").first()
    lifted = about.filter(act=Act.LIFTED, pk__gt=left.pk if left else 0)
    return subscription.left_at is not None and lifted.filter(at__gt=subscription.left_at).exists()


def cancel_lifting(subscription: Subscription) -> None:
    """Make an unsubscription count again after it was lifted, whatever the clock says."""
    lifted = ConsentEntry.objects.filter(subscriber=subscription.subscriber, act=Act.LIFTED)
    last = lifted.aggregate(at=Max("at"))["at"]
    subscription.left_at = max(timezone.now(), last) if last else timezone.now()
    subscription.save(update_fields=("left_at",))


def refuse_unsubscribed(subscription: Subscription) -> None:
    """Raise Refused for a person who unsubscribed, unless that was lifted since."""
    if subscription.state != State.UNSUBSCRIBED:
        return
    if was_lifted(subscription):
        return
    if subscription.asked_at:
        raise Refused(
            f"This person unsubscribed from {subscription.list.name} and has asked to subscribe again. We "
            "have already sent them an email to confirm this, so we did not send another email."
        )
    raise Refused(
        f"This person unsubscribed from {subscription.list.name}. Ask them to sign up again. If they have "
        "told you that they want the emails, select “Allow emails again”, give a reason, and then add them again."
    )


def why_not_ask_now(source: ConsentSource) -> str:
    """Count one sign-up, and say why it exceeds the hourly limit of its network or of all together. Empty if it
    does not.

    Only sign-ups from a network count: an editor, an import or one of our programs is not abuse.
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
        return "Too many people have just signed up from this network. Please try again in an hour."
    # A sign-up that its network's limit refuses does not count towards the limit of all.
    if in_all and not rate_limits.is_within_limit("sign-up", "all", at_most=in_all, span=hour):
        return "Too many people have just signed up. Please try again in an hour."
    return ""


def topics_of(mailing_list: List, slugs: Sequence[str]) -> list[Topic]:
    """Return the list's topics with these slugs. Raises InvalidFields, naming a slug that the list does not have."""
    known = {topic.slug: topic for topic in mailing_list.topics.all()}
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise InvalidFields({"topic": no_such_topic(mailing_list, missing[0])})
    return [known[slug] for slug in dict.fromkeys(slugs)]


def no_such_topic(mailing_list: List, slug: str) -> str:
    """Return the sentence for a slug that the list does not have as a topic, with those that it has."""
    there = ", ".join(topic.slug for topic in mailing_list.topics.all()) or "none"
    return f"The list {mailing_list.name} does not have the topic {slug[:80]!r}. The topics are: {there}."


def with_own(fields: str, more: Iterable[str]) -> str:
    """Return the names of the fields that a person filled in, adding some, in the form that `own_fields` has."""
    return " ".join(sorted({*fields.split(), *more}))


def chose_for_themselves(subscription: Subscription) -> bool:
    """Return whether the person acted on this list themselves, so that its topics are their own choice."""
    entries = ConsentEntry.objects.filter(subscriber=subscription.subscriber, list=subscription.list)
    return entries.filter(source__in=SOURCES_OF_THE_PERSON).exists()


def apply_chosen_topics(subscription: Subscription) -> None:
    """Apply the topics of a sign-up when a person who unsubscribed confirms it, unless they chose others since."""
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
    # The chosen topics may have been removed since. That must not give a person every topic.
    if wished or not last.topics:
        subscription.topics.set(wished)


def wording_agreed_to(subscription: Subscription) -> Wording | None:
    """Return the wording that the confirmed sign-up showed."""
    asked = ConsentEntry.objects.filter(
        subscriber=subscription.subscriber, list=subscription.list, act__in=(Act.SIGNED_UP, Act.INVITED)
    )
    entry = asked.select_related("wording").order_by("-pk").first()
    return entry.wording if entry else None
