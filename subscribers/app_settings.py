"""Every setting of this app: `SUBSCRIBERS_…` in Django's settings, and what holds when it is not set."""

from typing import Any

from django.conf import settings


def base_url() -> str:
    """The public address that links in mails start with, without a slash at its end."""
    return str(_setting("SUBSCRIBERS_BASE_URL", "http://localhost:8000")).rstrip("/")


def suppression_keys() -> tuple[str, ...]:
    """Key the digests of suppressed addresses: the first makes new ones, the last is the oldest."""
    of_their_own = (
        _setting("SUBSCRIBERS_SUPPRESSION_KEY", ""),
        *_setting("SUBSCRIBERS_SUPPRESSION_KEY_FALLBACKS", ()),
    )
    every = (*of_their_own, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(dict.fromkeys(str(key) for key in every if key))


def confirm_hours() -> int:
    """How long a confirmation link is good; unconfirmed people are dropped when it is over."""
    return int(_setting("SUBSCRIBERS_CONFIRM_HOURS", 7 * 24))


def max_confirmations() -> int:
    """How many confirmation mails one sign-up gets, however often it is repeated."""
    return int(_setting("SUBSCRIBERS_MAX_CONFIRMATIONS", 3))


def mails_per_day() -> int:
    """How many mails of this app one mailbox gets in a day, whatever the list and the `+tag`."""
    return int(_setting("SUBSCRIBERS_MAILS_PER_DAY", 3))


def sign_ups_per_hour() -> int:
    """How many sign-ups one network (an IPv4 address, an IPv6 /48) may make in an hour."""
    return int(_setting("SUBSCRIBERS_SIGN_UPS_PER_HOUR", 30))


def sign_ups_per_hour_in_all() -> int:
    """How many sign-ups all networks together may make in an hour; 0: no limit."""
    return int(_setting("SUBSCRIBERS_SIGN_UPS_PER_HOUR_IN_ALL", 1_000))


def form_seconds() -> float:
    """A form sent sooner than this after it was shown was not filled in by a person."""
    return float(_setting("SUBSCRIBERS_FORM_SECONDS", 2.0))


def proof_of_work() -> int:
    """How many hashes a browser must try at most before it may sign somebody up; 0: none. 50,000 take a second."""
    return int(_setting("SUBSCRIBERS_PROOF_OF_WORK", 0))


def proxy_count() -> int:
    """How many proxies of our own stand before this server and write X-Forwarded-For."""
    return int(_setting("SUBSCRIBERS_PROXY_COUNT", 0))


def segment_behaviours() -> dict[str, Any]:
    """What people did that segments may ask for (`opened in last 30 days`), by name: a function, or its
    dotted path, that gives a queryset of `subscriber_id` and `at`.
    """
    return dict(_setting("SUBSCRIBERS_SEGMENT_BEHAVIOURS", {}))


def mail_at_once() -> bool:
    """Whether a mail goes when its request ends, or waits for `notices.send_next`."""
    return bool(_setting("SUBSCRIBERS_MAIL_AT_ONCE", True))


def mail_seconds() -> float:
    """After how many seconds a process that sends a mail is taken for dead: more than Django's backend ever takes."""
    return float(_setting("SUBSCRIBERS_MAIL_SECONDS", 300.0))


def default_sender() -> str:
    """From whom mails come when the list does not say."""
    return str(_setting("SUBSCRIBERS_DEFAULT_SENDER", settings.DEFAULT_FROM_EMAIL))


def languages() -> tuple[tuple[str, str], ...]:
    """Codes and own names of the languages that the pages and mails are in."""
    return tuple(
        _setting(
            "SUBSCRIBERS_LANGUAGES",
            (("en-GB", "English"), ("de", "Deutsch"), ("fr", "Français")),
        )
    )


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)
