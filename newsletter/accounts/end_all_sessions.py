"""Ends every session of a user, also one that is in no list."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from newsletter.accounts.user_sessions import end_sessions


def end_all_sessions(user: Any) -> None:
    """End the sessions of a user in every browser, so that none works again when the account is activated.

    A session that was begun elsewhere than at the log-in page is not in the user's list, and does not say in a column
    whose it is. So all sessions that have not expired are read. Only people who can log in have one, so they are few.
    """
    end_sessions(user)
    current = Session.objects.filter(expire_date__gte=timezone.now())
    theirs = [
        session.pk for session in current.iterator() if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()
