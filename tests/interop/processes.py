"""A peer in a process of its own that says lines of JSON on its standard output, and ends when its standard input does."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.interop import maven

START = 60.0
"""Seconds until a JVM is there, on a busy machine."""


class Broken(Exception):
    """A peer ended, or did not say what it must; the message has the end of its log."""


class Said:
    """The lines of a peer's standard output, read while it runs."""

    def __init__(self, output: IO[str], log: Path) -> None:
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._log = log
        self.all: list[dict[str, Any]] = []
        threading.Thread(target=self._read, args=(output,), daemon=True).start()

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def wait(self, event: str, patience: float, **values: object) -> dict[str, Any]:
        """The next line of an event with these values; lines that come before it are kept in `all`. Raises Broken."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise Broken(f"the peer ended: {self._tail()}")
            self.all.append(line)
            if line["event"] == event and all(line.get(name) == value for name, value in values.items()):
                return line
        raise Broken(f"the peer did not say {event} within {patience} s: {self._tail()}")

    def about(self, event: str, patience: float, **values: object) -> dict[str, Any]:
        """A line of an event with these values, whether it was said already or is said in time. Raises Broken."""
        known = [line for line in self.all if line["event"] == event and all(line.get(name) == value for name, value in values.items())]
        return known[0] if known else self.wait(event, patience, **values)

    def _tail(self) -> str:
        return self._log.read_text("utf-8", errors="replace")[-2_000:]


@contextmanager
def spoken(command: Sequence[str | Path], log: Path) -> Iterator[tuple[subprocess.Popen[str], Said]]:
    """A command while the block runs, and what it says; what it logs stands in a file. It ends with its standard input, or is killed."""
    with log.open("wb") as logged:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=logged, text=True, encoding="utf-8")
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process, Said(process.stdout, log)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            process.stdout.close()


@contextmanager
def running(
    name: str, main: str, arguments: Sequence[str | Path], properties: Mapping[str, str], folder: Path
) -> Iterator[tuple[subprocess.Popen[str], Said]]:
    """A class of `java/NAME` while the block runs. Raises folders.Absent."""
    with spoken(maven.command(maven.built(name), main, arguments, properties), folder / f"{main}.log") as process:
        yield process
