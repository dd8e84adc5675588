"""Runs pytest on SQLite and beside it on PostgreSQL, and prints each line of both as it comes, with its database.

At the end it names again what failed, because a log of which only the end is kept has lost what ended earlier.

python -m tests.databases [options of pytest]; COVERAGE=1 says afterwards what neither ran, and takes half as long
again.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock, Thread

ROOT = Path(__file__).resolve().parents[1]
# Coverage counts in one process.
PYTEST = (
    ["-m", "coverage", "run", "-m", "pytest"]
    if os.environ.get("COVERAGE")
    else ["-m", "pytest", "-n", "2", "--dist", "worksteal"]
)
RUNS = {
    "SQLite": [sys.executable, *PYTEST],
    "PostgreSQL": [sys.executable, "-m", "tests.postgres", sys.executable, *PYTEST],
}
# What pytest's summary says of a test, or pytest of its options; a line of a captured log has more spaces.
IS_FAILURE = re.compile(r"(FAILED|ERROR)(?!  )")


def main(options, runs=RUNS):
    """Exit code 0 when both passed; Ctrl-C ends both, which say how far they came."""
    if os.environ.get("COVERAGE"):
        os.environ["COVERAGE_FILE"] = str(ROOT / ".coverage")
        coverage("erase")
    writing = Lock()
    running = {name: start([*command, *options]) for name, command in runs.items()}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the two have it as well, and are waited for
    signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in running.values()])
    failures = {name: [] for name in running}
    printing = [
        Thread(target=pass_on, args=(name, running[name], writing, failures[name])) for name in running
    ]
    for thread in printing:
        thread.start()
    for thread in printing:
        thread.join()
    codes = {name: process.wait() for name, process in running.items()}
    if os.environ.get("COVERAGE"):
        coverage("combine", "--quiet")
        coverage("report")
    for name, lines in failures.items():
        for line in lines:
            print(f"{name:>10} | {line}", flush=True)
    for name, code in codes.items():
        print(f"On {name}: {'passed' if code == 0 else f'FAILED (exit code {code})'}", flush=True)
    return int(any(codes.values()))


def start(command):
    # Without compiled files, each of some hundred processes compiles all of our modules again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def pass_on(name, process, writing, failures):
    """Print what a run prints, line by line, and keep the lines that name a failure."""
    for line in map(str.rstrip, process.stdout):
        if IS_FAILURE.match(line):
            failures.append(line)
        with writing:
            print(f"{name:>10} | {line}", flush=True)


def coverage(*words):
    subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
