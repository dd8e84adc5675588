"""Counts the processor's seconds that a piece of work takes: those of this process, and those of PostgreSQL's server.

Other work on the machine changes them much less than the time by the clock. Linux only for the server, whose share is
read from /proc and is rounded to hundredths of a second.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PARENT, USED, USED_BY_ENDED_CHILDREN = 1, slice(11, 13), slice(13, 15)


@dataclass(slots=True)
class Spent:
    """What a piece of work took: seconds by the clock, and seconds of the processor."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def spending() -> Iterator[Spent]:
    """Yield what the work inside takes; the figures are there when it ends."""
    spent = Spent()
    server = _postgres_server()
    before, started = _used_here() + _used_by(server), time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - started
    spent.cpu = _used_here() + _used_by(server) - before


def _used_here() -> float:
    """Return the seconds of this process, and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _postgres_server() -> int | None:
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    found = _stat(Path(f"/proc/{backend}"))
    return int(found[PARENT]) if found else None


def _used_by(server: int | None) -> float:
    """Return the seconds of a server and its processes, also of those that have ended."""
    if server is None:
        return 0.0
    ended_before, running = None, 0
    while True:
        # A process that ends while we read moves its seconds to its parent: then we read again.
        parent = _stat(Path(f"/proc/{server}")) or []
        ended = sum(map(int, parent[USED_BY_ENDED_CHILDREN]))
        if ended == ended_before:
            return (sum(map(int, parent[USED])) + ended + running) / os.sysconf("SC_CLK_TCK")
        ended_before = ended
        stats = (_stat(each) for each in Path("/proc").glob("[0-9]*"))
        running = sum(sum(map(int, stat[USED])) for stat in stats if stat and stat[PARENT] == str(server))


def _stat(process: Path) -> list[str]:
    """Return the fields of a process after its name, the state first; empty if it has ended (proc(5))."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
