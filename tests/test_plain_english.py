"""Phrases that an editor would strike out do not stand in what people read: strings, comments, docs and templates.

They were this project's own dialect. Beside each stands what to write instead.
"""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent

# A word to look for first, since that is quick; the phrase in lower case; and what to write instead.
PHRASES = [
    (
        " no ",
        r"(?<!there )\b(?:is|are|was) no (?!longer|more|less|doubt|way|need|such|different|match|difference)[a-z]+",
        "is not a",
    ),
    ("anew", r"\banew\b", "again"),
    ("can not", r"\bcan not\b", "cannot"),
    ("is other", r"(?<!there )\bis other\b", "has changed"),
    ("whoever", r"\bwhoever\b", "anyone who"),
    ("is for who", r"\bis for who\b", "only … can"),
    ("by whose", r"\bby whose leave\b", "with whose approval"),
    ("who ", r"\bwho (?:acts|left|waits|goes|joined)\b", "actor, people who unsubscribed, pending, …"),
    ("what ", r"\bwhat (?:waits|goes)\b", "what is pending, what will be sent"),
    ("; ", r"; (?:empty|none|0):", "if empty, …; 0 means …"),
    ("so many", r"(?<!in )\bso many\b(?! that)", "maximum, at most, this many"),
    ("most ", r"\bmost (?:letters|emails)\b", "maximum number of"),
    ("given again", r"\bmay be given again\b", "you can use this option more than once"),
    ("way out", r"\bway out\b", "transport; unsubscribe"),
    ("rhythm", r"\brhythm\b", "recurrence, schedule"),
    ("the press", r"\bthe press\b", "the installation, or nothing"),
    ("residence", r"\bresidence\b", "instance"),
    ("at home", r"\bat home\b", "in its own installation"),
    ("held back", r"\bheld back\b", "excluded"),
    ("time away", r"\btime away\b", "unschedule"),
    ("put me back", r"\bput me back\b", "subscribe again"),
    (" still", r"\bstands? still\b", "has stopped, is paused"),
    ("settle doubts", r"\bsettle doubts\b", "check whether uncertain emails were sent"),
    ("known here", r"\bknown here\b", "we know; is valid"),
    ("nothing asks", r"\bnothing asks\b", "nothing needs your attention"),
    ("in the place of", r"\bin the place of\b", "instead of"),
    (" go", r"\b(?:has|have) gone\b|\blets? (?:it |them )?go\b", "was sent; send, release"),
    ("hook", r"(?<!import )(?<!erasure )\bhooks?\b(?!\.)", "webhook"),
    ("fold", r"\bfold(?:s|ed|ing)? (?:reports|what|events|them|again)\b", "process"),
    ("letter", r"letter(?<=\bletter)s?\b", "email"),
]

# Letters of the alphabet, of style sheets and of the post are something else.
OTHER_LETTERS = re.compile(
    r"letters?(?: case|,? (?:and|or) digits|, digits| a to z| outside ascii| beyond ascii|, figures|=|\?\||@)"
    r"|letter-spacing|class=\"letter\"|\.letter\{"
    r"|(?:opening|harbour|capital|similar|small|single|status|first|only|personal|by|telephone or)[ -]letters?"
)


ABOUT_ALPHABETS = {
    "newsletter/preflight/attachment_words.py",
    "newsletter/preflight/dates/past_or_future/english.py",
    "docs/decisions/0106-segments-with-many-details.md",
    "newsletter/preflight/guess_language.py",
    "newsletter/preflight/hidden_elements.py",
    "newsletter/preflight/plain_letters.py",
    "newsletter/preflight/checks/law.py",
    "newsletter/preflight/checks/content.py",
    "newsletter/preflight/checks/accessibility.py",
    "newsletter/accounts/confusable_usernames.py",
    "newsletter/articles/steps/resolve_links.py",
    "newsletter/articles/formats/decode_documents.py",
    "newsletter/articles/formats/web_page.py",
    "subscribers/domain_names.py",
    "subscribers/segments/attribute_names.py",
    "subscribers/segments/detail_by_key.py",
    "subscribers/segments/field_conditions.py",
    "subscribers/imports/column_aliases.py",
    "subscribers/imports/consent_headings.py",
    "subscribers/imports/guess_encoding.py",
    "subscribers/imports/languages_and_zones.py",
}


def words(path: Path) -> str:
    """Return the words of a file in lower case as one line, with strings and comments of several lines joined."""
    text = path.read_text().lower()
    if path.suffix == ".py":
        text = re.sub(r"\n *#", " ", re.sub(r'"\s*\n\s*[rf]?"', "", text))
    return OTHER_LETTERS.sub("", " ".join(text.split()))


def phrases() -> list[str]:
    """Return the phrases found: each with its file, the words around it, and what to write instead."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    found: list[str] = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if (
            path.suffix not in {".py", ".html", ".txt", ".md", ".po", ".js", ".css", ".toml", ".yml"}
            or name.startswith(("tests/", "examples/site/"))
            or "/migrations/" in name
            or "/vendor/" in name
            or not path.is_file()
        ):
            continue
        text = words(path)
        for needle, phrase, better in PHRASES:
            if needle == "letter" and name in ABOUT_ALPHABETS:
                continue
            for match in re.finditer(phrase, text) if needle in text else ():
                start, end = match.span()
                found.append(f"{name}: …{text[max(0, start - 40) : end + 40]}…  Better: {better}.")
    return found


def test_what_people_read_holds_no_phrase_of_the_dialect():
    assert not phrases(), "\n".join(phrases())


def test_the_phrases_are_found_in_strings_comments_and_across_lines(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text('x = f"Nobody is "\n    f"asked "\n    f"anew."\n# Say it to the\n# press.\n')
    assert "nobody is asked anew." in words(path)
    assert "to the press" in words(path)


# Filled in only by an f-string: no sentence that is filled in later names an attribute.
UNFILLED = re.compile(r"\{[a-z_]+(?:\.[a-z_]+)+\}")


def unfilled_strings(source):
    tree = ast.parse(source)
    parts = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield from UNFILLED.findall(node.value)


def test_no_sentence_shows_the_name_of_a_value_instead_of_the_value():
    assert list(unfilled_strings('("It uses " "{environment.transport}.")')) == ["{environment.transport}"]
    assert not list(unfilled_strings('(f"It uses " f"{environment.transport}.")'))
    files = [path for folder in ("newsletter", "subscribers") for path in (ROOT / folder).rglob("*.py")]
    found = {
        str(path.relative_to(ROOT)): each for path in files for each in unfilled_strings(path.read_text())
    }
    # Rich fills in the progress of its own task.
    assert found == {"newsletter/cli/output.py": "{task.description}"}
