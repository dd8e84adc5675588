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
import ctypes, gc, json, sys
import django; django.setup()
from newsletter.cli.prepare_to_fork import prepare_to_fork
prepare_to_fork()
frozen = gc.get_freeze_count()
malloc = ctypes.CDLL(None).malloc
malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
pages = [len({{malloc(size) // 4096 for _ in range({BLOCKS})}}) for size in (240, 496)]
modules = sorted({{name for name in sys.modules}})
print(json.dumps({{"frozen": frozen, "pages": pages, "modules": modules}}))
"""
# Several megabytes each, or many modules. Import them in the function that uses them.
USED_BY_SOME_ACTS = """
    PIL altcha babel.dates citeproc cryptography cssselect cssutils dateparser dns email_validator feedparser holidays
    http.server idutils lxml mailbox markdown_it nh3 phonenumbers premailer prometheus_client python_calamine rich segno
    sendgrid tarfile tinycss2 trafilatura xml.etree
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


def test_serve_begins_without_what_only_some_acts_need(prepared):
    assert set(USED_BY_SOME_ACTS.split()) & set(prepared["modules"]) == set()
