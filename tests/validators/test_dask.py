"""`check` on a Dask cluster: a real scheduler and two workers, one of which is killed midway; and clusters that are none."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice_validators.batch import Checked, check_many
from tests.cli.conftest import Run, run
from tests.speed.documents import ubl
from tests.validators.clusters import HOST, Cluster, cluster, documents, seen

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

__all__ = ["run"]


@pytest.fixture
def two() -> Iterator[Cluster]:
    with cluster(2) as made:
        yield made


def test_a_worker_killed_midway_leaves_the_result_complete_and_the_same(two: Cluster) -> None:
    from einvoice.cli.cluster import cluster as reached

    found: list[Checked] = []
    with reached(two.address) as executor:
        for each in check_many(documents(800), executor=executor, ship_bytes=True):
            found.append(each)
            if len(found) == 300:
                two.workers[0].kill()
    assert two.workers[0].wait() < 0
    assert seen(found) == seen([*check_many(documents(800))])


def test_the_command_line_says_the_same_as_without(two: Cluster, run: Run, tmp_path: Path) -> None:
    for name, data in documents(20):
        (tmp_path / name).write_bytes(data)
    here, there = (run("check", tmp_path, "--format", "jsonl", *more) for more in ((), ("--dask", two.address)))
    assert here == there
    assert len(here.out.splitlines()) == 20


def test_no_scheduler_and_no_workers_are_told_within_seconds(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xml").write_bytes(ubl(1))
    monkeypatch.setattr("einvoice.cli.cluster.ANSWER", 3)
    started = time.monotonic()
    with socket.socket() as silent:  # it takes connections and never answers
        silent.bind((HOST, 0))
        silent.listen()
        addresses = [f"tcp://{HOST}:1", f"tcp://{HOST}:{silent.getsockname()[1]}", "nonsense://x", "nothing"]
        for address in addresses:
            ran = run("check", tmp_path / "a.xml", "--dask", address)
            assert (ran.code, ran.out) == (2, ""), address
            assert address in ran.err
    assert time.monotonic() - started < 30
    with cluster(0) as idle:
        assert "dask worker" in run("check", tmp_path / "a.xml", "--dask", idle.address).err


def test_without_distributed_the_mend_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = run("check", tmp_path, "--dask", "tcp://127.0.0.1:8786", "--format", "jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "einvoice-toolkit[dask]" in ran.err
