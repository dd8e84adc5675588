"""Divide the people of an import into pieces of a bounded time, so that no click waits for the whole import."""

import time
from collections.abc import Callable, Iterator

from subscribers.short_transactions import Gaps

FIRST_PIECE = 2_000
FEWEST, MOST = 1_000, 20_000
# In seconds: how long a piece should take.
PIECE_TAKES = 0.4


def in_pieces(people: int, merge: Callable[[int, int], object], *, after: int = 0) -> None:
    """Call `merge(after, last)` for the people with the numbers after `after` up to `last`, until all are merged."""
    gaps = Gaps()
    for done, last in pieces(people, after=after):
        merge(done, last)
        gaps.leave()


def pieces(people: int, *, after: int = 0) -> Iterator[tuple[int, int]]:
    """Divide this many people, those after a number. The size of each piece depends on the time of the last one."""
    done, size = after, FIRST_PIECE
    while done < people:
        last = min(done + size, people)
        began = time.monotonic()
        yield done, last
        took = max(time.monotonic() - began, 0.001)
        wanted = int((last - done) * PIECE_TAKES / took)
        size = min(max(wanted, size // 2, FEWEST), size * 2, MOST)
        done = last
