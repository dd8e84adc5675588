"""A search finds the people whose name or address has the words of a query, on both databases."""

import itertools
import re
import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers import consent, consent_by_editor, erasure
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.find_people import count_people, find_people, numbers_of_people
from subscribers.models import SearchRemoval, SearchText, SearchTodo, SourceKind, Subscriber
from subscribers.people_filter import PeopleFilter
from subscribers.search import match_people, search_tables
from subscribers.search.keep_search_index import index_people
from subscribers.search.people_search_words import folded

EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")
ODD = "aAbÄä\u0308éßİıſσςΣΩЖж王伟あア가한%_'\"\\*()-.@ \u200d\ufdfaﬁ😀"
NAMES = st.text(st.sampled_from(ODD), max_size=12)
NEEDLES = st.text(st.sampled_from(ODD + "\0"), min_size=1, max_size=6)

numbers = itertools.count(1)


def person(first_name="", last_name="", address=""):
    address = address or f"reader.{next(numbers)}@example.org"
    return Subscriber.objects.create(
        address=address, address_key=address.lower(), first_name=first_name, last_name=last_name
    )


def found(text, **filters):
    """The numbers of all people that a search finds, page by page."""
    numbers, after = [], ""
    while True:
        page = find_people(PeopleFilter(text=text, after=after, **filters))
        numbers += [each.pk for each in page.people]
        if not (after := page.next):
            return numbers


def plain(text):
    """What the model compares: letters without case and accents, by Python's own tables."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\0", " "))
    decomposed = unicodedata.normalize("NFKD", decomposed.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def expected(text):
    """The same by a look at every person."""
    words = plain(text).split()
    return [
        each.pk
        for each in Subscriber.objects.order_by("-pk")
        if all(
            any(
                has(plain(said), word)
                for said in (f"{each.first_name} {each.last_name}", each.address, each.address_key)
            )
            for word in words
        )
    ]


def has(said, word):
    """Whether a text has a word, or if it is one or two plain letters, begins with it or has a name that does."""
    if len(word) < 3 and re.fullmatch("[a-z0-9]+", word):
        return re.search(f"(?:^|[ \n-]){word}", said) is not None
    return word in said


@pytest.mark.parametrize("is_indexed", [False, True])
def test_a_search_finds_any_three_characters_of_a_name_or_address(db, is_indexed):
    grace = person("Grace", "Hopper", "amazing.grace@navy.example")
    person("Ada", "Byron")
    if is_indexed:
        assert index_people() == 2
        assert not SearchTodo.objects.exists()
    for text in ("rac", "hopp", "g.gr", "Hopper grace", "  GRACE\n", "vy.ex", "opp nav", "grâce"):
        assert found(text) == [grace.pk], text
    for text in ("h", "gr h", "a hop", "g"):
        assert found(text) == [grace.pk], text
    # One or two letters mean the beginning of a name or of an address.
    for text in ("n grace", "ra", "op", "grace ex"):
        assert found(text) == [], text
    for text in ("hopx", "grace ada", "ehop", "rac%", "h_pper"):
        assert found(text) == [], text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=5), needle=NEEDLES, data=st.data())
def test_a_search_equals_a_look_at_every_person(db, names, needle, data):
    Subscriber.objects.all().delete()
    for first_name, last_name in names[:3]:
        person(first_name, last_name)
    index_people()
    # These wait for the index, and one of the others is indexed under an old name.
    for first_name, last_name in names[3:]:
        person(first_name, last_name)
    changed = Subscriber.objects.first()
    changed.last_name = data.draw(NAMES)
    changed.save()
    part = data.draw(st.sampled_from(names))
    whole = f"{part[0]} {part[1]}"
    at = data.draw(st.integers(0, max(len(whole) - 3, 0)))
    for text in (needle, whole[at : at + 3], whole):
        if plain(text).split():
            assert found(text) == expected(text), text
            assert count_people(PeopleFilter(text=text)) == len(expected(text)), text
            assert numbers_of_people(PeopleFilter(text=text), most=99) == expected(text), text
    index_people()
    for text in (needle, whole[at : at + 3], whole):
        if plain(text).split():
            assert found(text) == expected(text), text


def test_folding_twice_changes_nothing():
    for character in map(chr, itertools.chain(range(0xD800), range(0xE000, 0x20000))):
        once = folded(character)
        assert folded(once) == once, hex(ord(character))
    assert folded("a\udc80b\0c") == "ab c"


def test_every_page_of_a_search_is_found_by_its_cursor(db):
    for number in range(120):
        person("Common" if number % 7 else "Rare")
    index_people()
    for text in ("common", "rare", "reader"):
        assert found(text) == expected(text)


def test_a_changed_name_or_address_is_found_and_the_old_one_is_not(news):
    subscription = consent_by_editor.add_by_editor(
        news, "old.name@example.org", EDITOR, consent="By phone", person=PersonalDetails(first_name="Oldname")
    )
    someone = subscription.subscriber
    index_people()
    consent.change_details(someone, EDITOR, PersonalDetails(first_name="Newname"))
    for _is_indexed in (False, True):
        assert found("newname") == [someone.pk]
        assert found("oldname") == []
        index_people()
    assert SearchText.objects.get().text.startswith("newname")


def test_deleting_a_person_deletes_what_they_are_searched_by(db):
    ada, grace = person("Ada"), person("Grace")
    index_people()
    Subscriber.objects.filter(pk=ada.pk).delete()
    assert found("ada") == []
    assert [each.pk for each in SearchText.objects.all()] == [grace.pk]
    index_people()
    assert not SearchRemoval.objects.exists()
    assert found("gra") == [grace.pk]


# PostgreSQL reuses such space by its vacuum.
@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_index_keeps_no_piece_of_an_erased_person(tmp_path):
    for number in range(30):
        person(f"Name{number}", "Family")
    index_people()
    zyx = person("Zyxwvut", "Qqqjjj", "kxkxkx@vqvqvq.example")
    index_people()
    number = zyx.pk
    assert pieces_of(number)
    erasure.erase(zyx, EDITOR)
    assert not SearchRemoval.objects.exists(), "The erasure overwrites the index itself."
    assert not pieces_of(number)
    whole = tmp_path / "copy.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO subscribers_searchtrigrams (subscribers_searchtrigrams) VALUES ('integrity-check')"
        )
        cursor.execute("SELECT block FROM subscribers_searchtrigrams_data")
        blocks = [bytes(block) for (block,) in cursor.fetchall()]
        cursor.execute("VACUUM INTO %s", [str(whole)])
    kept = whole.read_bytes()
    for piece in (b"zyx", b"xwv", b"qqj", b"qvq", b"zyxwvut"):
        assert not any(piece in block for block in blocks), piece
        assert piece not in kept.lower(), piece
    assert b"name2" in kept


def pieces_of(number):
    """The pieces under which the index itself knows a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.pieces "
            "USING fts5vocab('main', 'subscribers_searchtrigrams', 'instance')"
        )
        cursor.execute("SELECT term FROM temp.pieces WHERE doc = %s", [number])
        return [term for (term,) in cursor.fetchall()]


# SQLite always has its index.
@pytest.mark.postgresql
def test_postgresql_finds_the_same_without_the_index_and_makes_it_again(db):
    grace = person("Grace", "Hopper")
    index_people()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX subscribers_searchtext_trigrams")
        assert found("opp") == [grace.pk]
        search_tables.install()
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'subscribers_searchtext_trigrams'")
        assert cursor.fetchone()
    assert found("opp") == [grace.pk]


@pytest.mark.postgresql
@pytest.mark.parametrize("most_read", [10, 100])
def test_a_word_that_only_older_people_have_is_found_on_every_page(db, monkeypatch, most_read):
    monkeypatch.setattr(match_people, "NEWEST_READ", 5)
    monkeypatch.setattr(match_people, "MOST_READ", most_read)
    monkeypatch.setattr(match_people, "SAMPLED_PERCENT", 100)
    wanted = [person("Grace").pk for _each in range(60)]
    for _each in range(20):
        person("Zed")
    index_people()
    assert found("grace") == wanted[::-1]
    assert found("nobody") == []


def test_two_letters_after_a_first_name_find_the_last_names_that_begin_with_them(db):
    price = person("Siân", "Price", "sp@example.org")
    double = person("Siân", "Ap-Powell", "spo@example.org")
    person("Siân", "Thomas", "thomas@example.org")
    person("Rhys", "Price", "rhys@example.org")
    for _ in range(2):
        assert found("sian p") == [double.pk, price.pk]
        assert found("sian pr") == [price.pk]
        assert found("SIÂN PO") == [double.pk]
        index_people()
