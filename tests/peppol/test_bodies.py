"""The spool: nothing of a body is left where the disk has no room for it, and looking at it bears that others write."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from einvoice.settings import Settings
from einvoice_peppol.bodies import Bodies, spool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of files are those of POSIX")
_LARGE = bytes(2_000_000)


@contextmanager
def no_room(size: int = 4_096) -> Iterator[None]:
    """No file of this process grows beyond a size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def bodies(tmp_path: Path) -> Bodies:
    return Bodies(tmp_path, inline=1_000)


@pytest.mark.parametrize("size", [9_000, len(_LARGE)], ids=["when it is kept", "while it is written"])
def test_a_full_disk_leaves_nothing_of_a_body(bodies: Bodies, tmp_path: Path, size: int) -> None:
    with no_room(), pytest.raises(OSError):  # noqa: PT011 -- the system's own
        bodies.of(_LARGE[:size])
    assert not [*tmp_path.iterdir()]


def test_a_writer_that_has_no_room_is_dropped_all_the_same(bodies: Bodies, tmp_path: Path) -> None:
    with no_room():
        writer = bodies.writer()
        writer.write(_LARGE[:9_000])
        writer.drop()
    assert not [*tmp_path.iterdir()]


def test_keeping_where_there_is_no_room_leaves_nothing(bodies: Bodies, tmp_path: Path) -> None:
    writer = bodies.writer()
    writer.write(_LARGE[:9_000])
    with no_room(), pytest.raises(OSError):  # noqa: PT011 -- the system's own
        writer.keep()
    assert not [*tmp_path.iterdir()]


def test_looking_finds_that_there_is_no_room(bodies: Bodies) -> None:
    with no_room(0), pytest.raises(OSError):  # noqa: PT011 -- the system's own
        bodies.look()
    bodies.look()


def test_the_old_files_are_listed_while_others_write(bodies: Bodies) -> None:
    until, faults = time.monotonic() + 0.5, []

    def write() -> None:
        number = 0
        while time.monotonic() < until:
            number += 1
            bodies.drop(bodies.of(f"{number:09}".encode() * 200))

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        try:
            bodies.files(datetime.now(UTC))
        except OSError as fault:
            faults.append(fault)
    for thread in threads:
        thread.join()
    assert not faults


def _aged(folder: Path, name: str) -> str:
    """A file that was last written two days ago."""
    before = time.time() - 2 * 86_400
    os.utime(folder / name, (before, before))
    return name


def test_an_old_file_is_removed_and_one_that_is_kept_again_is_not(bodies: Bodies, tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    name = _aged(tmp_path, str(bodies.of(_LARGE).file))
    bodies.of(_LARGE)  # somebody keeps the same bytes now
    assert not bodies.remove(name, yesterday)
    assert (tmp_path / name).read_bytes() == _LARGE
    assert bodies.remove(_aged(tmp_path, name), yesterday)
    assert not bodies.remove(name, yesterday)
    assert not [*tmp_path.iterdir()]


def test_a_spool_knows_the_databases_that_use_it(tmp_path: Path) -> None:
    ours, theirs = Bodies(tmp_path, inline=0, owner="sqlite:///ours.db"), Bodies(tmp_path, inline=0, owner="sqlite:///theirs.db")
    ours.of(b"ours")
    assert ours.others() == []
    theirs.of(b"theirs")
    assert len(ours.others()) == len(theirs.others()) == 1
    assert ours.others() != theirs.others()
    assert len(ours.files(datetime.now(UTC) + timedelta(days=1))) == 2


def test_two_databases_of_a_folder_have_two_spools(tmp_path: Path) -> None:
    found = []
    for name in ("one.db", "two.db"):
        settings = Settings()
        settings = settings._replace(database=settings.database._replace(url=f"sqlite:///{tmp_path / name}"))
        found.append(spool(settings))
        found[-1].of(_LARGE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.db-peppol", "two.db-peppol"]
    assert [each.others() for each in found] == [[], []]
