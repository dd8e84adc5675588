"""What is asked of the database in one way everywhere."""

from django.db import transaction
from pytest import mark, raises

from subscribers.database import is_postgres, is_sqlite, locked, portions
from subscribers.models import List


@mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_values_come_in_portions_and_in_their_order(count, sizes):
    some = list(portions(range(count), 3))
    assert [len(each) for each in some] == sizes
    assert [value for each in some for value in each] == list(range(count))


def test_one_statement_takes_a_thousand_values():
    assert [len(each) for each in portions(range(2_001))] == [1_000, 1_000, 1]


@mark.django_db
def test_a_row_is_locked_as_it_is_now(news):
    List.objects.filter(pk=news.pk).update(name="Changed meanwhile")
    with transaction.atomic():
        assert locked(List.objects.all(), news.pk).name == "Changed meanwhile"
        with raises(List.DoesNotExist):
            locked(List.objects.exclude(pk=news.pk), news.pk)


def test_the_database_is_of_one_kind():
    assert is_postgres() is not is_sqlite()
