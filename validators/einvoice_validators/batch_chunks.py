"""Chunks of documents: one at first, so that the first verdict comes soon, and then as many as make the journey worth while."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from einvoice_validators.batch_worker import check_one
from einvoice_validators.checked import CheckFailed, How, Task

MOST = 64
"""Documents in a chunk."""
ENOUGH = 400_000
"""Bytes from which a chunk is full: some 30 ms of work, of which sending it takes less than a hundredth."""


def chunks(tasks: Iterator[Task], workers: int, fixed: int | None) -> Iterator[list[Task]]:
    """The tasks in chunks of `fixed`, or of as many as pays: each worker's first has one document, its next two, then four."""
    made, part, size = 0, [], 0
    for task in tasks:
        part.append(task)
        size += weight(task)
        full = len(part) >= fixed if fixed else size >= ENOUGH or len(part) >= min(MOST, 2 ** min(made // workers, 10))
        if full:
            yield part
            made, part, size = made + 1, [], 0
    if part:
        yield part


def weight(task: Task) -> int:
    """The bytes of a document; 0 where there is none."""
    if isinstance(task.source, bytes):
        return len(task.source)
    try:
        return task.source.stat().st_size if isinstance(task.source, Path) else 0
    except (OSError, ValueError):
        return 0


def loaded(task: Task, how: How) -> Task:
    """The same task with the bytes of its file, no more than one beyond the limit, or with the error that reading it gives."""
    if not isinstance(task.source, Path):
        return task
    try:
        with task.source.open("rb") as stream:
            return Task(task.name, stream.read(how.max_size + 1 if how.max_size else -1))
    except (OSError, ValueError):
        return Task(task.name, check_one(task, how).error or CheckFailed("the file could not be read a moment ago; check it again"))
