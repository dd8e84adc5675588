"""A process that starts command lines as processes of their own, at once: they are forked from one that is set up.

Reads one JSON list a line, the words of a command; writes the number of each process. What a command prints goes to
the file named by the first word.
"""

import json
import os
import sys
import tempfile
from contextlib import redirect_stdout

import django


def main():
    django.setup()
    from django.db import connections

    from newsletter.cli.commands import run

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        # Imports what sending needs, which no process then waits for.
        run(["issues", "export", "1", "--out", folder])
    connections.close_all()
    child = 0
    for line in sys.stdin:
        output, *words = json.loads(line)
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(handle, standard)
            code = run(words)
            sys.stdout.flush()
            os._exit(code)
        print(child, flush=True)
        # The number stays taken until the next line, so that a late signal reaches nobody else.
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        exited = ended.si_code == os.CLD_EXITED
        print(ended.si_status if exited else -ended.si_status, flush=True)


if __name__ == "__main__":
    main()
