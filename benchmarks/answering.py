"""Measures how soon `newsletter serve` responds to SendGrid's posts while it sends a mailing as fast as it can and
processes the posts, against a bare server (bare_intake.py) under the same load: the posts go to each in turn.
"""

import http.client
import os
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.reports import Post, plan_to_go, planned_before, signed_posts
from benchmarks.verdicts import verdict
from tests.postgres import free_port

if TYPE_CHECKING:
    from newsletter.sending.models import Mailing

ADDRESS = "/webhooks/sendgrid/"
# Each of SendGrid's servers posts every 30 s or 768 KB; this is busier.
POSTS_A_SECOND = 50
EVENTS_A_POST = 100
EMAILS = int(os.environ.get("WEBHOOK_LETTERS", "200000"))
MAILINGS = int(os.environ.get("WEBHOOK_ROUNDS", "1"))
MAX_TIMES = 3.0
MAX_SECONDS, SECONDS_TO_START = 1_200, 120


def public_key(key: EllipticCurvePrivateKey) -> str:
    """Return the public key in the form in which SendGrid shows it."""
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(public).decode()


def measure(key: EllipticCurvePrivateKey, home: str) -> None:
    """Print how soon both respond while mailings are being sent, and whether ours is quick enough."""
    with _serving() as port, _bare_server(public_key(key), f"{home}/bare-intake.sqlite3") as bare_port:
        for number in range(1, MAILINGS + 1):
            live = signed_posts(planned_before(), key, 10**9, EVENTS_A_POST, seed=7 + number)
            going = plan_to_go(f"going{number}", EMAILS)
            _compare(*_answer_times((port, bare_port), live, until=going))


def _compare(ours: list[float], bare: list[float]) -> None:
    print(f"webhook: {len(ours)} posts while `serve` sends {EMAILS:,} emails, and as many to a bare server")
    for name, taken in (("serve", ours), ("bare server", bare)):
        print(
            f"  {name:16} {statistics.median(taken):6.1f} ms (median), {_slow(taken):6.1f} ms (99th percentile), "
            f"{max(taken):6.1f} ms (longest)"
        )
    times = _slow(ours) / _slow(bare)
    print(f"  99th percentile  {times:6.2f} times  (at most {MAX_TIMES}): {verdict(times <= MAX_TIMES)}")


def _slow(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[98]


def _answer_times(
    ports: tuple[int, int], live: Iterator[Post], *, until: "Mailing"
) -> tuple[list[float], list[float]]:
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in ports]
    ours: list[float] = []
    bare: list[float] = []
    end = time.monotonic() + MAX_SECONDS
    for post in live:
        started = time.perf_counter()
        # The two take turns in being first, so that neither always comes after a pause.
        order = (0, 1) if len(ours) % 2 else (1, 0)
        for which in order:
            (ours, bare)[which].append(_post(connections[which], post))
        if len(ours) % POSTS_A_SECOND == 0 and _is_over(until):
            break
        if time.monotonic() > end:
            raise SystemExit(f"webhook: the mailing did not end within {MAX_SECONDS} seconds.")
        time.sleep(max(1 / POSTS_A_SECOND - (time.perf_counter() - started), 0.0))
    for connection in connections:
        connection.close()
    return ours, bare


def _post(connection: http.client.HTTPConnection, post: Post) -> float:
    """Post, and return how many milliseconds the response took."""
    body, headers = post
    started = time.perf_counter()
    connection.request("POST", ADDRESS, body, {**headers, "Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    taken = (time.perf_counter() - started) * 1000
    if answer.status != 200:
        raise SystemExit(f"webhook: the webhook responded with status {answer.status}.")
    return taken


def _is_over(mailing: "Mailing") -> bool:
    mailing.refresh_from_db()
    if mailing.state not in {"sending", "sent"}:
        raise SystemExit(f"webhook: the mailing was not sent: {mailing.pause_reason}")
    return mailing.finished_at is not None


@contextmanager
def _serving() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "newsletter", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


@contextmanager
def _bare_server(key: str, file: str) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.bare_intake", key, file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_START)
        try:
            connection.request("GET", ADDRESS)
            connection.getresponse().read()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise SystemExit(f"webhook: the server did not respond within {SECONDS_TO_START} seconds.")
