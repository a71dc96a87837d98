"""Which files are taken, and when: temporary names, looks, markers, halves; what whole files are."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einvoice_plugins.connector.folders import Folders
from einvoice_plugins.connector.looking import Looks
from einvoice_plugins.connector.settings import Files
from einvoice_plugins.connector.whole import is_temporary, unfinished
from tests.plugins.connector import world
from tests.plugins.connector.halves import halves
from tests.plugins.connector.world import World


class Clock:
    """A clock that only goes where it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(tmp_path)
    made.make()
    return made


@pytest.mark.parametrize("name", [".a.xml", "~$a.csv", "a.xml.part", "a.TMP", "a.csv~", "a.filepart", "#a#", "a.csv.ready", "a.crdownload"])
def test_temporary_names_are_never_taken(name: str, folders: Folders) -> None:
    assert is_temporary(name)
    (folders.incoming("invoices") / name).write_bytes(b"<a/>")
    looks = Looks(Files(settle=1), clock := Clock())
    clock.now += 10
    assert not [*looks.at(folders, "invoices")]


@pytest.mark.parametrize("name", ["a.xml", "a.part.xml", "tmp.csv", "ready.json", "a", "Rechnung 7.pdf"])
def test_other_names_are_taken(name: str) -> None:
    assert not is_temporary(name)


def test_a_file_is_taken_when_it_stays_as_it_is(folders: Folders) -> None:
    looks = Looks(Files(settle=2), clock := Clock())
    path = folders.incoming("invoices") / "a.xml"
    path.write_bytes(b"<a")
    assert not [*looks.at(folders, "invoices")]
    assert looks.unsettled(folders, "invoices")
    clock.now += 3
    path.write_bytes(b"<a/>")
    assert not [*looks.at(folders, "invoices")]
    clock.now += 1.9
    assert not [*looks.at(folders, "invoices")]
    clock.now += 0.2
    assert [found.path for found in looks.at(folders, "invoices")] == [path]
    assert not looks.unsettled(folders, "invoices")


def test_a_marker_says_at_once_that_a_file_is_whole(folders: Folders) -> None:
    path = folders.incoming("invoices") / "a.xml"
    path.write_bytes(b"<a/>")
    looks = Looks(Files(settle=2, ready=True), clock := Clock())
    clock.now += 10
    assert not [*looks.at(folders, "invoices")]
    path.with_name("a.xml.ready").touch()
    assert [found.marked for found in looks.at(folders, "invoices")] == [True]


def test_links_and_folders_are_left_alone(folders: Folders, tmp_path: Path) -> None:
    place = folders.incoming("invoices")
    (tmp_path / "secret").write_text("x\n")
    (place / "a.csv").symlink_to(tmp_path / "secret")
    (place / "b.csv").mkdir()
    looks = Looks(Files(settle=0.001), clock := Clock())
    [*looks.at(folders, "invoices")]
    clock.now += 10
    assert not [*looks.at(folders, "invoices")]


def test_half_a_file_waits_by_its_last_change_whatever_its_date_says(folders: Folders) -> None:
    path = folders.incoming("invoices") / "a.xml"
    path.write_bytes(b"<a")
    os.utime(path, (0, 0))  # as a copy that keeps dates
    looks = Looks(Files(settle=0.001, patience=0.2))
    [*looks.at(folders, "invoices")]
    time.sleep(0.01)
    (found,) = looks.at(folders, "invoices")
    assert looks.may_wait(found)
    time.sleep(0.25)
    assert not looks.may_wait(found)


@given(st.binary(max_size=200))
def test_whether_bytes_are_whole_is_never_an_error(data: bytes) -> None:
    assert unfinished(data) is None or unfinished(data)


@pytest.mark.parametrize("data", [b"", b" \n", b"<a><b", b'{"a": 1', b"[{}", b"%PDF-1.7\n...", b"a,b\n1,2", b"\xff\xfea\x00,\x00b\x00"])
def test_half_files_are_told(data: bytes) -> None:
    assert unfinished(data)


@pytest.mark.parametrize(
    "data", [b"<a/>\n", b"\xef\xbb\xbf<a/>", b'{"a": 1}', b"[]\n", b"%PDF-1.7\n%%EOF\n", b"a,b\r\n", b"\xff\xfea\x00\n\x00"]
)
def test_whole_files_are_told(data: bytes) -> None:
    assert unfinished(data) is None


def test_files_cut_anywhere_are_taken_when_their_rest_has_come() -> None:
    assert halves(3, seed=7).holds


def test_a_table_whose_last_line_has_no_end_wants_a_marker(world: World) -> None:
    connector = world.connector(files=Files(settle=0.01, patience=0.05))
    path = world.put("open.csv", _whole().rstrip(b"\n"), "open-items")
    time.sleep(0.1)
    assert world.worked(connector)["refused"] == 1
    assert not world.ledger()
    path.write_bytes(_whole().rstrip(b"\n"))
    world.mark("open.csv", "open-items")
    assert connector.look()["accepted"] == 1
    assert len(world.ledger()) == 2


def test_what_is_written_after_it_was_put_away_comes_back(world: World) -> None:
    connector = world.connector()
    path = world.put("open.csv", _whole(), "open-items")
    with path.open("ab") as still_open:
        world.worked(connector)
        assert world.names("DONE") == ["open.csv"]
        still_open.write(b"c1,T-9,2026-11-01,2026-12-01,900.00\n")
    world.worked(connector)
    world.worked(connector)
    assert sorted(world.ledger()) == ["T-1", "T-2", "T-9"]


def _whole() -> bytes:
    return world.as_table("T")
