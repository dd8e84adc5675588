"""A version works only on tables that it knows: of newer, edited or half-restored ones it says so and sends nothing."""

import sys

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from newsletter import schema_check
from newsletter.doctor import database_usable
from newsletter.doctor.doctor_finding import Level
from newsletter.errors import Refused
from newsletter.instance.guard import clear_cached_status, may_send, require_may_send
from tests import forked

RUNNING = [["serve"], ["web"], ["scheduler"], ["worker", "--once"]]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(home):
    """Each story has a home of its own, and looks for itself."""
    clear_cached_status()
    yield
    clear_cached_status()


@pytest.fixture
def newer():
    MigrationRecorder(connection).record_applied("newsletter", "9999_telepathy")


@pytest.fixture
def edited():
    """A migration was changed in its place: its name was applied, and its column is not there."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE newsletter_mailing DROP COLUMN defer_reason")


@pytest.fixture
def broken_off(home):
    (home / schema_check.UNFINISHED_RESTORE).touch()


def alter(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_migrations_make_exactly_the_columns_of_the_models():
    assert schema_check.columns_that_differ() == []
    assert schema_check.why_not_usable() == ""


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER TABLE newsletter_mailing DROP COLUMN defer_reason",
            "the column defer_reason in newsletter_mailing is missing",
        ),
        ("DROP TABLE newsletter_heartbeat", "the table newsletter_heartbeat is missing"),
        ("ALTER TABLE newsletter_heartbeat ADD COLUMN note text", ""),
        (
            "ALTER TABLE newsletter_suppressionsync RENAME COLUMN {} TO before",
            "newsletter_suppressionsync has an extra column before that needs a value",
        ),
    ],
    ids=["a column is missing", "a table is missing", "a column more does no harm", "one that must be given"],
)
def test_a_column_that_differs_is_named(statement, said):
    from newsletter.sending.models import SuppressionSync

    required = next(
        field.column
        for field in SuppressionSync._meta.local_concrete_fields
        if not field.null and not field.primary_key
    )
    alter(statement.format(required))
    assert said in (schema_check.why_not_usable() or said)
    assert bool(said) == bool(schema_check.why_not_usable())


def test_the_names_of_all_migrations_are_known_without_importing_one():
    code = (
        "import sys, django; django.setup(); from newsletter import schema_check; known = schema_check._migrations();"
        "assert not [name for name in sys.modules if '.migrations.0' in name];"
        "from django.db.migrations.loader import MigrationLoader;"
        "print(known == set(MigrationLoader(None).disk_migrations))"
    )
    ended = forked.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr) == ("True\n", "")


def test_tables_of_a_newer_version_are_said_with_both(newer):
    sentence = schema_check.why_not_usable()
    assert "newsletter.9999_telepathy" in sentence
    assert "0.1.0" in sentence
    assert "Install the version that made them, or a later version." in sentence


def test_tables_of_an_app_that_is_not_used_here_are_of_no_account():
    MigrationRecorder(connection).record_applied("wagtailcore", "0099_more")
    assert schema_check.why_not_usable() == ""


@pytest.mark.parametrize("state", ["newer", "edited", "broken_off"])
@pytest.mark.parametrize("words", [*RUNNING, ["init"]], ids=lambda words: words[0])
def test_nothing_is_started_on_tables_that_are_not_of_this_version(cli, request, words, state):
    request.getfixturevalue(state)
    result = cli(*words)
    assert result.code == 1, result
    assert result.err == f"newsletter: {schema_check.why_not_usable()}\n"


@pytest.mark.parametrize("marker", ["", "half a line"])
def test_every_command_says_that_a_restore_was_interrupted_whatever_its_marker_contains(cli, home, marker):
    (home / schema_check.UNFINISHED_RESTORE).write_text(marker)

    for words in (["lists", "list"], ["--as", "ada", "issues", "list"], ["backup", "x.tar.gz"]):
        refused = cli(*words)
        assert (refused.code, refused.out) == (1, ""), words
        assert "A backup was only partly restored" in refused.err, words
    assert "A backup was only partly restored" in cli("doctor").out
    for words in (["lists", "list", "--help"], ["--version"], ["restore", "missing.tar.gz"]):
        assert "partly restored" not in cli(*words).err, words


@pytest.mark.parametrize("state", ["newer", "edited", "broken_off"])
def test_they_are_not_ready_and_the_doctor_says_why(client, request, state):
    request.getfixturevalue(state)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content.decode()) == (503, f"{schema_check.why_not_usable()}\n")
    [line] = database_usable.check()
    assert (line.level, line.sentence) == (Level.WRONG, schema_check.why_not_usable())


def test_initialising_changes_nothing_in_a_newer_database(cli, newer):
    newest = (
        MigrationRecorder(connection).migration_qs.filter(app="newsletter").exclude(name="9999_telepathy")
    )
    newest.order_by("-name").first().delete()
    before = set(MigrationRecorder(connection).applied_migrations())
    assert cli("init").code == 1
    assert set(MigrationRecorder(connection).applied_migrations()) == before


@pytest.mark.parametrize("state", ["newer", "broken_off"])
def test_a_process_whose_tables_are_changed_under_it_sends_no_more(request, state):
    assert may_send()
    request.getfixturevalue(state)
    clear_cached_status()
    assert not may_send()
    with pytest.raises(Refused) as refusal:
        require_may_send()
    assert str(refusal.value) == schema_check.why_migrations_differ()
