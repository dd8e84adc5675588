"""Waitress with limits: slow, silent or greedy clients are disconnected and do not affect the others.

Waitress reads requests and writes responses in one thread and calls the application in others, so that a slow client
does not occupy a thread. We add what it lacks: deadlines for headers, bodies and responses (its own deadline starts
again with every byte), a body limit by path, a maximum of connections for each client, and a total maximum at which
an old waiting connection is closed in favour of a new one. See docs/decisions/0019-waitress-within-bounds.md.
"""

import errno
import logging
import resource
import time
from dataclasses import replace
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from newsletter.errors import Refused
from newsletter.web.server_connections import Bounds, Channel, Connections
from newsletter.web.waitress_requests import LARGEST_BODY, LARGEST_HEADERS

log = logging.getLogger(__name__)

HEALTH = "/healthz"
# Files that the process needs in addition to its connections.
OTHER_FILES = 300


class Listener(TcpWSGIServer):
    """Accepts connections at one address."""

    channel_class = Channel

    def __init__(self, *arguments: Any, connections: Connections, **named: Any) -> None:
        self.connections = connections
        super().__init__(*arguments, **named)

    def handle_accept(self) -> None:
        """Accept several waiting connections at once, so that many connections do not need many rounds."""
        for _ in range(64):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before:
                break

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress would use the system clock here. See Connections.close_expired."""


class Dispatcher(ThreadedTaskDispatcher):
    """The threads that answer requests, and their queue."""

    def add_task(self, task: Channel) -> None:
        """Queue a connection with a complete request. A health check goes to the front of the queue."""
        with self.lock:
            if task.requests[0].path == HEALTH:
                self.queue.appendleft(task)
            else:
                self.queue.append(task)
            self.queue_cv.notify()


class Server:
    """Serves an application at every address of a host, until SystemExit or Ctrl-C stops it."""

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        threads: int,
        bounds: Bounds | None = None,
    ) -> None:
        """Listen at once. Raises Refused if another program has the port."""
        bounds = bounds or Bounds()
        self.connections = Connections(bounds_of_this_process(bounds))
        adjustments = Adjustments(
            host=host,
            port=port,
            threads=threads,
            ident=None,
            # A webhook post from SendGrid (at most 768 KB) is received in few pieces and kept in memory.
            recv_bytes=LARGEST_BODY // 8,
            inbuf_overflow=LARGEST_BODY,
            max_request_header_size=LARGEST_HEADERS,
            # The application decides which proxies to trust, so it must see their headers.
            clear_untrusted_proxy_headers=False,
            # Connections has its own limit, which still accepts new connections.
            connection_limit=1 << 30,
        )
        self._dispatcher = Dispatcher()
        self._dispatcher.set_thread_count(threads)
        self._map: dict[int, Any] = {}
        self._stopping = False
        try:
            self.listeners = [
                Listener(
                    application,
                    self._map,
                    dispatcher=self._dispatcher,
                    adj=adjustments,
                    sockinfo=address,
                    connections=self.connections,
                )
                for address in adjustments.listen
            ]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise Refused(
                f"Another program already uses port {port}. Stop that program, or choose "
                "another port with --port."
            ) from None

    @property
    def port(self) -> int:
        """The port it listens on. If port 0 was requested, the port that the system chose."""
        return int(self.listeners[0].effective_port)

    def stop(self) -> None:
        """Make `run` end soon. Can be called from another thread."""
        self._stopping = True
        self.listeners[0].pull_trigger()

    def run(self) -> None:
        """Answer requests until `stop`, SystemExit or KeyboardInterrupt, and then those that have begun."""
        next_check = 0.0
        try:
            while self._map and not self._stopping:
                now = time.monotonic()
                if now >= next_check:
                    next_check = now + 0.5
                    self.connections.close_expired(now)
                self.connections.close_scheduled()
                wasyncore.poll2(0.5, self._map)
        except (SystemExit, KeyboardInterrupt):
            pass
        self._dispatcher.shutdown()

    def close(self) -> None:
        """Close every connection and stop listening."""
        wasyncore.close_all(self._map)


def bounds_of_this_process(bounds: Bounds) -> Bounds:
    """Return the bounds with no more connections than the process may have open files.

    The limit on open files is raised first, if the system allows it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = bounds.connections + OTHER_FILES
    if soft < needed:
        soft = min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    connections = min(bounds.connections, max(soft - OTHER_FILES, 16))
    if connections < bounds.connections:
        log.warning(
            (
                "This process can have %s open files, which is only enough for %s connections. To "
                "allow more, increase LimitNOFILE to %s."
            ),
            soft,
            connections,
            needed,
        )
    return replace(bounds, connections=connections)
