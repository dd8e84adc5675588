import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from tests.made_tables import made_once, make_home

WORKERS = 4
SECONDS = 60


def test_what_several_workers_need_at_once_is_made_by_one_of_them(tmp_path):
    made, ready = [], Barrier(WORKERS, timeout=SECONDS)

    def make(file):
        made.append(file)
        file.write_text("whole", encoding="utf-8")

    def worker(_number):
        ready.wait()
        return made_once(tmp_path / "tables", make).read_text(encoding="utf-8")

    with ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(worker, range(WORKERS), timeout=SECONDS)) == ["whole"] * WORKERS
    assert len(made) == 1


def test_what_failed_half_way_is_made_again(tmp_path):
    def fail(file):
        file.write_text("half", encoding="utf-8")
        raise OSError("The disk is full.")

    with pytest.raises(OSError, match="full"):
        made_once(tmp_path / "tables", fail)
    file = made_once(tmp_path / "tables", lambda file: file.write_text("whole", encoding="utf-8"))
    assert file.read_text(encoding="utf-8") == "whole"


def test_what_one_installation_writes_is_not_in_the_next(tmp_path):
    count = "SELECT count(*) FROM auth_group"
    for name in ("first", "second"):
        make_home(tmp_path / name)
        with closing(sqlite3.connect(tmp_path / name / "newsletter.sqlite3")) as database, database:
            assert database.execute(count).fetchone() == (0,)
            database.execute("INSERT INTO auth_group (name) VALUES ('rowers')")
