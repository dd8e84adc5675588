"""Measures sending against a bare loop in the same run that only does the minimum.

The loop commits that 1,000 recipients are being posted, reads them with plain SQL, signs three links for each with
HMAC, builds the dict, serialises it with orjson, posts it over a kept-alive connection to the same sink, and commits
that they are accepted. Planning is measured against the bare INSERT … SELECT and, if django-anymail is installed,
sending against its batches for SendGrid without any database (anymail.py).

`python -m benchmarks sending` sends to 100,000 people; `python -m benchmarks.sending --million` also to 1,000,000, and
compares time and memory. Each figure comes from a separate process and database.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import Any

from benchmarks import anymail
from benchmarks.bare_loop import BATCH, bare_loop, bare_personalization
from benchmarks.cpu_seconds import Spent, spending
from benchmarks.sink_process import sink
from benchmarks.verdicts import exit_code, verdict
from tests.postgres import running, server_programs

Figures = dict[str, float]
PEOPLE, MANY = 100_000, 1_000_000
ROUNDS = 3
RATE_AT_LEAST, MAX_PLANNING, MAX_TIMES, MAX_GROWTH = 0.8, 2.0, 11.0, 1.2
TIMES_ANYMAIL = 2.0
# By the processor's seconds, which other work on the machine changes less than the rate.
CPU_AT_LEAST = 0.55


def main(arguments: list[str] | None = None) -> None:
    """Print recipients per second of both, the ratio and the peak memory, on SQLite and on PostgreSQL."""
    million = "--million" in (sys.argv[1:] if arguments is None else arguments)
    print(f"Sending to {PEOPLE:,} people")
    with sink("benchmarks.sink") as port, tempfile.TemporaryDirectory(prefix="newsletter-sending-") as folder:
        for database in ("SQLite", "PostgreSQL") if server_programs() else ("SQLite",):
            bare, ours = best_of_each(database, port=port, folder=folder)
            compare(database, bare, ours)
            if anymail.is_installed():
                compare_anymail(database, run("anymail", PEOPLE, database, port=port, folder=folder), ours)
            if million:
                compare_growth(database, ours, run("ours", MANY, database, port=port, folder=folder))


def best_of_each(database: str, *, port: str, folder: str) -> tuple[Figures, Figures]:
    """Return the fastest of some runs of each, in turn, so that a slow period of the machine affects both."""
    rounds = [
        [run(what, PEOPLE, database, port=port, folder=folder) for what in ("bare", "ours")]
        for _ in range(ROUNDS)
    ]
    bare, ours = (max(side, key=lambda each: each["rate"]) for side in zip(*rounds, strict=True))
    return bare, ours


def compare(database: str, bare: Figures, ours: Figures) -> None:
    """Print the figures of each, and whether they are within the limits."""
    ratio, planning = ours["rate"] / bare["rate"], ours["planning"] / bare["planning"]
    for name, each in (("bare loop", bare), ("sending  ", ours)):
        print(
            f"  {database}: {name} {each['rate']:,.0f} recipients/s, {each['megabytes']:.0f} MB, "
            f"planned in {each['planning']:.2f} s"
        )
    print(f"  {database}: {verdict(ratio >= RATE_AT_LEAST)}: ratio {ratio:.2f}, at least {RATE_AT_LEAST}")
    by_cpu = bare["cpu"] / ours["cpu"]
    print(
        f"  {database}: {verdict(by_cpu >= CPU_AT_LEAST)}: ratio {by_cpu:.2f} by the processor's seconds "
        f"({ours['cpu']:.2f} s beside {bare['cpu']:.2f} s), at least {CPU_AT_LEAST}"
    )
    print(
        f"  {database}: {verdict(planning <= MAX_PLANNING)}: planning {planning:.2f} times, "
        f"at most {MAX_PLANNING}"
    )


def compare_anymail(database: str, anymail: Figures, ours: Figures) -> None:
    """Print how many times faster we are with a database than django-anymail without one."""
    times = ours["rate"] / anymail["rate"]
    print(
        f"  {database}: {verdict(times >= TIMES_ANYMAIL)}: {times:.1f} times django-anymail's "
        f"{anymail['rate']:,.0f} recipients/s, at least {TIMES_ANYMAIL}"
    )


def compare_growth(database: str, few: Figures, many: Figures) -> None:
    """Print how time and memory grow from 100,000 to 1,000,000 people."""
    times, growth = many["seconds"] / few["seconds"], many["megabytes"] / few["megabytes"]
    print(
        f"  {database}: {MANY:,} people {many['rate']:,.0f} recipients/s, {many['megabytes']:.0f} MB, "
        f"planned in {many['planning']:.2f} s"
    )
    print(f"  {database}: {verdict(times <= MAX_TIMES)}: time {times:.1f} times, at most {MAX_TIMES}")
    print(f"  {database}: {verdict(growth <= MAX_GROWTH)}: memory {growth:.2f} times")


def run(what: str, people: int, database: str, *, port: str, folder: str) -> Figures:
    """Run one measurement in a separate process."""
    with ExitStack() as stack:
        environment = {
            **os.environ,
            "NEWSLETTER_HOME": tempfile.mkdtemp(dir=folder),
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "NEWSLETTER_SENDGRID_HOST": f"http://127.0.0.1:{port}",
            "SENDGRID_API_KEY": "SG.benchmark",
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        }
        environment.pop("DATABASE_URL", None)
        programs = server_programs()
        if database == "PostgreSQL" and programs:
            environment["DATABASE_URL"] = stack.enter_context(running(programs))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.sending", "measure", what, str(people), port],
            env=environment, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(what: str, people: int, port: int) -> Figures:
    """Plan and send in this process, with the bare loop or with ours.

    `seconds` and `rate` are by the clock; `cpu` is the processor's seconds for sending, of this process and of the
    database's server, which other work on the machine changes less.
    """
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    issue = an_issue(people)
    planning, sending = WAYS[what](issue, people, port)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "rate": people / sending.seconds, "seconds": sending.seconds, "cpu": sending.cpu,
        "planning": planning, "megabytes": used,
    }  # fmt: skip


def an_issue(people: int) -> Any:
    """Create an issue of ten articles, and a number of people on its list."""
    from django.db import connection
    from django.utils import timezone

    from newsletter.articles.models import Article, Source
    from newsletter.issues.models import Issue, Item, Publication
    from subscribers.models import List

    now = timezone.now()
    publication = Publication.objects.create(
        slug="harbour", name="The Harbour Letter", organisation="Harbour", website="https://harbour.example.org",
        mailing_list=List.objects.create(slug="readers", name="Readers"), sender_name="Harbour",
        sender_address="news@harbour.example.org", postal_address="1 Quay Street, Newtown",
    )  # fmt: skip
    issue = Issue.objects.create(publication=publication, number=1, subject="Tides", composed_at=now)
    source = Source.objects.create(name="site", location="https://harbour.example.org/feed")
    for number in range(10):
        url = f"https://harbour.example.org/{number}"
        standfirst = "How the moon moves the sea, and what that means for those who live by it. " * 4
        article = Article.objects.create(
            source=source, url=url, identity=url, title=f"Tides {number}", standfirst=standfirst, found_at=now
        )
        Item.objects.create(issue=issue, article=article, position=number)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_SQL, [people, moment])
        cursor.execute(SUBSCRIPTIONS_SQL, [publication.mailing_list_id, moment])
        cursor.execute("ANALYZE")
    return issue


PEOPLE_SQL = """
INSERT INTO subscribers_subscriber (address, address_key, first_name, last_name, locale, zone, attributes,
  own_fields, created_at, link_nonce)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
SELECT 'reader.' || n || '@example' || (n %% 500) || '.org', 'reader.' || n || '@example' || (n %% 500) || '.org',
       'Name', 'Family' || (n %% 4999), '', '', '{}', '', %s, n
FROM numbers
"""
SUBSCRIPTIONS_SQL = """
INSERT INTO subscribers_subscription (subscriber_id, list_id, state, source, joined_at, confirmations_sent, link_nonce)
SELECT id, %s, 'active', 'import', %s, 0, id FROM subscribers_subscriber
"""


def send(issue: Any, _people: int, _port: int) -> tuple[float, Spent]:
    """Plan and send with this software; return the seconds of each."""
    from newsletter.issues.page_urls import read_online_url
    from newsletter.rendering.render_email import render_email
    from newsletter.scheduling.approval import approve
    from newsletter.sending.engines.local import LocalEngine
    from newsletter.sending.plan import find_mailing
    from newsletter.sending.recipient_counts import count_recipients
    from newsletter.sending.send_now import send_now
    from newsletter.sending.transports import transport_named

    # Once beforehand, as in the bare loop: imports are not part of planning or sending.
    render_email(issue)
    transport_named("sendgrid")
    read_online_url(issue.publication, issue.number, "")
    started = time.perf_counter()
    approve(issue)
    send_now(issue, without_undo=True)
    mailing = find_mailing(issue)
    assert mailing is not None
    planned = time.perf_counter()
    with spending() as spent:
        LocalEngine(mailing.pk).run()
    mailing.refresh_from_db()
    assert count_recipients(mailing).accepted == mailing.audience
    return planned - started, spent


def send_by_anymail(issue: Any, people: int, port: int) -> tuple[float, Spent]:
    """Send with django-anymail; return 0 seconds of planning and the seconds of sending."""
    from newsletter.rendering.render_email import render_email

    rows = ((n, n, n, f"reader.{n}@example{n % 500}.org", "Name", f"Family{n % 4999}") for n in range(people))
    personalizations = list(map(bare_personalization, rows))
    with spending() as spent:
        anymail.anymail_loop(render_email(issue), personalizations, port, batch=BATCH)
    return 0.0, spent


WAYS = {"bare": bare_loop, "ours": send, "anymail": send_by_anymail}

if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
        sys.exit(exit_code())
