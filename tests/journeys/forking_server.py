"""A process that starts command lines as processes of their own, at once: they are forked from one that is set up.

Reads one JSON object a line: `words` of a command, the file that `output` goes to, and at which step (tests/steps.py)
which signal meets it. Writes the number of each process, and once it ended [its exit code, its steps].
"""

import json
import os
import sys
import tempfile
from contextlib import redirect_stdout

import django

from tests.steps import count_steps


def main():
    django.setup()
    from django.db import connections

    from newsletter.cli.commands import run

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        # Imports what sending needs, which no process then waits for.
        run(["issues", "preview", "1", "--out", folder])
    connections.close_all()
    child = 0
    for line in sys.stdin:
        order = json.loads(line)
        if child:
            os.waitpid(child, 0)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            handle = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(handle, standard)
            steps = count_steps(order["last_step"], order["signal"])
            code = run(order["words"])
            sys.stdout.flush()
            os.write(writing, str(steps.taken).encode())
            os._exit(code)
        os.close(writing)
        print(child, flush=True)
        # The number stays taken until the next line, so that a late signal reaches nobody else.
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        # The processes of a killed one may still hold the pipe, so nothing waits for its end.
        os.set_blocking(reading, False)
        print(json.dumps([code, _number_in(reading)]), flush=True)
        os.close(reading)


def _number_in(pipe):
    try:
        return int(os.read(pipe, 20) or 0)
    except BlockingIOError:
        return 0


if __name__ == "__main__":
    main()
