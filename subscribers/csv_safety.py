"""Cells that a spreadsheet would take for a formula: made harmless on the way out, restored on the way in.

After OWASP's “CSV Injection”: an apostrophe goes before `=`, `+`, `-`, `@`, tab, carriage return and line feed,
and before an apostrophe that stands before one of them, so that every cell comes back as it was.
"""

import re

RISKY = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
SAFE = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escape_formula(cell: str) -> str:
    """The cell as text that no spreadsheet computes."""
    return "'" + cell if RISKY.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """The cell before `escape_formula`; any other cell as it is."""
    return cell[1:] if SAFE.match(cell) else cell
