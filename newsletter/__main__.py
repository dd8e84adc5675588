"""Make `python -m newsletter` run the console script `newsletter`."""

from newsletter.cli import main

main()
