"""Clocks that can be killed: `python -m tests.journeys.clocks draft` reads lines of JSON, [how many, what time it is].

For each line it forks so many processes, which draft (or with `release`: release, plan and send) what is due then, and
writes their numbers; once all have ended it writes how much they left behind unfinished: dates, or batches.
"""

import json
import os
import sys
from datetime import datetime

import django
import time_machine


def main():
    django.setup()
    from django.db import connections

    tick, unfinished = {"draft": drafting, "release": releasing}[sys.argv[1]]()
    connections.close_all()
    for line in sys.stdin:
        count, moment = json.loads(line)
        children = []
        for _ in range(count):
            child = os.fork()
            if child == 0:
                with time_machine.travel(datetime.fromisoformat(moment)):
                    tick()
                os._exit(0)
            children.append(child)
        print(json.dumps(children), flush=True)
        # A number stays taken until it was waited for, so that a late signal reaches nobody else.
        for child in children:
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        print(unfinished(), flush=True)
        # The next are forked from a process without a connection.
        connections.close_all()
        for child in children:
            os.waitpid(child, 0)


def drafting():
    from newsletter.scheduling.drafting import draft_next_occurrence
    from newsletter.scheduling.models import Occurrence

    def tick():
        while draft_next_occurrence():
            pass

    return tick, Occurrence.objects.filter(state=Occurrence.State.DRAFTING).count


def releasing():
    from newsletter.scheduling.release import release_next_issue
    from newsletter.sending.audience import plan_next_mailing
    from newsletter.sending.batches import send_next_batch
    from newsletter.sending.models import Batch
    from newsletter.sending.settle import recover, settle_by_evidence

    def tick():
        recover()
        settle_by_evidence()
        while sum(bool(chore()) for chore in (release_next_issue, plan_next_mailing, send_next_batch)):
            pass

    return tick, Batch.objects.filter(state=Batch.State.POSTING).count


if __name__ == "__main__":
    main()
