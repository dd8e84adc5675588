"""What one process of `newsletter serve` needs after the fork does not lie among what all of them share. All of them
begin without what only some acts need.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCKS = 20
# Blocks as SQLite makes for its schema. A new interpreter, because a fork has its parent's modules and gaps too.
PREPARED = f"""
import ctypes, gc, json, sys, threading, tracemalloc
from pathlib import Path
import django; django.setup()
from newsletter.cli.prepare_to_fork import prepare_to_fork
prepare_to_fork()
frozen = gc.get_freeze_count()
malloc = ctypes.CDLL(None).malloc
malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
pages = [len({{malloc(size) // 4096 for _ in range({BLOCKS})}}) for size in (240, 496)]
modules = sorted({{name for name in sys.modules}})
blocks = []
thread = threading.Thread(target=lambda: blocks.append(malloc(1000)))
thread.start()
thread.join()
[heap] = [line.split()[0] for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith("[heap]")]
start, end = (int(each, 16) for each in heap.split("-"))
in_heap = start <= blocks[0] < end
from django.urls import reverse
tracemalloc.start()
reverse("desk:start")
for_urls = tracemalloc.get_traced_memory()[0]
print(json.dumps(
    {{"frozen": frozen, "pages": pages, "modules": modules, "thread_in_heap": in_heap, "for_urls": for_urls}}
))
"""
# Several megabytes each, or many modules. Import them in the function that uses them.
USED_BY_SOME_ACTS = """
    PIL altcha babel.dates citeproc cryptography cssselect cssutils dateparser dateutil dns email_validator feedparser
    holidays http.server idutils imaplib jinja2 lxml mailbox markdown_it nh3 phonenumbers premailer prometheus_client
    python_calamine python_http_client rich segno sendgrid six tarfile tinycss2 tomllib trafilatura urllib.request
    xml.etree xml.sax
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    environment = {
        **os.environ,
        "NEWSLETTER_HOME": str(tmp_path_factory.mktemp("home")),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
    }
    command = [sys.executable, "-c", PREPARED]
    return json.loads(
        subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=120
        ).stdout
    )


def test_new_blocks_of_memory_are_next_to_each_other(prepared):
    assert prepared["frozen"] > 100_000
    # Without this preparation, each is in a page of its own.
    assert max(prepared["pages"]) <= BLOCKS / 2


def test_threads_get_their_memory_from_where_the_others_get_theirs(prepared):
    assert prepared["thread_in_heap"]


def test_the_urls_are_read_already(prepared):
    # Without this preparation, 2 MB.
    assert prepared["for_urls"] < 20_000


def test_serve_begins_without_what_only_some_acts_need(prepared):
    assert set(USED_BY_SOME_ACTS.split()) & set(prepared["modules"]) == set()
