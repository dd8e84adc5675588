"""The table in docs/reference/permissions.md: who gets through at each address."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "permissions.md"
ROW = re.compile(r"^\| `/(?P<route>[^`]*)` \| (?P<get>[^|]+) \| (?P<post>[^|]+) \|$", re.MULTILINE)


def table():
    """Return for each route who gets through with GET and with POST, in words."""
    return {
        row["route"]: (row["get"].strip(), row["post"].strip()) for row in ROW.finditer(DOCUMENT.read_text())
    }
