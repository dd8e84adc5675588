"""Run read_workbook.py in a process of its own, whose memory and time are limited: workbooks come from anybody.

A workbook that needs more, or that crashes the library, ends that process and nothing else. The process gets no
settings, no keys and no network address. It reads the workbook from its input and writes CSV to its output.
"""

import io
import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore

from subscribers.errors import Invalid
from subscribers.imports.read_workbook import SAVE_AS_CSV, UNREADABLE, SeveralSheets, write_sheet_as_csv

PROGRAM = "subscribers.imports.limited_workbook_process"
LARGEST_MEMORY = 2_000_000_000
# Of computing, so that a busy machine refuses nothing that an idle one would read.
CPU_SECONDS = 60
LONGEST_SECONDS = 300.0
# Each can take as much memory as a large workbook needs.
AT_ONCE = BoundedSemaphore(2)
REFUSED, OUT_OF_MEMORY = 3, 4
TOO_LONG = f"The workbook takes too long to read. {SAVE_AS_CSV}"
TOO_LARGE = (
    "The workbook takes too much memory to read. There may be content in a cell far below or to the right of the "
    "others. Delete all rows and columns that should be empty and save the workbook again, or save the sheet as CSV."
)
# How the process ends. Rust aborts if it gets no memory, and Linux kills what uses too much.
SENTENCES = {
    OUT_OF_MEMORY: TOO_LARGE,
    -signal.SIGABRT: TOO_LARGE,
    -signal.SIGKILL: TOO_LARGE,
    -signal.SIGXCPU: TOO_LONG,
}


def workbook_as_csv(
    data: bytes, sheet: str = "", *, seconds: float = LONGEST_SECONDS, memory: int = LARGEST_MEMORY
) -> io.BytesIO:
    """Return a sheet of a workbook as CSV in UTF-8 with commas. Raises Invalid and SeveralSheets."""
    try:
        with AT_ONCE:
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-P", "-m", PROGRAM, str(memory)],
                input=json.dumps(sheet).encode() + b"\n" + data,
                capture_output=True,
                timeout=seconds,
                check=False,
                env=_environment(),
            )
    except subprocess.TimeoutExpired:
        raise Invalid(TOO_LONG) from None
    if done.returncode == 0:
        return io.BytesIO(done.stdout)
    if done.returncode == REFUSED:
        refusal = json.loads(done.stderr.splitlines()[-1])
        raise SeveralSheets(refusal["sheets"]) if refusal["sheets"] else Invalid(refusal["sentence"])
    # What the library prints when it ends the process is not shown: it can contain what is in the cells.
    raise Invalid(SENTENCES.get(done.returncode, UNREADABLE))


def _environment() -> dict[str, str]:
    folder = Path(__file__).parents[2]
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(folder)}


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # not on macOS
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(OSError):  # only on Linux
        # If the machine itself runs out of memory, it ends this process first.
        Path("/proc/self/oom_score_adj").write_text("1000")


def _main(memory: int) -> None:
    _limit(memory)
    sheet = json.loads(sys.stdin.buffer.readline())
    try:
        write_sheet_as_csv(sys.stdin.buffer.read(), sheet, sys.stdout.buffer)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Invalid as error:
        sheets = error.sheets if isinstance(error, SeveralSheets) else []
        sys.stderr.write(f"\n{json.dumps({'sentence': str(error), 'sheets': sheets})}\n")
        sys.exit(REFUSED)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
