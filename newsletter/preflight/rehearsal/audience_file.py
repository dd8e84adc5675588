"""The numbers of the people whom a rehearsal reaches, in a temporary file, so that a million take no memory.

The audience is asked for once: a segment can take seconds, and would take them again for each page of people.
"""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from django.db.models import Exists, OuterRef, QuerySet

from newsletter.rendering.email_set import EmailVariant
from newsletter.sending.audience import chosen_people
from subscribers.models import List, Subscription

READ_AT_ONCE = 10_000
_NUMBER = "q"
_BYTES = array(_NUMBER).itemsize


@contextmanager
def numbers_of(readers: QuerySet[Subscription], after: int) -> Iterator[IO[bytes]]:
    """Yield a file with the numbers of the subscribers among these readers beyond a number, in order."""
    found = readers.filter(subscriber__gt=after).order_by("subscriber").values_list("subscriber", flat=True)
    with TemporaryFile() as file:
        piece = array(_NUMBER)
        for number in found.iterator(chunk_size=READ_AT_ONCE):
            piece.append(number)
            if len(piece) == READ_AT_ONCE:
                piece.tofile(file)
                piece = array(_NUMBER)
        piece.tofile(file)
        file.seek(0)
        yield file


def pages(file: IO[bytes], size: int) -> Iterator[Sequence[int]]:
    """Yield the numbers in a file, this many at a time."""
    while read := file.read(size * _BYTES):
        page = array(_NUMBER)
        page.frombytes(read)
        yield page


def readers_of(
    variants: Sequence[EmailVariant], number: int, audience: QuerySet[Subscription], mailing_list: List
) -> QuerySet[Subscription]:
    """Return those of an audience who get a variant: whom it chooses, without those whom an earlier one chooses."""
    *earlier, variant = variants[: number + 1]
    for each in earlier:
        theirs = chosen_people(each.readers, mailing_list).filter(pk=OuterRef("pk"))
        audience = audience.filter(~Exists(theirs))
    if not variant.readers:
        return audience
    theirs = chosen_people(variant.readers, mailing_list).filter(pk=OuterRef("pk"))
    return audience.filter(Exists(theirs))
