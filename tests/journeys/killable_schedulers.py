"""Clocks that can be killed: `python -m tests.journeys.killable_schedulers draft` reads lines of JSON,
[last steps, what time it is].

For each line it forks a process for each last step (tests/steps.py; null: it lives), which draft (or with `release`:
release, plan and send) what is due then. Once all have ended it writes how much they left unfinished (dates, or
batches), and how many steps the busiest took that lived.
"""

import json
import os
import sys
from datetime import datetime

import django
import time_machine

from tests.steps import count_steps


def main():
    django.setup()
    from django.db import connections

    # What takes long to import is imported once, not in each forked process.
    import newsletter.rendering.inline_css  # noqa: F401

    tick, unfinished = {"draft": drafting, "release": releasing}[sys.argv[1]]()
    connections.close_all()
    for line in sys.stdin:
        last_steps, moment = json.loads(line)
        reading, writing = os.pipe()
        children = []
        for last in last_steps:
            child = os.fork()
            if child == 0:
                steps = count_steps(last)
                with time_machine.travel(datetime.fromisoformat(moment)):
                    tick()
                os.write(writing, f"{steps.taken}\n".encode())
                os._exit(0)
            children.append(child)
        os.close(writing)
        for child in children:
            os.waitpid(child, 0)
        with os.fdopen(reading) as pipe:
            taken = max(map(int, pipe), default=0)
        print(json.dumps([unfinished(), taken]), flush=True)
        # The next are forked from a process without a connection.
        connections.close_all()


def drafting():
    from newsletter.scheduling.draft_occurrences import draft_next_occurrence
    from newsletter.scheduling.models import Occurrence

    def tick():
        while draft_next_occurrence():
            pass

    return tick, Occurrence.objects.filter(state=Occurrence.State.DRAFTING).count


def releasing():
    from newsletter.scheduling.release import release_next_issue
    from newsletter.sending.batches import send_next_batch
    from newsletter.sending.models import Batch
    from newsletter.sending.plan import plan_next_mailing
    from newsletter.sending.reconcile_unknown_recipients import reconcile_mailings
    from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches

    def tick():
        recover_abandoned_batches()
        reconcile_mailings()
        while sum(bool(task()) for task in (release_next_issue, plan_next_mailing, send_next_batch)):
            pass

    return tick, Batch.objects.filter(state=Batch.State.POSTING).count


if __name__ == "__main__":
    main()
