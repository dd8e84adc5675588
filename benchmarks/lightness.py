"""Measures how soon small commands end, and what `newsletter serve` costs while idle.

Each is compared with a minimum: Django set up with the apps that every Django project has, and a waitress server that
says hello. Linux only, because shared memory is counted with /proc.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verdicts import verdict
from tests.postgres import free_port

HELP_SECONDS, COMMAND_SECONDS = 0.4, 0.8
IDLE_MEGABYTES, IDLE_SHARE_OF_A_CORE = 140.0, 0.01
TURNS = 5
SECONDS_TO_START, SECONDS_IDLE = 60, 30
COMMANDS = (
    "--help",
    "issues --help",
    "issues list",
    "users list",
    "series list",
    "mailings list",
    "subscribers --help",
    "doctor --help",
    "backup --help",
)
PRESS = [sys.executable, "-m", "newsletter"]
BARE_DJANGO = """
import django
from django.conf import settings
contrib = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
settings.configure(
    INSTALLED_APPS=[f"django.contrib.{name}" for name in contrib],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()
from django.db import connection
connection.cursor().execute("SELECT 1")
"""
BARE_SERVER = """
import sys
from waitress import serve
def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
serve(hello, listen=f"127.0.0.1:{sys.argv[1]}", threads=8)
"""


def main() -> None:
    """Print the seconds of commands, and the memory and processor time of `serve`, each beside the minimum."""
    with tempfile.TemporaryDirectory(prefix="newsletter-light-") as home:
        environment = {**os.environ, "NEWSLETTER_HOME": home}
        environment.pop("DATABASE_URL", None)
        # An installation has compiled modules: pip compiles them.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run([*PRESS, "init"], env=environment, check=True, stdout=subprocess.DEVNULL)
        compare_commands(environment)
        compare_servers(environment)


def compare_commands(environment: dict[str, str]) -> None:
    """Print the shortest time of each command, because other work on the machine makes all of them slower."""
    bare = _seconds([sys.executable, "-c", BARE_DJANGO], environment)
    print(f"  bare Django, set up: {bare:.2f} s")
    for command in COMMANDS:
        at_most = HELP_SECONDS if command == "--help" else COMMAND_SECONDS
        taken = _seconds([*PRESS, *command.split()], environment)
        said = f"{taken:.2f} s ({taken / bare:.1f} of bare Django), at most {at_most} s"
        print(f"  newsletter {command}: {verdict(taken <= at_most)}: {said}")


def _seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    taken = []
    for _turn in range(TURNS):
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
    return min(taken)


def compare_servers(environment: dict[str, str]) -> None:
    """Print what the servers cost while nobody sends a request and nothing is due."""
    with _running([sys.executable, "-c", BARE_SERVER, str(free_port())], environment) as process:
        bare_megabytes, bare_share = _cost(process)
    with _running([*PRESS, "serve", "--port", "0"], environment) as process:
        megabytes, share = _cost(process)
    times = megabytes / bare_megabytes
    print(f"  bare waitress, idle: {bare_megabytes:.0f} MB, {bare_share:.2%} of a core")
    holds = verdict(megabytes <= IDLE_MEGABYTES)
    said = f"{megabytes:.0f} MB ({times:.1f} times bare waitress), at most {IDLE_MEGABYTES:.0f} MB"
    print(f"  newsletter serve, idle: {holds}: {said}")
    holds = verdict(share <= IDLE_SHARE_OF_A_CORE)
    print(f"  newsletter serve, idle: {holds}: {share:.2%} of a core, at most {IDLE_SHARE_OF_A_CORE:.0%}")


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    """Yield the process ID once the process is idle."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_until_idle(process.pid)
            yield process.pid
        finally:
            process.terminate()


def _wait_until_idle(process: int) -> None:
    """Wait until the start is over: hardly any processor time in five seconds."""
    ends = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends:
        before = _processor_seconds(process)
        time.sleep(5)
        if 0 < _processor_seconds(process) - before < 5 * IDLE_SHARE_OF_A_CORE:
            return


def _cost(process: int) -> tuple[float, float]:
    """Return megabytes, with shared memory counted once, and the share of a core."""
    megabytes, before, began = [], _processor_seconds(process), time.monotonic()
    for _look in range(3):
        time.sleep(SECONDS_IDLE / 3)
        megabytes.append(sum(map(_proportional_megabytes, _family(process))))
    share = (_processor_seconds(process) - before) / (time.monotonic() - began)
    return statistics.median(megabytes), share


def _family(process: int) -> list[int]:
    """Return the process and its children."""
    parents = {int(each.name): found[1] for each in Path("/proc").glob("[0-9]*") if (found := _stat(each))}
    return [process, *(each for each, parent in parents.items() if parent == str(process))]


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _processor_seconds(process: int) -> float:
    ticks = [sum(map(int, _stat(Path(f"/proc/{each}"))[11:13])) for each in _family(process)]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _proportional_megabytes(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return int(kilobytes) / 1024
