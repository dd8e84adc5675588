"""Measures a rehearsal against sending in the same process: both build every email, and only one sends it.

`python -m benchmarks rehearsal` compares them for each transport, on SQLite and PostgreSQL. `python -m
benchmarks.rehearsal --million` also rehearses for 1,000,000 people, and compares the memory.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from importlib import import_module

from benchmarks import sending
from benchmarks.cpu_seconds import spending
from benchmarks.sink_process import sink
from benchmarks.verdicts import exit_code, verdict
from tests.postgres import running, server_programs

Figures = dict[str, float]
PEOPLE = {"sendgrid": 50_000, "smtp": 2_000, "maildir": 2_000}
FEW, MANY = 100_000, 1_000_000
ROUNDS = 3
RATE_AT_LEAST, MAX_GROWTH = 0.8, 1.2


def main(arguments: list[str] | None = None) -> None:
    """Print the emails per second of both, and the ratio: the best of some rounds each.

    A rehearsal has one thread, and sending several, so on a busy machine only the processor's seconds can be compared.
    """
    million = "--million" in (sys.argv[1:] if arguments is None else arguments)
    databases = ("SQLite", "PostgreSQL") if server_programs() else ("SQLite",)
    with tempfile.TemporaryDirectory(prefix="newsletter-rehearsal-") as folder:
        for transport, people in PEOPLE.items():
            print(f"Rehearsing and sending {people:,} emails by {transport}, the best of {ROUNDS} rounds")
            for database in databases:
                compare(transport, database, folder)
        if million:
            for database in databases:
                compare_memory(database, folder)


def compare(transport: str, database: str, folder: str) -> None:
    """Print how fast one transport builds emails for a rehearsal and for sending."""
    rounds = [run(transport, PEOPLE[transport], database, folder) for _ in range(ROUNDS)]
    for by in ("", " by the processor"):
        sent, rehearsed = (max(each[name + by] for each in rounds) for name in ("sent", "rehearsed"))
        ratio = rehearsed / sent
        print(f"  {database}: sending {sent:,.0f}/s, rehearsal {rehearsed:,.0f}/s{by}")
        print(f"  {database}: {verdict(ratio >= RATE_AT_LEAST)}: ratio {ratio:.2f}, at least {RATE_AT_LEAST}")


def compare_memory(database: str, folder: str) -> None:
    """Print how the memory grows from 100,000 to 1,000,000 people."""
    few, many = (run("sendgrid", people, database, folder, only="rehearsed") for people in (FEW, MANY))
    growth = many["megabytes"] / few["megabytes"]
    print(
        f"  {database}: {MANY:,} people {many['rehearsed']:,.0f}/s, {many['megabytes']:.0f} MB beside "
        f"{few['megabytes']:.0f} MB for {FEW:,}"
    )
    print(f"  {database}: {verdict(growth <= MAX_GROWTH)}: memory {growth:.2f} times, at most {MAX_GROWTH}")


def run(transport: str, people: int, database: str, folder: str, *, only: str = "") -> Figures:
    """Run one round in a separate process."""
    with ExitStack() as stack:
        environment = {
            **os.environ,
            "NEWSLETTER_HOME": tempfile.mkdtemp(dir=folder),
            "NEWSLETTER_TRANSPORT": transport,
            "SENDGRID_API_KEY": "SG.benchmark",
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        }
        if transport == "sendgrid":
            environment["NEWSLETTER_SENDGRID_HOST"] = (
                f"http://127.0.0.1:{stack.enter_context(sink('benchmarks.sink'))}"
            )
        if transport == "smtp":
            environment |= {
                "NEWSLETTER_SMTP_HOST": "localhost",
                "NEWSLETTER_SMTP_PORT": stack.enter_context(sink("benchmarks.smtp_sink", "")),
                "NEWSLETTER_SMTP_SECURITY": "none",
            }
        environment.pop("DATABASE_URL", None)
        programs = server_programs()
        if database == "PostgreSQL" and programs:
            environment["DATABASE_URL"] = stack.enter_context(running(programs))
        command = [sys.executable, "-m", "benchmarks.rehearsal", "measure", str(people), only]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(people: int, only: str) -> Figures:
    """Rehearse and send in this process, and return the emails per second of each."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    issue = sending.an_issue(people)
    from newsletter.background_jobs.run_jobs import run_next_job
    from newsletter.preflight.rehearsal.ask_for_rehearsal import JOB, ask_for_rehearsal
    from newsletter.preflight.rehearsal.rehearse_emails import rehearse
    from newsletter.preflight.rehearsal_models import Rehearsal
    from newsletter.scheduling.approval import approve
    from newsletter.sending.engines.local import LocalEngine
    from newsletter.sending.plan import find_mailing
    from newsletter.sending.recipient_counts import count_recipients
    from newsletter.sending.send_now import send_now
    from newsletter.sending.transports import transport_named
    from newsletter.sending_settings.current import sending_settings

    # Import first, because imports are part of neither.
    import_module("newsletter.urls")
    transport_named(sending_settings().transport)
    approve(issue)
    ask_for_rehearsal(issue)
    with spending() as spent:
        assert run_next_job({JOB: rehearse})
    found = {"rehearsed": people / spent.seconds, "rehearsed by the processor": people / spent.cpu}
    assert Rehearsal.objects.get().built == people
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if only:
        return found
    send_now(issue, without_undo=True)
    mailing = find_mailing(issue)
    assert mailing is not None
    with spending() as spent:
        LocalEngine(mailing.pk).run()
    found |= {"sent": people / spent.seconds, "sent by the processor": people / spent.cpu}
    assert count_recipients(mailing).accepted == people
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(int(sys.argv[2]), sys.argv[3])))
    else:
        main()
        sys.exit(exit_code())
