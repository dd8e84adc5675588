"""`make bench`: run every benchmark, or those named on the command line."""

import os
import sys
from importlib import import_module

BENCHMARKS: tuple[str, ...] = ("fetching", "importing", "rendering", "webhook", "sending")


def main() -> None:
    """Run the benchmarks in their order; each prints its figures and its ratio."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    for name in sys.argv[1:] or BENCHMARKS:
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
