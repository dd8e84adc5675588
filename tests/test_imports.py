"""Any module of ours can be the first that a process imports: Django and servers name them in no order of ours."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Each module is imported by a fork of a process in which Django is set up and nothing else.
PROGRAM = """
import os, sys, django
django.setup()
for module in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            __import__(module)
        except BaseException as error:
            print(module, repr(error), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def modules():
    for path in sorted([*ROOT.glob("newsletter/**/*.py"), *ROOT.glob("subscribers/**/*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        # Procrastinate's tables are installed on PostgreSQL alone.
        if not {"migrations", "__main__", "procrastinate"} & set(name.split(".")):
            yield name


def test_any_module_can_be_imported_first(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "NEWSLETTER_HOME": str(tmp_path),
    }
    command = [sys.executable, "-c", PROGRAM, *modules()]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == ""
