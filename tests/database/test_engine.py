"""The database's door: what is refused, what is unreachable, what a transaction keeps, each with the mend and in bounded time."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from einvoice.database import connect, open_database, reading
from einvoice.errors import DatabaseError


@pytest.mark.parametrize("url", ["einvoice.db", "mysql://root@localhost/x", ""])
def test_what_is_no_address_is_refused_with_the_mend(url: str) -> None:
    with pytest.raises(DatabaseError, match="postgresql://USER@HOST/NAME"):
        open_database(url)


def test_a_server_that_does_not_answer_is_told_in_bounded_time() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens
        port = closed.getsockname()[1]
        _unreachable(f"postgresql://someone:hush@127.0.0.1:{port}/x", within=5)


@pytest.mark.slow
def test_a_server_that_takes_the_call_and_says_nothing() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(1)
        _unreachable(f"postgresql://someone:hush@127.0.0.1:{mute.getsockname()[1]}/x", within=20)


def _unreachable(url: str, within: float) -> None:
    engine = open_database(url)
    started = time.monotonic()
    with pytest.raises(DatabaseError, match=r"cannot be reached.*url is right") as caught, connect(engine):
        pass
    engine.dispose()
    assert time.monotonic() - started < within
    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_database_and_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database, though it is long enough to be looked at " * 20, "utf-8")
    (tmp_path / "file").touch()
    for url in (f"sqlite:///{tmp_path}/text.db", f"sqlite:///{tmp_path}/file/einvoice.db"):
        engine = open_database(url)
        with pytest.raises(DatabaseError, match="url is right"), connect(engine):
            pass
        engine.dispose()


def test_the_folder_is_made_and_nobody_else_reads_it(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/data/einvoice/einvoice.db")
    with connect(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    engine.dispose()
    assert (tmp_path / "data" / "einvoice").stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "data" / "einvoice").iterdir())


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_that_was_never_migrated_says_so(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/empty.db" if kind == "sqlite" else request.getfixturevalue("postgres"))
    with pytest.raises(DatabaseError, match="doctor --migrate"), reading(engine) as connection:
        connection.execute(text("SELECT * FROM outbox"))
    engine.dispose()


def test_a_server_that_goes_away_in_a_transaction(postgres: str) -> None:
    engine, other = open_database(postgres), open_database(postgres)
    with pytest.raises(DatabaseError, match="nothing of this transaction is kept"):
        _lose(engine, other)
    engine.dispose()
    other.dispose()


def _lose(engine: Engine, other: Engine) -> None:
    with connect(engine) as connection:
        number = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with connect(other) as killer:
            killer.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
        connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_exception_rolls_back_and_reading_sees_one_moment(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/test.db" if kind == "sqlite" else request.getfixturevalue("postgres"))
    with connect(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with pytest.raises(ZeroDivisionError):
        _fail(engine)
    with reading(engine) as before:
        assert before.execute(text("SELECT count(*) FROM t")).scalar() == 0
        with connect(engine) as connection:
            connection.execute(text("INSERT INTO t VALUES (2)"))
        assert before.execute(text("SELECT count(*) FROM t")).scalar() == 0
    with reading(engine) as after:
        assert after.execute(text("SELECT count(*) FROM t")).scalar() == 1
    engine.dispose()


def _fail(engine: Engine) -> None:
    with connect(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        raise ZeroDivisionError


def test_a_writer_has_the_database_for_itself(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/test.db")
    with connect(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    with connect(engine):
        other = sqlite3.connect(tmp_path / "test.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO t VALUES (1)")
        other.close()
    engine.dispose()


def test_threads_take_turns(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/test.db")
    with connect(engine) as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (0)"))

    def add() -> None:
        for _ in range(20):
            with connect(engine) as connection:
                seen = connection.execute(text("SELECT x FROM t")).scalar_one()
                connection.execute(text("UPDATE t SET x = :next"), {"next": seen + 1})

    threads = [threading.Thread(target=add) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT x FROM t")).scalar() == 60
    engine.dispose()
