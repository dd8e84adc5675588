"""Every setting of this app: `SUBSCRIBERS_…` in Django's settings, with its default."""

from typing import Any

from django.conf import settings


def base_url() -> str:
    """Return the public address that links in emails start with, without a trailing slash."""
    return str(_setting("SUBSCRIBERS_BASE_URL", "http://localhost:8000")).rstrip("/")


def suppression_keys() -> tuple[str, ...]:
    """Return the keys for digests of suppressed addresses: the first makes new ones, the last is the oldest."""
    of_their_own = (
        _setting("SUBSCRIBERS_SUPPRESSION_KEY", ""),
        *_setting("SUBSCRIBERS_SUPPRESSION_KEY_FALLBACKS", ()),
    )
    every = (*of_their_own, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(dict.fromkeys(str(key) for key in every if key))


def confirm_hours() -> int:
    """Return how many hours a confirmation link is valid. Unconfirmed people are deleted afterwards."""
    return int(_setting("SUBSCRIBERS_CONFIRM_HOURS", 7 * 24))


def max_confirmations() -> int:
    """Return how many confirmation emails one sign-up gets at most, however often it is repeated."""
    return int(_setting("SUBSCRIBERS_MAX_CONFIRMATIONS", 3))


def mails_per_day() -> int:
    """Return how many emails of this app one mailbox gets per day at most, counting all lists and every `+tag`."""
    return int(_setting("SUBSCRIBERS_MAILS_PER_DAY", 3))


def sign_ups_per_hour() -> int:
    """Return how many sign-ups per hour one network (an IPv4 address or an IPv6 /48) may make."""
    return int(_setting("SUBSCRIBERS_SIGN_UPS_PER_HOUR", 30))


def sign_ups_per_hour_in_all() -> int:
    """Return how many sign-ups per hour all networks together may make. 0 means no limit."""
    return int(_setting("SUBSCRIBERS_SIGN_UPS_PER_HOUR_IN_ALL", 1_000))


def form_seconds() -> float:
    """Return how many seconds a person takes at least to fill in a form. One that is sent sooner is rejected."""
    return float(_setting("SUBSCRIBERS_FORM_SECONDS", 2.0))


def proof_of_work() -> int:
    """Return how many hashes a browser must try at most before a sign-up. 0 means none; 50,000 take a second."""
    return int(_setting("SUBSCRIBERS_PROOF_OF_WORK", 0))


def proxy_count() -> int:
    """Return how many of our own proxies are in front of this server and write X-Forwarded-For."""
    return int(_setting("SUBSCRIBERS_PROXY_COUNT", 0))


def segment_behaviours() -> dict[str, Any]:
    """Return the behaviour that segments may ask for (`opened in last 30 days`), by name: a function, or its
    dotted path, that returns a queryset of `subscriber_id` and `at`.
    """
    return dict(_setting("SUBSCRIBERS_SEGMENT_BEHAVIOURS", {}))


def mail_at_once() -> bool:
    """Return whether an email is sent when its request ends, or waits for `confirmation_mails.send_next_mail`."""
    return bool(_setting("SUBSCRIBERS_MAIL_AT_ONCE", True))


def mail_seconds() -> float:
    """Return after how many seconds a process that is sending an email counts as dead. Django's backend never
    takes that long.
    """
    return float(_setting("SUBSCRIBERS_MAIL_SECONDS", 300.0))


def mail_look() -> str:
    """Return the dotted path of a function that takes a list and returns the MailLook of its emails. Empty means the
    default look.
    """
    return str(_setting("SUBSCRIBERS_MAIL_LOOK", ""))


def languages_of_emails() -> str:
    """Return the dotted path of a function that takes the keys of lists and returns the language tags of which their
    emails have texts. Empty means that the language of a person changes no email.
    """
    return str(_setting("SUBSCRIBERS_LANGUAGES_OF_EMAILS", ""))


def default_sender() -> str:
    """Return the sender of emails if the list has none."""
    return str(_setting("SUBSCRIBERS_DEFAULT_SENDER", settings.DEFAULT_FROM_EMAIL))


def languages() -> tuple[tuple[str, str], ...]:
    """Return the languages of pages and emails: their codes, and their names in the language itself."""
    return tuple(
        _setting(
            "SUBSCRIBERS_LANGUAGES",
            (("en-GB", "English"), ("de", "Deutsch"), ("fr", "Français")),
        )
    )


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)
