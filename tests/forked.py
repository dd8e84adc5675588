"""Python processes that start fast: each is forked from one process that has imported what ours is built on.

`Popen` and `run` take what those of `subprocess` take, for `[sys.executable, "-c" or "-m", …]`. What they start is a
process like any other, and a child of the one that asked: with its own number, signals, environment, standard streams
and connections. Only the libraries are there already; our own modules, the settings and Django's set-up are read by
each process. It takes a quarter of the time that a new interpreter takes.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
# prctl(2): from now on, a process whose parent ended becomes our child.
PR_SET_CHILD_SUBREAPER = 36
MAX_BYTES = 1_000_000
LIBRARIES = """
altcha apscheduler.executors.pool apscheduler.schedulers.background apscheduler.triggers.cron
apscheduler.triggers.interval babel.dates babel.numbers charset_normalizer concurrent.futures.thread
cryptography.fernet cryptography.hazmat.primitives.asymmetric.ec cryptography.hazmat.primitives.asymmetric.ed25519
dateutil.rrule dateutil.tz dj_database_url dns.resolver email.policy email_validator feedparser html.parser idna
jinja2.sandbox lxml.html lxml_html_clean markdown_it nh3 orjson premailer prometheus_client pydantic_settings
python_http_client rich.console rich.progress rich.table sendgrid sqlite3 time_machine trafilatura typer
typer.rich_utils unittest.mock waitress whitenoise.middleware yaml zoneinfo
django.contrib.admin.options django.contrib.auth.hashers django.contrib.auth.password_validation
django.contrib.messages.storage.fallback django.contrib.sessions.backends.db django.contrib.staticfiles.finders
django.core.handlers.wsgi django.core.mail django.core.management.commands.migrate django.core.servers.basehttp
django.db.backends.sqlite3.base django.db.migrations.executor django.db.models django.forms django.test
django.template.backends.jinja2 django.test.client django.urls django.views.generic
psycopg procrastinate django.db.backends.postgresql.base
"""


class Popen(subprocess.Popen):
    """`subprocess.Popen`, but that the process is forked; a library that is to be preloaded takes a new interpreter."""

    def __init__(self, command, **given):
        self.is_forked = (
            sys.platform == "linux"
            and command[0] == sys.executable
            and command[1] in {"-c", "-m"}
            and "LD_PRELOAD" not in (given.get("env") or os.environ)
        )
        super().__init__(command, **given)

    def _execute_child(
        self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell,
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *more,
    ):  # fmt: skip
        """What `subprocess` calls to start the process, once it has made the pipes."""
        if not self.is_forked:
            super()._execute_child(
                args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell,
                p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *more,
            )  # fmt: skip
            return
        theirs = [own if given == -1 else given for own, given in enumerate((p2cread, c2pwrite, errwrite))]
        self.pid = _stem().fork(list(map(os.fspath, args[1:])), os.fspath(cwd or Path.cwd()), env, theirs)
        self._child_created = True
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)


def run(command, *, input=None, timeout=None, check=False, capture_output=False, **given):  # noqa: A002 - as `subprocess.run` calls it
    """`subprocess.run`, but that the process is forked."""
    if capture_output:
        given |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        given["stdin"] = subprocess.PIPE
    with Popen(command, **given) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(command, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


class Stem:
    """The process that the others are forked from; it ends with the one that started it."""

    def __init__(self):
        self.one_at_a_time = Lock()
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.asking, answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.asking.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MAX_BYTES)
        with answering:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked", str(answering.fileno())],
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[answering.fileno()],
            )

    def fork(self, words, folder, environment, standard):
        """Start a process and return its number; it is a child of this one by then."""
        given = dict(os.environ if environment is None else environment)
        order = json.dumps({"words": words, "folder": folder, "environment": given}).encode()
        with self.one_at_a_time:
            socket.send_fds(self.asking, [order], standard)
            answer = self.asking.recv(100)
        assert answer, f"The process that all others are forked from has ended: {self.process.wait()}"
        return int(answer)

    def close(self):
        self.asking.close()
        self.process.wait()


@cache
def _stem():
    stem = Stem()
    atexit.register(stem.close)
    return stem


def main(descriptor):
    """Fork a process for each order that comes; in the process that was forked, return what was ordered."""
    # Ctrl-C ends this process without a word, and the others as it ends any of Python.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for library in LIBRARIES.split():
        # Not every installation has PostgreSQL's.
        with suppress(ImportError):
            importlib.import_module(library)
    gc.collect()
    gc.freeze()
    asked = socket.socket(fileno=descriptor)
    while True:
        order, standard, _flags, _address = socket.recv_fds(asked, MAX_BYTES, 3)
        if not order:
            return None
        number = _grandchild()
        if not number:
            asked.close()
            return _become(json.loads(order), standard)
        asked.send(str(number).encode())
        for each in standard:
            os.close(each)


def _grandchild():
    """Fork a process whose parent has ended: its number, or 0 in the process itself."""
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        number = os.fork()
        if number:
            os.write(writing, str(number).encode())
            os._exit(0)
    os.close(writing)
    if not between:
        os.close(reading)
        return 0
    os.waitpid(between, 0)
    number = int(os.read(reading, 100))
    os.close(reading)
    return number


def _become(order, standard):
    """Take on the streams, the folder and the environment; return what is left to do."""
    for own, given in enumerate(standard):
        os.dup2(given, own)
    for given in standard:
        if given > 2:
            os.close(given)
    # The old ones cannot be used: they know what they stood for.
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["folder"])
    more = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:1] = [order["folder"], *more]
    return order["words"]


def be(option, what, *words):
    """Do what `python -c` or `python -m` does."""
    sys.argv = [option, *words]
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = own = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), own.__dict__)


if __name__ == "__main__":
    ordered = main(int(sys.argv[1]))
    if ordered:
        be(*ordered)
