"""Erasing a person finds their address in every text, without reading the whole consent log or all suppressions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscribers import consent, consent_by_editor, suppression
from subscribers.consent import ConsentSource
from subscribers.database import is_postgres
from subscribers.models import ConsentEntry, SourceKind, Suppression
from subscribers.models.address_index import AT_SIGNS
from tests.subscribers.conftest import EDITOR

LARGE = ("subscribers_consententry", "subscribers_suppression", "subscribers_subscriber")


@pytest.mark.parametrize("sign", AT_SIGNS)
def test_however_the_at_sign_is_written_the_address_is_blanked_for_all(news, ada, sign):
    file = ConsentSource(SourceKind.IMPORT, f"ADA{sign}example.org.csv")
    for other in ("ben", "cem"):
        joined = consent_by_editor.add_by_editor(news, f"{other}@example.org", file, consent="An old list")
        consent.unsubscribe(joined, EDITOR, reason=f"Married ada{sign}example.org; was dan{sign}example.org")
    suppression.suppress("ben@example.org", suppression.Reason.MANUAL, file)
    suppression.end_suppression("ben@example.org", file, why=f"Asked by ada{sign}example.org")

    consent.erase_person(ada.subscriber, EDITOR)

    entries = set(ConsentEntry.objects.values_list("source_name", "note"))
    assert ("(erased).csv", "") in entries
    assert ("Edith", f"Married (erased); was dan{sign}example.org") in entries
    lifted = Suppression.objects.get(lifted_at__isnull=False)
    said = (lifted.suppressed_by, lifted.lifted_by, lifted.lifted_why)
    assert said == ("(erased).csv", "(erased).csv", "Asked by (erased)")
    assert not any("ada" in text.lower() for entry in entries for text in entry)


def test_an_erasure_reads_no_large_table_from_end_to_end(news, ada):
    named = ConsentSource(SourceKind.EDITOR, "ada@example.org")
    consent_by_editor.add_by_editor(news, "ben@example.org", named, consent="An old list")
    suppression.suppress("cem@example.org", suppression.Reason.MANUAL, named, note="Asked by ada@example.org")
    with CaptureQueriesContext(connection) as asked:
        consent.erase_person(ada.subscriber, EDITOR)
    statements = [
        each["sql"] for each in asked if each["sql"].startswith(("SELECT", "UPDATE", "DELETE", "WITH"))
    ]
    assert [each for each in statements for table in LARGE if reads_whole(each, table)] == []
    assert any("source_name" in each and each.startswith("WITH") for each in statements)


def reads_whole(statement, table):
    """Whether the database would read a whole table for a statement, even if it avoids that where it can."""
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}")
            return any(f"Seq Scan on {table}" in line for (line,) in cursor.fetchall())
        plan = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
        return any(line[3] in {f"SCAN {table}", f"SCAN {table} AS U0"} for line in plan)
