"""Find the texts beside people that name a person's address, by indexes that have only texts with an @.

A whole consent log takes seconds to read, and few of its texts have an @. SQLite uses such an index only if the query
has its condition word for word, without parameters.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Model

from subscribers import raw_sql
from subscribers.database import is_postgres
from subscribers.find_address_in_text import Spellings
from subscribers.models.address_index import AT_SIGNS


def texts_that_name(spellings: Spellings, model: type[Model], field: str) -> list[str]:
    """Return the different texts in an indexed column that contain the address."""
    return [text for text in different_texts(model, field) if spellings.are_in(text)]


def different_texts(model: type[Model], field: str) -> Iterator[str]:
    """Yield each text with an @ in an indexed column once, however many rows have it."""
    table, column, has_address = raw_sql.table(model), connection.ops.quote_name(field), _has_address(field)
    found = raw_sql.rows(
        f"WITH RECURSIVE found(text) AS (SELECT min({column}) FROM {table} WHERE {has_address} UNION ALL "
        f"SELECT (SELECT min({column}) FROM {table} WHERE {column} > found.text AND {has_address}) "
        "FROM found WHERE found.text IS NOT NULL) SELECT text FROM found WHERE text IS NOT NULL"
    )
    return (str(text) for (text,) in found)


def rows_with(text: str, model: type[Model], field: str) -> list[int]:
    """Return the numbers of the rows that have this text, which contains an @, in an indexed column."""
    column = connection.ops.quote_name(field)
    found = raw_sql.rows(
        f"SELECT id FROM {raw_sql.table(model)} WHERE {column} = %(text)s AND {_has_address(field)}",
        {"text": text},
    )
    return [int(number) for (number,) in found]


def _has_address(field: str) -> str:
    """Return the condition of the indexes in subscribers/models, as Django writes it."""
    column = connection.ops.quote_name(field)
    like = f"{column}::text LIKE '%%{{}}%%'" if is_postgres() else f"{column} LIKE '%%{{}}%%' ESCAPE '\\'"
    signs = (sign.replace("%", r"\%%") for sign in AT_SIGNS)
    return f"({' OR '.join(like.format(sign) for sign in signs)})"
