"""A fake SendGrid that kills the process whose post it has in hand: before it takes the post, or after."""

import os
import signal
import threading
from pathlib import Path

from tests.fakes.sendgrid import FakeSendGrid


class KillingSendGrid(FakeSendGrid):
    """`server.kill_at(3)` kills whoever sends the third request from now on; `struck` is set, `victim` its number."""

    def __init__(self):
        super().__init__()
        self.struck, self.victim = threading.Event(), None
        self._left, self._after, self._among = 0, False, []
        self._posting = threading.local()

    def kill_at(self, request, *, among, after):
        """Kill at that request, after it was taken or before; its sender is one of the processes `among`."""
        with self.lock:
            self._left, self._after, self._among = request, after, list(among)
            self.struck.clear()
            self.victim = None

    def spare_all(self):
        """Kill nobody from now on."""
        with self.lock:
            self._left = 0

    def finish_request(self, request, client_address):
        self._posting.port = client_address[1]
        super().finish_request(request, client_address)

    def take(self, document):
        with self.lock:
            due = self._left == 1
            self._left -= self._left > 0
            after, among = self._after, self._among
        if due and not after:
            self._kill(among)
        taken = super().take(document)
        if due and after:
            self._kill(among)
        return taken

    def _kill(self, among):
        self.victim = owner_of(self._posting.port, among)
        os.kill(self.victim, signal.SIGKILL)
        self.struck.set()

    def handle_error(self, *_request):
        """Say nothing: connections that break off are what this is about."""


def owner_of(port, processes):
    """Which of the processes has the connection that begins at this port of this machine (see proc(5))."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    sockets = {f"socket:[{row[9]}]" for row in rows if int(row[1].rpartition(":")[2], 16) == port}
    for process in processes:
        for handle in Path(f"/proc/{process}/fd").iterdir():
            try:
                if str(handle.readlink()) in sockets:
                    return process
            except FileNotFoundError:
                continue
    raise AssertionError(f"None of {processes} has the connection from port {port}.")
