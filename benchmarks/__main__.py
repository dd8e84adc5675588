"""`make bench`: run every benchmark, or those named on the command line, each in a separate process."""

import os
import subprocess
import sys
from importlib import import_module

from benchmarks.verdicts import exit_code

BENCHMARKS: tuple[str, ...] = (
    "fetching",
    "importing",
    "rendering",
    "pictures",
    "webhook",
    "sending",
    "smtp",
    "rehearsal",
    "lightness",
    "desk",
)
ALONE = "--in-this-process"


def main() -> int:
    """Run the benchmarks in order; each prints its figures and its ratio. Returns 1 if a figure misses its limit."""
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(
            f"We could not find a benchmark called {', '.join(unknown)}. Choose from {', '.join(BENCHMARKS)}."
        )
        return 2
    failed = [name for name in names if _run_apart(name) != 0]
    for name in failed:
        print(
            f"benchmarks: {name} FAILED: a figure above misses its limit, or an error stopped the benchmark."
        )
    return int(bool(failed))


def _run_apart(name: str) -> int:
    """Run one benchmark in a separate process, with settings and a database that no other benchmark uses."""
    command = [sys.executable, "-m", "benchmarks", ALONE, name]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsletter.settings"}
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == [ALONE]:
        import_module(f"benchmarks.{sys.argv[2]}").main()
        sys.exit(exit_code())
    sys.exit(main())
