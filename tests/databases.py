"""Runs pytest on SQLite and beside it on PostgreSQL, and prints each line of both as it comes, with its database.

python -m tests.databases [options of pytest]; COVERAGE=1 says afterwards what neither ran, and takes half as long
again.
"""

import os
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


def main(options):
    """Exit code 0 when both passed; Ctrl-C ends both, which say how far they came."""
    if os.environ.get("COVERAGE"):
        os.environ["COVERAGE_FILE"] = str(ROOT / ".coverage")
        coverage("erase")
    writing = Lock()
    running = {name: start([*command, *options]) for name, command in RUNS.items()}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the two have it as well, and are waited for
    signal.signal(signal.SIGTERM, lambda *_: [process.terminate() for process in running.values()])
    printing = [Thread(target=pass_on, args=(name, running[name], writing)) for name in running]
    for thread in printing:
        thread.start()
    for thread in printing:
        thread.join()
    codes = {name: process.wait() for name, process in running.items()}
    if os.environ.get("COVERAGE"):
        coverage("combine", "--quiet")
        coverage("report")
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


def pass_on(name, process, writing):
    for line in process.stdout:
        with writing:
            print(f"{name:>10} | {line.rstrip()}", flush=True)


def coverage(*words):
    subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
