"""The command line: parses, calls one function of a stage, presents.

Exit codes: 0 done, 1 could not, 2 wrong use.
"""

import os
import sys


def main() -> None:
    """Run the console script `newsletter`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    from newsletter.errors import Invalid

    try:
        # Commands import models, which Django allows only once it is set up.
        import django

        django.setup()
    except Invalid as error:
        print(f"newsletter: {error}", file=sys.stderr)
        sys.exit(2)
    from newsletter.cli.commands import run

    sys.exit(run(sys.argv[1:]))
