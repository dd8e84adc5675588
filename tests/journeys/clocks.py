"""Clocks that can be killed: `python -m tests.journeys.clocks` reads lines of JSON, [how many clocks, what time it is].

For each line it forks so many processes, which draft what is due then, and writes their numbers; once all have ended
it writes how many dates they left behind unfinished.
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

    from newsletter.scheduling.drafting import draft_next_occurrence
    from newsletter.scheduling.models import Occurrence

    connections.close_all()
    for line in sys.stdin:
        count, moment = json.loads(line)
        children = []
        for _ in range(count):
            child = os.fork()
            if child == 0:
                with time_machine.travel(datetime.fromisoformat(moment)):
                    while draft_next_occurrence():
                        pass
                os._exit(0)
            children.append(child)
        print(json.dumps(children), flush=True)
        # A number stays taken until it was waited for, so that a late signal reaches nobody else.
        for child in children:
            os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        print(Occurrence.objects.filter(state=Occurrence.State.DRAFTING).count(), flush=True)
        # The next are forked from a process without a connection.
        connections.close_all()
        for child in children:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
