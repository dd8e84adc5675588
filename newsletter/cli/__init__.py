"""The command line: parses, calls one function of a stage, presents.

Exit codes: 0 done, 1 could not, 2 wrong use.
"""

import os
import sys
from io import TextIOWrapper

STOPPED_BY_CTRL_C = 130


def main() -> None:
    """Run the console script `newsletter`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    _show_every_letter()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(STOPPED_BY_CTRL_C)


def _show_every_letter() -> None:
    """Whatever the locale, pipes get UTF-8, and a terminal shows what it lacks as question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _run() -> int:
    from newsletter.cli.overview import needs_no_command, overview

    arguments = sys.argv[1:]
    if needs_no_command(arguments):
        # It needs no installation, and is there at once.
        overview()(args=arguments, prog_name="newsletter")
    from newsletter.errors import Invalid

    try:
        # Commands import models, which Django allows only once it is set up.
        import django

        django.setup()
    except Invalid as error:
        print(f"newsletter: {error}", file=sys.stderr)
        return 2
    from newsletter.cli.commands import run

    return run(arguments)
