"""The command line. Each command parses its arguments, calls one function of a stage and presents the result.

Exit codes: 0 for success, 1 for failure, 2 for wrong use.
"""

import gc
import os
import sys
from io import TextIOWrapper

STOPPED_BY_CTRL_C = 130


def main() -> None:
    """Run the console script `newsletter`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    _write_utf8()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(STOPPED_BY_CTRL_C)


def _write_utf8() -> None:
    """Write UTF-8 to pipes whatever the locale, and question marks for characters that a terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _run() -> int:
    from newsletter.cli.overview import needs_no_command, overview

    arguments = sys.argv[1:]
    # Imports make many objects and hardly any garbage.
    gc.disable()
    if needs_no_command(arguments):
        # This needs no installation and is fast.
        overview()(args=arguments, prog_name="newsletter")
    from newsletter.errors import Invalid

    try:
        # Commands import models, which Django allows only after its setup.
        import django

        django.setup()
    except Invalid as error:
        print(f"newsletter: {error}", file=sys.stderr)
        return 2
    from newsletter.cli.commands import run

    gc.freeze()
    gc.enable()
    return run(arguments)
