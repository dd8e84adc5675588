"""The command line: parses, calls one function of a stage, presents.

Exit codes: 0 done, 1 could not, 2 wrong use.
"""

import os
import sys

STOPPED_BY_CTRL_C = 130


def main() -> None:
    """Run the console script `newsletter`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(STOPPED_BY_CTRL_C)


def _run() -> int:
    from newsletter.errors import Invalid

    try:
        # Commands import models, which Django allows only once it is set up.
        import django

        django.setup()
    except Invalid as error:
        print(f"newsletter: {error}", file=sys.stderr)
        return 2
    from newsletter.cli.commands import run

    return run(sys.argv[1:])
