"""Prepare the memory of `newsletter serve` before it forks, so that its processes share most of it.

A fork shares each page of memory with its parent until one of them writes to it. Then the page is copied. So this
process writes before it forks what all of them would write, and leaves no gaps into which they would write.
"""

import ctypes
import gc
import sys
from contextlib import suppress
from importlib import import_module

from django.apps import apps
from django.urls import reverse

USED_WHILE_IDLE = (
    *("newsletter.urls", "newsletter.wsgi", "newsletter.web.waitress_server"),
    "newsletter.scheduler",
    *("newsletter.cli.worker", "newsletter.sending.engines.local_worker"),
)
# malloc.h of glibc, see mallopt(3).
M_ARENA_MAX, ARENAS = -8, 1
# Bytes. glibc puts the first behind everything else, and the others into the gaps that they fit into.
BEHIND_ALL_GAPS = 100_000
SIZES_OF_GAPS = range(2040, 16, -16)
MOST_GAPS = 5_000


def prepare_to_fork() -> None:
    """Import what this process and its forks use while nothing is due, and arrange the memory for them."""
    for name in USED_WHILE_IDLE:
        import_module(name)
    _let_django_look_at_models()
    _let_django_read_urls()
    # Python's cache of attributes holds their names. To replace one later would write to the old name and to the new.
    sys._clear_type_cache()  # noqa: SLF001 - Python documents it
    # The garbage collector leaves these objects alone from now on. Looking at an object writes to its page.
    gc.collect()
    gc.freeze()
    with suppress(OSError, AttributeError):  # another C library
        library = ctypes.CDLL(None)
        # By default, glibc gives most threads an arena of their own, which keeps what they free. Python's threads
        # hardly ever need memory at the same time.
        library.mallopt(M_ARENA_MAX, ARENAS)
        _fill_gaps(library)


def _let_django_look_at_models() -> None:
    """Make queries, so that Django remembers what it finds out about each model when it is first used."""
    for model in apps.get_models(include_auto_created=True):
        str(model._base_manager.filter(pk=0).query)  # noqa: SLF001 - Django documents it
        model._meta.get_fields()  # noqa: SLF001 - Django documents it


def _let_django_read_urls() -> None:
    """Make one URL, so that Django compiles the pattern of every URL, and remembers the names in the desk."""
    reverse("desk:start")


def _fill_gaps(library: ctypes.CDLL) -> None:
    """Allocate the gaps between blocks of memory, and never free them: 300 KB in about a thousand gaps.

    Otherwise, each process would put small blocks into them, such as those of SQLite's schema, and copy the pages
    around them.
    """
    malloc, free = library.malloc, library.free
    malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    free.argtypes, free.restype = [ctypes.c_void_p], None
    behind_all = malloc(BEHIND_ALL_GAPS)
    for size in SIZES_OF_GAPS:
        for _gap in range(MOST_GAPS):
            block = malloc(size)
            if not block or block >= behind_all:
                free(block)
                break
    free(behind_all)
