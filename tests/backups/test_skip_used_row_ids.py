"""After a restore, no row gets a number that a row had after the backup."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import BigAutoField

from newsletter.backups.skip_used_row_ids import GAP, SHORT_GAP, leave_id_gap
from subscribers.lists import add_list
from subscribers.models import Subscriber

pytestmark = pytest.mark.django_db


def test_the_next_number_is_far_above_every_number_before():
    before = add_list("before", "Before").pk
    ada = person("a@example.org").pk
    leave_id_gap()
    assert add_list("after", "After").pk > before + SHORT_GAP
    assert person("b@example.org").pk > ada + GAP


def test_a_table_that_was_always_empty_leaves_its_gap_too():
    assert not Subscriber.objects.exists()
    leave_id_gap()
    assert person("a@example.org").pk > GAP


def test_another_restore_leaves_another_gap():
    leave_id_gap()
    first = person("a@example.org").pk
    leave_id_gap()
    assert person("b@example.org").pk > first + GAP


def test_every_table_of_ours_with_a_number_has_its_gap():
    leave_id_gap()
    with connection.cursor() as cursor:
        for label in ("subscribers", "newsletter"):
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                if isinstance(model._meta.pk, BigAutoField):
                    assert given(cursor, model._meta.db_table) >= SHORT_GAP, model


def person(address):
    return Subscriber.objects.create(address=address, address_key=address)


def given(cursor, table):
    if connection.vendor == "sqlite":
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        [[number]] = cursor.fetchall()
        return number
    cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)", [table])
    return cursor.fetchone()[0]
