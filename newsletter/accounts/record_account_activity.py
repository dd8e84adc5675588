"""Records in the audit log what people do with their own accounts: second factors, sessions, and log-ins elsewhere.

The log has no network addresses: each person sees those of their own sessions under “Your account”.
"""

from typing import Any

from newsletter.accounts import audit_log
from newsletter.accounts.actor import acting_as
from newsletter.accounts.browser_names import browser_name
from newsletter.accounts.users import actor_of
from subscribers.phrases import counted

NAMES = {"totp": "the authenticator app", "webauthn": "a passkey", "recovery_codes": "the recovery codes"}


def record_added_factor(user: Any, kind: str) -> None:
    """Record that a user has set up a second factor of this kind (`totp`, `webauthn` or `recovery_codes`)."""
    _record(user, f"Set up {NAMES[kind]} for the user {user.get_username()}.")


def record_renewed_codes(user: Any) -> None:
    """Record that a user has made new recovery codes, which ended the earlier ones."""
    _record(user, f"Created new recovery codes for the user {user.get_username()}.")


def record_removed_factor(user: Any, kind: str) -> None:
    """Record that a user has removed a second factor of this kind."""
    _record(user, f"Removed {NAMES[kind]} from {user.get_username()}’s account.")


def record_new_browser(user: Any, user_agent: str) -> None:
    """Record that a user has logged in with a browser that never did before."""
    _record(user, f"Logged in as {user.get_username()} with a new browser: {browser_name(user_agent)}.")


def record_ended_sessions(user: Any, how_many: int) -> None:
    """Record that a user has ended sessions of theirs, if there were any."""
    if how_many:
        sessions = counted(how_many, "session", "sessions")
        _record(user, f"Ended {sessions} for the user {user.get_username()}.")


def _record(user: Any, sentence: str) -> None:
    with acting_as(actor_of(user)):
        audit_log.write("user", sentence, thing=f"user {user.pk}")
