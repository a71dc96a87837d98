"""Chunks in flight: documents go to an executor in chunks, and their verdicts come back in the order given.

A bounded number of chunks is in flight. A chunk that does not come back, because a worker died over it, is checked again alone and
in halves, until the one document that ends its worker is known: that one is an error, the others have their verdicts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any, NamedTuple, TypeAlias

from einvoice.errors import EInvoiceError
from einvoice_validators.batch_chunks import chunks, loaded
from einvoice_validators.batch_pool import Pool
from einvoice_validators.batch_worker import Packed, check_chunk, unpacked
from einvoice_validators.checked import Checked, CheckFailed, How, Task

AHEAD = 8
"""Chunks in flight for each worker."""
BYTES_AHEAD = 64_000_000
"""Bytes in flight beyond which no further chunk is sent."""
TRIES = 2
"""How often a document is given to a worker by itself before it is taken for what ends it."""
IN_A_ROW = 10
"""So many documents, each of which ended its worker, are the executor's fault and not theirs."""

ENDED = "the process that checked it ended before it was done, each time; check it by itself, with more memory where it is large"
GONE = "the executor does no work any more; check it again"
SILENT = "no answer came within {:g} seconds; check it again"

Rows: TypeAlias = list[Packed]


class Flight(NamedTuple):
    """A chunk on its way: its tasks, the bytes it carries, who works on it, and where its result will be."""

    tasks: Sequence[Task]
    size: int
    executor: Executor
    future: Future[Any]


class NotBack(Exception):
    """A chunk that did not come back; `final` is what to say of its documents where there is no use in trying again."""

    def __init__(self, final: str | None = None) -> None:
        super().__init__(final)
        self.final = final


def flow(
    tasks: Iterator[Task],
    how: How,
    *,
    executor: Executor | None,
    jobs: int | None,
    chunk: int | None,
    ship_bytes: bool,
    patience: float | None,
) -> Iterator[Checked]:
    """The verdict on each task, in order, by an executor, or by `jobs` processes of our own."""
    with Pool(executor, jobs) as pool:
        ready = (loaded(task, how) for task in tasks) if ship_bytes else tasks
        yield from _Flow(pool, how, patience if executor else None).run(chunks(ready, pool.workers, chunk))


class _Flow:
    """What is in flight, and what to do with it."""

    def __init__(self, pool: Pool, how: How, patience: float | None) -> None:
        self.pool, self.how, self.patience = pool, how, patience
        self.flying: deque[Flight] = deque()
        self.troubled = False  # a chunk did not come back: all that flies lands before the next is sent
        self.ended = 0  # documents in a row that ended their worker

    def run(self, parts: Iterator[list[Task]]) -> Iterator[Checked]:
        """The verdicts on all chunks, in their order."""
        try:
            for part in parts:
                while self.flying and self._crowded():
                    yield from self._land(self.flying.popleft())
                self.troubled = False
                self.flying.append(self._send(part))
            while self.flying:
                yield from self._land(self.flying.popleft())
        finally:
            for flight in self.flying:
                flight.future.cancel()

    def _crowded(self) -> bool:
        """Whether the first chunk in flight is waited for before another is sent; one that is back already costs no waiting."""
        full = len(self.flying) >= AHEAD * self.pool.workers or sum(flight.size for flight in self.flying) >= BYTES_AHEAD
        return self.troubled or full or self.flying[0].future.done()

    def _send(self, tasks: Sequence[Task]) -> Flight:
        sent = [(task.name, task.source if isinstance(task.source, bytes) else str(task.source)) for task in _checkable(tasks)]
        executor = self.pool.executor
        size = sum(len(source) for _, source in sent)
        try:
            if not self.pool.ready():
                raise NotBack(GONE)
            executor = self.pool.executor
            future = executor.submit(check_chunk, sent, tuple(self.how))
        except Exception as fault:  # an executor that takes no work: the documents are to be told of, not lost
            future = Future()
            future.set_exception(fault)
        return Flight(tasks, size, executor, future)

    def _land(self, flight: Flight) -> Iterator[Checked]:
        try:
            rows = self._rows(flight)
        except NotBack as fault:
            self.troubled = True
            yield from _failed(flight.tasks, fault.final) if fault.final else self._alone(flight.tasks)
        else:
            yield from _verdicts(flight.tasks, rows)

    def _alone(self, tasks: Sequence[Task]) -> Iterator[Checked]:
        """The verdicts on a chunk that did not come back, while nothing else is sent: whole once more, then in halves."""
        half = len(tasks) // 2
        for _ in range(1 if half else TRIES):
            try:
                rows = self._rows(self._send(tasks))
            except NotBack as fault:
                if fault.final:
                    yield from _failed(tasks, fault.final)
                    return
            else:
                yield from _verdicts(tasks, rows)
                return
        if half:
            yield from self._alone(tasks[:half])
            yield from self._alone(tasks[half:])
        else:
            yield from self._given_up(tasks)

    def _given_up(self, tasks: Sequence[Task]) -> Iterator[Checked]:
        self.ended += 1
        self.pool.lost = self.pool.lost or self.ended >= IN_A_ROW
        return _failed(tasks, ENDED)

    def _rows(self, flight: Flight) -> Rows:
        """What a worker found out about each document of a chunk.

        Raises NotBack, and EInvoiceError where workers do not know our package.
        """
        self._wait(flight.future)
        try:
            rows = flight.future.result()
        except NotBack:
            raise
        except (ImportError, AttributeError) as fault:
            raise EInvoiceError(f"the workers cannot run einvoice-toolkit ({fault}); install the same version there as here") from None
        except Exception as fault:  # whatever ended it, a broken pool, a killed worker, a lost connection
            self.pool.broken |= isinstance(fault, BrokenExecutor) and flight.executor is self.pool.executor
            raise NotBack from None
        if not isinstance(rows, list) or len(rows) != sum(1 for _ in _checkable(flight.tasks)):
            raise NotBack
        self.ended = 0
        return rows

    def _wait(self, future: Future[Any]) -> None:
        """Waits for a chunk as long as anything comes back.

        Raises NotBack where nothing does; where nothing else has come back either, the executor is lost.
        """
        others = {flight.future for flight in self.flying}
        while self.patience and not future.done():
            pending = {future, *(other for other in others if not other.done())}
            if not wait(pending, self.patience, FIRST_COMPLETED).done:
                self.pool.lost |= len(pending) > len(others)
                future.cancel()
                raise NotBack(SILENT.format(self.patience))


def _checkable(tasks: Sequence[Task]) -> Iterator[Task]:
    return (task for task in tasks if not isinstance(task.source, EInvoiceError))


def _verdicts(tasks: Sequence[Task], rows: Rows) -> Iterator[Checked]:
    came = iter(rows)
    for task in tasks:
        source = task.source
        yield Checked(task.name, error=source) if isinstance(source, EInvoiceError) else unpacked(task.name, next(came))


def _failed(tasks: Sequence[Task], why: str) -> Iterator[Checked]:
    for task in tasks:
        yield Checked(task.name, error=task.source if isinstance(task.source, EInvoiceError) else CheckFailed(why))
