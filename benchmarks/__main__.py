"""`make bench`: run every benchmark, or those named on the command line, each in a process of its own."""

import os
import subprocess
import sys
from importlib import import_module

from benchmarks.verdicts import exit_code

BENCHMARKS: tuple[str, ...] = (
    "fetching",
    "importing",
    "rendering",
    "webhook",
    "sending",
    "smtp",
    "lightness",
)
ALONE = "--in-this-process"


def main() -> int:
    """Run the benchmarks in their order; each prints its figures and its ratio. 1 when a figure does not hold."""
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        print(f"There is no benchmark named {', '.join(unknown)}. Choose from {', '.join(BENCHMARKS)}.")
        return 2
    failed = [name for name in names if _run_apart(name) != 0]
    for name in failed:
        print(f"benchmarks: {name} FAILED: a figure above does not hold, or an error stopped it.")
    return int(bool(failed))


def _run_apart(name: str) -> int:
    """One benchmark in a process of its own, with settings and a database that no other has touched."""
    command = [sys.executable, "-m", "benchmarks", ALONE, name]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsletter.settings"}
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == [ALONE]:
        import_module(f"benchmarks.{sys.argv[2]}").main()
        sys.exit(exit_code())
    sys.exit(main())
