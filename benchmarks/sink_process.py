"""A server that takes emails, in a process of its own, so that its work is not measured."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sink(module: str, *arguments: str) -> Iterator[str]:
    """Start a sink in a separate process and yield its port."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
