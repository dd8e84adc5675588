"""A press moves the focus before it ends. If that moved the page, the press would end beside the button."""

import re
from pathlib import Path

STYLES = Path(__file__).parents[3] / "newsletter" / "static" / "newsletter" / "desk"
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
MOVES = re.compile(
    r"(?:^|;)\s*(?:padding|margin|border-width|width|height|font|line-height|display)[\w-]*\s*:"
)


def rules():
    for path in sorted(STYLES.glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for selector, body in RULE.findall(text):
            yield path.name, " ".join(selector.split()), body


def test_no_style_of_what_has_the_focus_moves_what_is_around_it():
    focused = [rule for rule in rules() if re.search(r":focus(?![-\w])", rule[1])]
    assert len(focused) > 3
    assert [(name, selector) for name, selector, body in focused if MOVES.search(body)] == []
