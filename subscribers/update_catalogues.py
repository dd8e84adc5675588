"""Bring every catalogue up to date with the code and compile it, after a text of a reader's page or email has changed.

Texts that no longer exist are removed, and new ones are added without a translation: a test names them.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "subscribers" / "locale"
KEYWORDS = {"_": None, "ngettext": (1, 2), "_plural": (1, 2)}
SOURCES = (
    ("newsletter/rendering", "fixed_words.py", "python"),
    ("newsletter/feedback", "case_words.py", "python"),
    ("subscribers", "**.py", "python"),
    ("templates/public", "**.html", "jinja2"),
    ("templates/email/confirm", "*.*", "jinja2"),
    ("templates/email/already", "*.*", "jinja2"),
    ("templates/email/new-address", "*.*", "jinja2"),
    ("templates/email/address-notice", "*.*", "jinja2"),
    ("templates/email/reader-case", "*.*", "jinja2"),
)
HEADER = """\
# The texts of emails and readers' pages. X-Reviewed: yes means that somebody who knows the language has read them all.
msgid ""
msgstr ""
"Project-Id-Version: newsletter\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"X-Reviewed: {reviewed}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def texts_in_code() -> dict[str | tuple[str, ...], None]:
    """Return every text that readers may see, in order. A text with a number is the tuple of its English forms."""
    return {
        message: None
        for folder, pattern, method in SOURCES
        for _file, _line, message, *_rest in extract_from_dir(
            ROOT / folder, method_map=[(pattern, method)], keywords=KEYWORDS
        )
    }


def update(path: Path, texts: dict[str | tuple[str, ...], None]) -> int:
    """Write a catalogue again, and return how many texts have no translation yet."""
    language, before = path.parent.parent.name, path.read_text(encoding="utf-8") if path.exists() else ""
    old = read_po(io.BytesIO(before.encode()), locale=language)
    new = Catalog(locale=language, fuzzy=False)
    for text in texts:
        known = old.get(text if isinstance(text, str) else text[0])
        new.add(text, known.string if known else "")
    body = io.BytesIO()
    write_po(body, new, width=110, omit_header=True)
    reviewed = "yes" if '"X-Reviewed: yes' in before.partition("\n\n")[0] else "no"
    header = HEADER.format(language=language, plural_forms=new.plural_forms, reviewed=reviewed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + body.getvalue().decode().strip() + "\n", encoding="utf-8")
    with path.open("rb") as file, path.with_suffix(".mo").open("wb") as compiled:
        final = read_po(file, locale=language)
        # Without dates, the same texts are the same file.
        final.creation_date = final.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
        write_mo(compiled, final)
    return sum(
        1
        for message in new
        if message.id and not all(message.string if isinstance(message.string, tuple) else (message.string,))
    )


def main(languages: list[str]) -> None:
    """Update every catalogue, and create those of the languages named."""
    texts = texts_in_code()
    there = {path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po")}
    for language in sorted(there | set(languages)):
        missing = update(LOCALE / language / "LC_MESSAGES" / "django.po", texts)
        sys.stdout.write(f"{language}: {missing} texts without a translation\n")


if __name__ == "__main__":
    main(sys.argv[1:])
