"""The spool: nothing of a body is left where the disk has no room for it, and looking at it bears that others write."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from einvoice_peppol.bodies import Bodies

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
