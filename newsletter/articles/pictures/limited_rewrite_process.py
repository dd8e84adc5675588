"""Runs rewrite_picture.py in a process of its own, whose memory and time are limited: the bytes come from strangers.

A picture that needs more, or that crashes a decoder, ends that process and nothing else. The process gets no settings,
no keys and no network address; it reads a picture from its input and writes the versions to its output.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO

from newsletter.articles.pictures.picture_versions import Rewritten, UnsuitableError, Version
from newsletter.steady_clock import steady_seconds

PROGRAM = "newsletter.articles.pictures.limited_rewrite_process"
LARGEST_MEMORY = 1_500_000_000
# Of computing, so that a busy machine refuses nothing that an idle one would read.
CPU_SECONDS = 10
LONGEST_SECONDS = 60.0
# Each may take as much memory as a large picture needs.
AT_ONCE = BoundedSemaphore(2)
TOO_MUCH = "It takes too much memory or time to decode."


class OutOfTimeError(Exception):
    """There was not enough time left to begin, or to finish."""


def rewrite_apart(
    data: bytes,
    places: Collection[str],
    *,
    seconds: float = LONGEST_SECONDS,
    memory: int = LARGEST_MEMORY,
) -> Rewritten:
    """Return what `rewrite` returns, from a process of its own. Raises UnsuitableError, and OutOfTimeError.

    A picture that takes more than ten seconds of processor time is unsuitable; out of time is what did not end within
    `seconds`, even if only the machine was busy.
    """
    ends = steady_seconds() + seconds
    if seconds <= 0 or not AT_ONCE.acquire(timeout=seconds):
        raise OutOfTimeError
    left = max(ends - steady_seconds(), 0.0)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", "-m", PROGRAM, str(memory), *sorted(places)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=left,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise OutOfTimeError from error
    finally:
        AT_ONCE.release()
    return _read(done.stdout)


def _environment() -> dict[str, str]:
    folder = Path(__file__).parents[3]
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(folder)}


def _read(output: bytes) -> Rewritten:
    head, _, rest = output.partition(b"\n")
    try:
        found = json.loads(head)
    except ValueError:
        raise UnsuitableError(TOO_MUCH) from None
    if "unsuitable" in found:
        raise UnsuitableError(found["unsuitable"])
    versions = []
    for place, ending, width, height, size in found["versions"]:
        versions.append(Version(place, ending, width, height, rest[:size]))
        rest = rest[size:]
    return Rewritten(found["width"], found["height"], tuple(versions))


def _write(made: Rewritten, output: BinaryIO) -> None:
    versions = [
        (each.place, each.ending, each.width, each.height, len(each.content)) for each in made.versions
    ]
    head = {"width": made.width, "height": made.height, "versions": versions}
    output.write(b"\n".join([json.dumps(head).encode(), b"".join(each.content for each in made.versions)]))


def _main(memory: int, places: Collection[str]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    # Only this process needs Pillow, which takes long to import.
    from newsletter.articles.pictures.rewrite_picture import rewrite

    try:
        made = rewrite(data, places)
    except UnsuitableError as error:
        sys.stdout.buffer.write(json.dumps({"unsuitable": str(error)}).encode() + b"\n")
    except MemoryError:
        sys.stdout.buffer.write(json.dumps({"unsuitable": TOO_MUCH}).encode() + b"\n")
    else:
        _write(made, sys.stdout.buffer)


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
