import re
from pathlib import Path

from newsletter.articles.ingest import STEPS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ARTICLES = ROOT / "newsletter" / "articles"


def test_the_page_shows_the_steps_of_an_article_in_their_order():
    files = [f"{step.__module__.rpartition('.')[2]}.py" for step in STEPS]
    table = PAGE[PAGE.index("| step |") : PAGE.index("`steps/identity_keys.py`")]
    assert re.findall(r"^ *\| `(\w+\.py)` \|", table, re.MULTILINE) == files
    picture = PAGE[PAGE.index('subgraph steps["ingest.py') : PAGE.index("| step |")]
    drawn = [name for name in re.findall(r"(?<=[\"> ])(\w+)(?=\"\]| -->)", picture) if f"{name}.py" in files]
    assert [f"{name}.py" for name in drawn] == files


def test_every_file_that_the_walk_of_an_article_names_is_there():
    walk = PAGE[PAGE.index("## The path of an article") : PAGE.index("### From the database to the readers")]
    named = set(re.findall(r"`(?:articles/)?([\w/]+\.py)`", walk)) - {"scheduler.py"}
    folders = (ARTICLES, ARTICLES / "steps", ARTICLES.parent)
    assert {name for name in named if not any((folder / name).is_file() for folder in folders)} == set()
    assert len(named) > 15


def test_every_file_that_the_page_names_is_there():
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/**/*.py")}
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", PAGE))
    missing = {name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in files)}
    assert missing == set()
