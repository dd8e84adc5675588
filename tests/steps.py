"""Counts the steps of a process, and lets a signal meet it at one of them: a kill is placed by an event, not by time.

A step is a statement in the database, a file that is moved to its place, or a connection to a server. On a machine of
any speed a piece of work takes about the same steps.
"""

import itertools
import os
import signal
import sys
from functools import partial

AUDITED = {"os.rename", "os.link", "socket.connect"}


class Steps:
    """Counts from now on, in every thread; at step number `last` the process sends itself `signal_number`."""

    def __init__(self, last=None, signal_number=signal.SIGKILL):
        self.last, self.signal_number = last, signal_number
        self._numbers = itertools.count(1)
        self.taken = 0

    def step(self):
        self.taken = next(self._numbers)
        if self.taken == self.last:
            os.kill(os.getpid(), self.signal_number)


def count_steps(last=None, signal_number=signal.SIGKILL):
    """Begin to count in this process, which must have no database connection yet; there is no end to it."""
    from django.db.backends.signals import connection_created

    steps = Steps(last, signal_number)
    sys.addaudithook(lambda event, _arguments: steps.step() if event in AUDITED else None)
    connection_created.connect(partial(_count_statements, steps), weak=False)
    return steps


def _count_statements(steps, connection, **_more):
    if connection.vendor == "sqlite":
        # Sees each row of a statement with many rows, and statements that go around Django.
        connection.connection.set_trace_callback(lambda _statement: steps.step())
        return

    def counted(execute, sql, params, many, context):
        steps.step()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(counted)
