"""allauth's list of a user's sessions as a Django app, filled by us: allauth would store the keys of the sessions."""

from typing import Any

from allauth.usersessions.apps import UserSessionsConfig


class ListedSessionsConfig(UserSessionsConfig):  # type: ignore[misc]  # allauth has no types
    """The app `usersessions`, with digests instead of keys (accounts/session_store.py)."""

    default = False

    def ready(self) -> None:
        """Have each log-in and each new password noted in the list."""
        from allauth.account.signals import password_changed, password_set, user_logged_in

        for signal in (user_logged_in, password_set, password_changed):
            signal.connect(_note, dispatch_uid="newsletter.web.listed_sessions")


def _note(request: Any, **_details: Any) -> None:
    from newsletter.accounts.user_sessions import remove_ended
    from newsletter.web.session_activity import note_session

    remove_ended(request.user)
    note_session(request)
