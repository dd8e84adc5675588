"""An environment of its own for extruct, which reads structured data as search engines do. Each lock file has one.

extruct needs 20 packages that nothing else here needs, so it is not among the packages for development.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("requirements.lock")
UV = Path(sys.executable).with_name("uv")
READ = """
import json, sys
import extruct
syntaxes = ["json-ld", "microdata", "rdfa"]
found = extruct.extract(sys.stdin.read(), base_url=sys.argv[1], syntaxes=syntaxes, errors="strict")
print(json.dumps(found))
"""
SECONDS = 300


def structured_data_in(html, url):
    """Return what extruct finds in a page, by syntax."""
    words = [extruct_python(), "-I", "-c", READ, url]
    result = subprocess.run(words, input=html, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def extruct_python():
    """Return the Python of the environment, and make the environment if it does not exist yet."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = ROOT / f".venv.extruct-{digest}"
    if not folder.exists():
        make_environment(folder)
    return folder / "bin" / "python"


def make_environment(folder):
    """Make the environment beside its place, and move it there, so that no test finds half of it."""
    with tempfile.TemporaryDirectory(prefix=".venv.extruct-", dir=ROOT) as beside:
        new = Path(beside) / "new"
        run("venv", "--quiet", "--python", sys.executable, new)
        run("pip", "install", "--quiet", "--require-hashes", "--python", new / "bin" / "python", "-r", LOCK)
        try:
            shutil.move(new, folder)
        except OSError:
            # Another process was faster.
            assert folder.exists()


def run(*words):
    result = subprocess.run([UV, *words], capture_output=True, text=True, check=False, timeout=SECONDS)
    assert result.returncode == 0, result.stderr
