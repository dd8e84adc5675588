"""Measures sending by SMTP against a bare smtplib loop in the same run that does nothing else.

The loop sends prepared bytes of the same size over one connection with TCP_NODELAY, to the same sink, which syncs each
message to the disk. One thread each, with and without TLS, on SQLite. Run it with `python -m benchmarks smtp`. Each
figure comes from a separate process and database.
"""

import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.sending import an_issue
from benchmarks.sink_process import sink
from benchmarks.verdicts import exit_code, verdict
from tests.fakes.certificate import certificate_for

Figures = dict[str, float]
PEOPLE, SIZE, TURNS = 2_000, 55_000, 3
RATE_AT_LEAST = 0.6


def main() -> None:
    """Print messages per second of both, and the ratio: the best of some turns each, as other work slows turns down."""
    print(f"Sending {PEOPLE:,} emails by SMTP, the best of {TURNS} turns")
    with tempfile.TemporaryDirectory(prefix="newsletter-smtp-") as folder:
        path = Path(folder) / "certificate.pem"
        certificate_for("localhost", path)  # type: ignore[no-untyped-call]  # tests are not typed
        certificate = str(path)
        for name, given in (("plain", ""), ("TLS", certificate)):
            ours, bare = [], []
            with sink("benchmarks.smtp_sink", given) as port:
                for _turn in range(TURNS):
                    ours.append(run("ours", folder, port, given, size=0))
                    size = int(ours[0]["bytes"])
                    bare.append(run("bare", folder, port, given, size=size)["rate"])
            best = max(each["rate"] for each in ours)
            ratio = best / max(bare)
            print(f"  {name}: bare {max(bare):,.0f}/s, sending {best:,.0f}/s, {size:,} bytes each")
            print(f"  {name}: {verdict(ratio >= RATE_AT_LEAST)}: ratio {ratio:.2f}, at least {RATE_AT_LEAST}")


def run(what: str, folder: str, port: str, certificate: str, *, size: int) -> Figures:
    """Run one measurement in a separate process."""
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": tempfile.mkdtemp(dir=folder),
        "NEWSLETTER_TRANSPORT": "smtp",
        "NEWSLETTER_SMTP_HOST": "localhost",
        "NEWSLETTER_SMTP_PORT": port,
        "NEWSLETTER_SMTP_SECURITY": "tls" if certificate else "none",
        "SSL_CERT_FILE": certificate or os.environ.get("SSL_CERT_FILE", ""),
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "benchmarks.smtp", "measure", what, port, certificate, str(size)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def bare_loop(port: int, certificate: str, size: int) -> Figures:
    """Send the same messages with smtplib alone."""
    message = (b"x" * 70 + b"\r\n") * (size // 72)
    line: smtplib.SMTP = (
        smtplib.SMTP_SSL("localhost", port, context=ssl.create_default_context(cafile=certificate))
        if certificate
        else smtplib.SMTP("localhost", port)
    )
    with line:
        assert line.sock is not None
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.ehlo()
        started = time.perf_counter()
        for number in range(PEOPLE):
            line.sendmail("news@example.org", [f"reader{number}@example.org"], message)
        return {"rate": PEOPLE / (time.perf_counter() - started), "bytes": len(message)}


def send() -> Figures:
    """Send with this software, with one thread."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    issue = an_issue(PEOPLE)
    from newsletter.scheduling.approval import approve
    from newsletter.sending.engines.local import LocalEngine
    from newsletter.sending.plan import find_mailing
    from newsletter.sending.recipient_counts import count_recipients
    from newsletter.sending.send_now import send_now

    # Import first, because imports are not part of sending.
    import_module("newsletter.urls")
    _long(issue)
    approve(issue)
    send_now(issue, without_undo=True)
    mailing = find_mailing(issue)
    assert mailing is not None
    started = time.perf_counter()
    LocalEngine(mailing.pk, threads=1).run()
    seconds = time.perf_counter() - started
    mailing.refresh_from_db()
    assert count_recipients(mailing).accepted == mailing.audience
    return {"rate": PEOPLE / seconds, "bytes": _size(mailing.pk)}


def _long(issue: Any) -> None:
    """Make the articles so long that the email has about the size of a full issue."""
    from newsletter.articles.models import Article

    words = "How the moon moves the sea, and what that means for those who live by it. "
    Article.objects.filter(items__issue=issue).update(standfirst=words * (SIZE // 16 // len(words)))


def _size(mailing_id: int) -> int:
    from django.utils import timezone

    from newsletter.rendering.merge_tags import MergeValues
    from newsletter.sending.message_bytes import message_bytes
    from newsletter.sending.models import Mailing
    from newsletter.sending.stored_variants import emails_of
    from newsletter.sending.transport import Envelope

    email = emails_of(Mailing.objects.get(pk=mailing_id)).main
    person = MergeValues(*["https://example.org/"] * 3)
    envelope = Envelope(1, "reader@example.org", "Name", person, {})
    return len(message_bytes(email, envelope, message_id="<1.2@example.org>", date=timezone.now()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        _measure, what, at, trusted, how_long = sys.argv[1:]
        print(json.dumps(bare_loop(int(at), trusted, int(how_long)) if what == "bare" else send()))
    else:
        main()
        sys.exit(exit_code())
