"""Cells that a spreadsheet would take for a formula: made harmless in exports, and restored in imports.

After OWASP's “CSV Injection”: an apostrophe is put before `=`, `+`, `-`, `@`, tab, carriage return and line feed,
and before an apostrophe in front of one of them, so that every cell is restored exactly.
"""

import re

RISKY = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
SAFE = re.compile(r"'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def escape_formula(cell: str) -> str:
    """Return the cell as text that no spreadsheet computes."""
    return "'" + cell if RISKY.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return the cell as it was before `escape_formula`. Any other cell is unchanged."""
    return cell[1:] if SAFE.match(cell) else cell
