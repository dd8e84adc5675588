"""`make docs` builds the site, and fails if a link leads nowhere."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv.docs" / "bin" / "python"
HEADINGS = ["Tutorial", "How to", "Reference", "Operations", "Architecture", "Decisions"]

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not PYTHON.exists(), reason="make docs makes the environment that builds the site"),
]


@pytest.fixture
def copied(tmp_path):
    """A copy of all pages, beside the files that they link to."""
    for path in ROOT.iterdir():
        if path.suffix == ".md":
            shutil.copy(path, tmp_path)
        elif path.name in {"docs", "examples"}:
            shutil.copytree(path, tmp_path / path.name)
        elif not path.name.startswith(".") and path.name != "build":
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def build(folder):
    """What `make docs` runs."""
    options = ["--fail-on-warning", "--keep-going", "--quiet", "-c", ROOT / "docs" / "site"]
    words = [PYTHON, "-m", "sphinx", *options, "-d", folder / "doctrees", folder, folder / "site"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def test_the_site_opens_with_the_navigation_and_loads_nothing_from_elsewhere(copied):
    assert build(copied).stderr == ""
    first = (copied / "site" / "index.html").read_text(encoding="utf-8")
    places = [first.index(f'<span class="caption-text">{heading}</span>') for heading in HEADINGS]
    assert places == sorted(places)
    page = (copied / "site" / "docs" / "architecture.html").read_text(encoding="utf-8")
    diagrams = (copied / "docs" / "architecture.md").read_text(encoding="utf-8").count("```mermaid")
    assert page.count("<svg") == diagrams > 0
    assert 'src="http' not in first + page


@pytest.mark.parametrize("link", ["no-such-page.md", "docs/architecture.md#no-such-heading"])
def test_a_broken_link_fails_the_build(copied, link):
    with (copied / "README.md").open("a", encoding="utf-8") as readme:
        readme.write(f"\n[broken]({link})\n")
    result = build(copied)
    assert result.returncode != 0
    assert link.rpartition("#")[2] in result.stderr
