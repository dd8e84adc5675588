"""How much one run of the tests tries: the ordinary amount, a seeded share of the rest as well, or everything.

- NEWSLETTER_TESTS_FULL=1 runs every test and parameter marked `full`, and ten times the examples of each property.
- NEWSLETTER_TESTS_FULL=0.1 runs about a tenth of those marked `full`, chosen by NEWSLETTER_TESTS_SEED, which is drawn
  and printed where it is not set. Of a test with tens of thousands of cases it tries a tenth.
- NEWSLETTER_TESTS_EXAMPLES=20000 tries so many examples of each property.
- NEWSLETTER_TESTS_MAY_NOT_SKIP=1, for continuous integration: the same examples each time, and a skip is a failure.
"""

import os
import random
import secrets
from itertools import count

import hypothesis
import pytest

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
SHARE = float(os.environ.get("NEWSLETTER_TESTS_FULL") or 0)
EXAMPLES = int(os.environ.get("NEWSLETTER_TESTS_EXAMPLES") or 0)
MAY_NOT_SKIP = bool(os.environ.get("NEWSLETTER_TESTS_MAY_NOT_SKIP"))
# The processes that pytest-xdist starts inherit it and choose the same tests.
SEED = os.environ.setdefault("NEWSLETTER_TESTS_SEED", str(secrets.randbelow(1_000_000)))


def examples(ordinary):
    """How many examples of a property to try, where the ordinary run tries so many; on PostgreSQL a third of them."""
    if EXAMPLES or SHARE >= 1:
        return EXAMPLES or ordinary * 10
    return ordinary // 3 + 1 if ON_POSTGRESQL else ordinary


def every(step):
    """The numbers from 0 on, for ever: all in a full run, else each `step`-th from one that the seed draws."""
    if SHARE >= 1:
        return count()
    return count(random.Random(SEED).randrange(step), step)


def rounds(how_many):
    """The numbers from 1 as values of a parameter: the first always runs, the others are marked `full`."""
    return [1, *(pytest.param(number, marks=pytest.mark.full) for number in range(2, how_many + 1))]


def share_of(how_many):
    """The number of cases that a test marked `full` tries: all in a full run, and their share where a share runs."""
    return max(1, round(how_many * SHARE)) if 0 < SHARE < 1 else how_many


def is_chosen(nodeid, share=SHARE, seed=SEED):
    """Whether a test marked `full` belongs to the share that runs."""
    return random.Random(f"{seed} {nodeid}").random() < share


def load_profile():
    """Set how many examples hypothesis tries, and whether they are the same each time.

    No example has a time limit, because a busy machine is not a defect.
    """
    hypothesis.settings.register_profile(
        "newsletter",
        derandomize=MAY_NOT_SKIP,
        max_examples=examples(100),
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("newsletter")
