"""Waitress within bounds: a client that is slow, silent or greedy is cut off, and costs the others nothing.

Waitress reads whole requests and writes whole answers in one thread, and calls the application in others, so that no
slow client holds a thread. What it lacks is added here: deadlines for headers, bodies and answers (its own begins
again with every byte), a limit by path for bodies, a cap for each client, and a limit of connections at which an old
waiting connection gives way to a new one. See docs/decisions/0019-waitress-within-bounds.md.
"""

import logging
import resource
import time
from dataclasses import replace
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from newsletter.web.connections import Bounds, Channel, Connections
from newsletter.web.http_requests import LARGEST_BODY, LARGEST_HEADERS

log = logging.getLogger(__name__)

HEALTH = "/healthz"
# Files that the process needs beside its connections.
OTHER_FILES = 300


class Listener(TcpWSGIServer):
    """Takes connections at one address."""

    channel_class = Channel

    def __init__(self, *arguments: Any, crowd: Connections, **named: Any) -> None:
        self.crowd = crowd
        super().__init__(*arguments, **named)

    def handle_accept(self) -> None:
        """Take what waits, several at once, so that many connections are not many rounds."""
        for _ in range(64):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before:
                break

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress goes by the system's clock here; see Crowd.cut_off."""


class Dispatcher(ThreadedTaskDispatcher):
    """The threads that answer, and what waits for them."""

    def add_task(self, task: Channel) -> None:
        """Let a connection with a whole request wait for a thread; who asks whether we live waits for nobody else."""
        with self.lock:
            if task.requests[0].path == HEALTH:
                self.queue.appendleft(task)
            else:
                self.queue.append(task)
            self.queue_cv.notify()


class Server:
    """Answers at every address of a host by an application, until it is stopped by SystemExit or Ctrl-C."""

    def __init__(
        self,
        application: Any,
        *,
        host: str,
        port: int,
        threads: int,
        bounds: Bounds | None = None,
    ) -> None:
        bounds = bounds or Bounds()
        self.crowd = Connections(bounds_of_this_process(bounds))
        adjustments = Adjustments(
            host=host,
            port=port,
            threads=threads,
            ident=None,
            # A post of SendGrid's (768 KB at most) comes in few pieces, and in memory.
            recv_bytes=LARGEST_BODY // 8,
            inbuf_overflow=LARGEST_BODY,
            max_request_header_size=LARGEST_HEADERS,
            # The application judges what proxies say, and has to see it.
            clear_untrusted_proxy_headers=False,
            # The crowd has its own limit, which does not stop those who come after it.
            connection_limit=1 << 30,
        )
        self._dispatcher = Dispatcher()
        self._dispatcher.set_thread_count(threads)
        self._map: dict[int, Any] = {}
        self._stopping = False
        self.listeners = [
            Listener(
                application,
                self._map,
                dispatcher=self._dispatcher,
                adj=adjustments,
                sockinfo=address,
                crowd=self.crowd,
            )
            for address in adjustments.listen
        ]

    @property
    def port(self) -> int:
        """The port that it listens on, also where any free one was asked for."""
        return int(self.listeners[0].effective_port)

    def stop(self) -> None:
        """Let `run` end soon, from another thread."""
        self._stopping = True
        self.listeners[0].pull_trigger()

    def run(self) -> None:
        """Answer until `stop`, SystemExit or KeyboardInterrupt; requests that began are answered."""
        look = 0.0
        try:
            while self._map and not self._stopping:
                now = time.monotonic()
                if now >= look:
                    look = now + 0.5
                    self.crowd.cut_off(now)
                self.crowd.close_sent_away()
                wasyncore.poll2(0.5, self._map)
        except (SystemExit, KeyboardInterrupt):
            pass
        self._dispatcher.shutdown()

    def close(self) -> None:
        """Close every connection and the addresses."""
        wasyncore.close_all(self._map)


def bounds_of_this_process(bounds: Bounds) -> Bounds:
    """The bounds with as many connections as the process may have files, after it has asked for enough of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = bounds.connections + OTHER_FILES
    if soft < needed:
        soft = min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    connections = min(bounds.connections, max(soft - OTHER_FILES, 16))
    if connections < bounds.connections:
        log.warning(
            "The system lets this process have %s files, enough for %s connections. Raise LimitNOFILE to %s.",
            soft,
            connections,
            needed,
        )
    return replace(bounds, connections=connections)
