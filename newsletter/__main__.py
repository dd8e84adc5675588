"""`python -m newsletter` is the console script `newsletter`."""

from newsletter.cli import main

main()
