"""Counts rows of an SQLite database in a process of its own, which count_people.py starts. It imports little.

It reads from its input, as JSON, the path of the database, and statements with their parameters. It prints the sum of
their counts.
"""

import json
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from subscribers.numbers_as_text import NUMBER, number_as_text

SECONDS_TO_WAIT = 30.0


def count(path: str, statements: Iterable[tuple[str, Sequence[Any]]]) -> int:
    """Return the sum of what the statements count, by a connection that can only read."""
    connection = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=SECONDS_TO_WAIT)
    try:
        connection.create_function(NUMBER, 1, number_as_text, deterministic=True)
        return sum(
            connection.execute(statement, parameters).fetchone()[0] for statement, parameters in statements
        )
    finally:
        connection.close()


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.stdout.write(str(count(asked["path"], asked["statements"])))
