"""Any module of ours can be the first that a process imports: Django and servers name them in no order of ours.

Each run tries a twelfth of them, which the seed draws, and `make test-full` all.
"""

import os
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

from tests.full import every

ROOT = Path(__file__).resolve().parents[1]
# Each module is imported by a fork of a process in which Django is set up, and what others made is imported, which a
# first fork finds out; nothing of ours is.
PROGRAM = """
import os, sys, django
from importlib import import_module
django.setup()
ours = ("newsletter", "subscribers")

def import_foreign(names):
    for name in names:
        try:
            import_module(name)
        except ImportError:
            pass

reading, writing = os.pipe()
if os.fork() == 0:
    for module in sys.argv[1:]:
        import_module(module)
    foreign = [name for name in list(sys.modules) if name.partition(".")[0] not in ours]
    with os.fdopen(writing, "w") as pipe:
        pipe.write("\\n".join(foreign))
    os._exit(0)
os.close(writing)
with os.fdopen(reading) as pipe:
    import_foreign(pipe.read().split("\\n"))
os.wait()
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
        if not {"migrations", "__main__", "procrastinate", "job_queue"} & set(name.split(".")):
            yield name


def test_any_module_can_be_imported_first(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "NEWSLETTER_HOME": str(tmp_path),
    }
    names = list(modules())
    chosen = [names[number] for number in takewhile(lambda number: number < len(names), every(12))]
    command = [sys.executable, "-c", PROGRAM, *chosen]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == ""
