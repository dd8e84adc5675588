"""Notices every use of the network while the product is inside a transaction of its own.

A lock that is held while somebody else's server thinks is held for as long as that server likes: on SQLite it is the
only lock for writing. Sockets of this machine's own kind (asyncio's pairs) are left alone, and so is the database:
psycopg uses libpq, SQLite no socket at all. The transaction that pytest-django wraps around a test does not count.
"""

import functools
import socket
import ssl
import traceback
from threading import get_ident

from django.db import connections

WAYS_TO_USE_A_SOCKET = ("connect", "connect_ex", "send", "sendall", "sendto", "recv", "recv_into", "recvfrom")
WAYS_TO_USE_TLS = ("do_handshake", "send", "sendall", "recv", "recv_into")
INTERNET = {socket.AF_INET, socket.AF_INET6}


class NetworkInTransactionError(AssertionError):
    """The network was used inside a transaction: ask first, and write down afterwards."""


class Watchman:
    """Stands at every socket of this process; `uses` holds where the network was used inside a transaction."""

    def __init__(self):
        self.uses = []

    def install(self, patch):
        """Watch until `patch` (a pytest.MonkeyPatch) is undone."""
        for kind, names in ((socket.socket, WAYS_TO_USE_A_SOCKET), (ssl.SSLSocket, WAYS_TO_USE_TLS)):
            for name in names:
                patch.setattr(kind, name, self._watched_method(getattr(kind, name)))
        patch.setattr(socket, "getaddrinfo", self._watched(socket.getaddrinfo))

    def _watched_method(self, use):
        @functools.wraps(use)
        def watched(used, *arguments, **options):
            if used.family in INTERNET:
                self.look(use.__name__)
            return use(used, *arguments, **options)

        return watched

    def _watched(self, use):
        @functools.wraps(use)
        def watched(*arguments, **options):
            self.look(use.__name__)
            return use(*arguments, **options)

        return watched

    def look(self, use):
        """Raise when this thread is inside a transaction of the product's."""
        if is_in_transaction():
            where = "".join(traceback.format_stack(limit=12)[:-2])
            self.uses.append(f"{use} inside a transaction:\n{where}")
            raise NetworkInTransactionError(self.uses[-1])


def is_in_transaction():
    """Whether this thread is inside a block of `transaction.atomic` that is not the test's own wrapping.

    The threads of pytest-django's live server share the connection of the test, whose transactions are not theirs.
    """
    return any(
        not block._from_testcase
        for connection in connections.all(initialized_only=True)
        if connection._thread_ident == get_ident()
        for block in connection.atomic_blocks
    )
