"""Sessions in the database, of which only a digest of the key is stored.

Django's own store keeps the key itself, which is the cookie: anyone who reads a copy of the database could log in.
The cookie has the key, the database has its digest, and the digest opens nothing.
"""

import hashlib
from base64 import b32encode
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

# The column has 40 characters. 25 bytes are 40 characters of base 32.
_BYTES = 25


class SessionStore(db.SessionStore):
    """Django's store, with a digest of the key in the database. Settings name it as SESSION_ENGINE."""

    def _get_session_from_db(self) -> Any:
        now = timezone.now()
        found = self.model.objects.filter(
            session_key=stored_key(self.session_key or ""), expire_date__gt=now
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session with this key."""
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row of the session, not saved yet."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete the session with this key, or this session."""
        if key := session_key or self.session_key:
            super().delete(stored_key(key))


def stored_key(key: str) -> str:
    """Return what the database has for a session: 40 characters, from which nobody finds the key."""
    return b32encode(hashlib.sha256(key.encode()).digest()[:_BYTES]).decode().lower() if key else ""


def stored_session(stored: str) -> db.SessionStore:
    """Return the session of a row, by what the database has for it. It cannot begin a request."""
    return db.SessionStore(stored)
