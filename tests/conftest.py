"""Personas and rooms that every test may ask for."""

import gc
import os
import sys
import tempfile

import pytest

from tests import full, made_tables
from tests.network_in_transactions import Watchman
from tests.postgres import running, server_programs

pytest_plugins = ["tests.fakes.source_fixtures", "tests.fakes.smtp_fixtures"]
full.load_profile()
OBJECTS_BETWEEN_COLLECTIONS = 50_000
# Without compiled files, each process that a test starts compiles all of our modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config):
    """Give all workers of pytest-xdist one folder for what is made once for all of them."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="newsletter-tests-")
        os.environ[made_tables.FOLDER] = folder.name
        config.add_cleanup(folder.cleanup)


def pytest_report_header():
    """Say how to run the same tests again."""
    if 0 < full.SHARE < 1:
        return f"a share of the tests marked full: NEWSLETTER_TESTS_FULL={full.SHARE} NEWSLETTER_TESTS_SEED={full.SEED}"
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where nothing may skip, a skipped test is a failed one."""
    report = yield
    if report.skipped and full.MAY_NOT_SKIP and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may skip: {report.longrepr}"
    return report


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL, only what touches the database is tried again; the rest ran beside it on SQLite.

    What is marked `full` runs where NEWSLETTER_TESTS_FULL asks for it.
    """
    from django.db import connection

    belongs = is_not_for_postgresql_alone if connection.vendor == "sqlite" else touches_the_database
    runs = [belongs(item) and is_asked_for(item) for item in items]
    left_out = [item for item, run in zip(items, runs, strict=True) if not run]
    items[:] = sorted((item for item, run in zip(items, runs, strict=True) if run), key=may_come_late)
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if "chromium" in item.fixturenames:
            # docs/decisions/0069-browser-tests-run-twice-before-they-fail.md
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What is imported and collected stays until the end: look for garbage neither meanwhile nor among it later.

    Tests leave little of it: looking after every 700 new objects, as Python does, takes a fifteenth of their time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
        gc.enable()


def may_come_late(item):
    """False for what takes long: it comes first, so that no worker of pytest-xdist waits for the last of it.

    What empties the tables afterwards stays behind what needs them as the migrations left them.
    """
    takes_long = "journeys" in item.path.parts or item.get_closest_marker("kill")
    return not takes_long or "live_server" in item.fixturenames or "transactional_db" in item.fixturenames


def is_asked_for(item):
    is_full = item.get_closest_marker("full") or (
        full.ON_POSTGRESQL and item.get_closest_marker("postgresql_full")
    )
    return not is_full or full.is_chosen(item.nodeid)


def is_not_for_postgresql_alone(item):
    return item.get_closest_marker("postgresql") is None


def touches_the_database(item):
    from django.test import TransactionTestCase

    case = getattr(item, "cls", None)
    if "chromium" in item.fixturenames:
        # A browser shows the same on both. Playwright leaves an event loop in the process, which workers of
        # Procrastinate that run there later would stumble over.
        return False
    return item.get_closest_marker("sqlite") is None and (
        "db" in item.fixturenames
        or "transactional_db" in item.fixturenames
        or item.get_closest_marker("django_db") is not None
        or (isinstance(case, type) and issubclass(case, TransactionTestCase))
    )


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """SQLite's tests begin with a copied file, which Django would remove first."""
    from django.db import connection

    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Begin with the tables that were made once for all workers, so that the migrations have nothing left to do."""
    from django.apps import apps
    from django.conf import settings
    from django.db.models.signals import post_migrate

    from subscribers.apps import INSTALLS_GUARD

    post_migrate.disconnect(sender=apps.get_app_config("subscribers"), dispatch_uid=INSTALLS_GUARD)
    test = settings.DATABASES["default"].setdefault("TEST", {})
    if full.ON_POSTGRESQL:
        test["TEMPLATE"] = made_tables.database_to_copy(os.environ["DATABASE_URL"])
    else:
        made_tables.copy_tables_to(test["NAME"])


@pytest.fixture(scope="session")
def django_db_modify_db_settings_parallel_suffix(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
):
    """SQLite's tests use a file, as every installation does.

    Threads that share a database in memory are refused what a thread that shares a file waits for: "database table
    is locked" while a page that polls reads the row that the test deletes.
    """
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        folder = tmp_path_factory.mktemp("database")
        database.setdefault("TEST", {})["NAME"] = str(folder / "newsletter.sqlite3")
        # No test cuts the power. Tests that commit would otherwise wait for the disk.
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The tables, with a faster way to empty them after each test that commits.

    The guard of the consent log would refuse that. Its tests install it.
    """
    from django.db import connections

    from subscribers import consent_guard
    from tests.kept_tables import KeptTables

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        consent_guard.remove()
        tables = KeptTables()
        tables.install(patch)
        yield tables
        connections.close_all()


@pytest.fixture
def kept_tables(transactional_db, django_db_setup):
    """Fills empty tables with what was in them before: `kept_tables.fill("a publication", make_it)`."""
    return django_db_setup


@pytest.fixture(scope="session")
def watchman():
    """Watches for the network inside transactions while any test runs."""
    with pytest.MonkeyPatch.context() as patch:
        watching = Watchman()
        watching.install(patch)
        yield watching


@pytest.fixture(autouse=True)
def no_network_in_transactions(watchman):
    """Every test fails that uses a socket while the product is inside a transaction, even if that was caught."""
    watchman.uses.clear()
    yield
    assert not watchman.uses, "\n".join(watchman.uses)


@pytest.fixture(scope="session", autouse=True)
def _choices_count_at_once():
    """What one test chose about sending must not reach the next, and a page asks the same number of queries always."""
    from newsletter.sending_settings import current

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(current, "LOOK_AGAIN_SECONDS", 0.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_quickly():
    """What makes a password hard to guess makes each log-in of a test take half a second."""
    from django.test.utils import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once():
    """Each of a test's browsers (`Client`) loads the middleware, for which WhiteNoise lists all static files again."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    lists, add_files = {}, WhiteNoiseMiddleware.add_files_from_finders

    def add_listed_files(self):
        # What the list is made from: the settings and the files' folders.
        made_from = (self.static_prefix, self.use_finders, self.autorefresh, self.max_age)
        if made_from not in lists:
            add_files(self)
            lists[made_from] = dict(self.files)
        self.files.update(lists[made_from])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_listed_files)
        yield


@pytest.fixture
def home(settings, tmp_path):
    """An installation's home folder of its own."""
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"home": tmp_path})
    return tmp_path


@pytest.fixture
def cli(capsys, db):
    """Run a command line: `cli("articles", "list")` gives its exit code, output and errors."""
    from newsletter.cli.commands import run

    def command(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return CommandResult(code, captured.out, captured.err)

    return command


class CommandResult:
    """What a person sees of one command."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


@pytest.fixture(scope="session")
def a_postgresql():
    """The address of a PostgreSQL that all tests share on SQLite; each press makes a database of its own in it."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt install postgresql).")
    with running(programs) as url:
        yield url


@pytest.fixture
def on_postgres(request, monkeypatch):
    """A PostgreSQL, also when the other tests run on SQLite."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("a_postgresql"))
