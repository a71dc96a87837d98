"""Many documents: their verdicts in the order given, as they come, in this process, in several, or on a cluster.

    for checked in check_many(Path("inbox").rglob("*.xml"), jobs=4):
        print(checked.name, checked.verdict)

A document is XML, or a PDF that carries it (extra `pdf`). One that fails never stops the others. What was not checked is an error,
and its verdict is *not judged*: no document is lost, and none is valid because its check broke off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.errors import EInvoiceError, SettingsError
from einvoice_validators.checked import Checked, CheckFailed, Document, How, Task

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["CheckFailed", "Checked", "Document", "How", "Task", "check_many"]


def check_many(
    documents: Iterable[Document],
    *,
    profile: str | None = None,
    official: bool = False,
    both: bool = False,
    severities: str = "official",
    max_size: int | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    chunk: int | None = None,
    ship_bytes: bool = False,
    patience: float | None = None,
) -> Iterator[Checked]:
    """The verdict on each document, in the order given, each as soon as those before it are done.

    `profile`, `official`, `severities` and `max_size` are those of `validate`; `both` runs our rules and the official ones, too.
    `jobs` above 1 checks in so many processes, which are started again where one dies. An `executor` of any kind is used instead,
    and `jobs` is then how many documents it works on at a time, where it does not say so itself. `ship_bytes` reads the files here,
    for workers that do not see them. `patience` is how many seconds to wait for an executor that gives no sign of life.
    Documents travel in chunks, by default small at first and then as large as pays; `chunk` sets their number, 1 for a slow feed.
    The documents may be endless: no more than a few chunks a worker are held at a time.
    Raises SettingsError where no profile or severities have the name.
    """
    how = How(_known(profile), official, both, _limit(max_size), _whose(severities))
    tasks = _tasks(documents)
    if executor is None and (jobs or 1) == 1:
        from einvoice_validators.batch_worker import check_one  # noqa: PLC0415 - the rules are loaded when the first is asked for

        return (check_one(task, how) for task in tasks)
    from einvoice_validators.batch_flow import flow  # noqa: PLC0415 - processes are imported only where there are to be some

    return flow(tasks, how, executor=executor, jobs=jobs, chunk=chunk, ship_bytes=ship_bytes, patience=patience)


def _tasks(documents: Iterable[Document]) -> Iterator[Task]:
    numbers = count(1)
    for document in documents:
        number = next(numbers)
        name, source = document if isinstance(document, tuple) else (_name(document, number), document)
        if not isinstance(source, bytes | Path | EInvoiceError):
            raise TypeError(f"{name} is {type(source).__name__}; a document is bytes or a pathlib.Path, or a name with either")
        yield Task(name, source)


def _name(document: Path | bytes, number: int) -> str:
    return str(document) if isinstance(document, Path) else f"document {number}"


def _known(profile: str | None) -> str | None:
    from einvoice_schemas.profiles import profile as named  # noqa: PLC0415 - only where a profile is named

    try:
        return named(profile).name if profile else None
    except KeyError as fault:
        raise SettingsError(fault.args[0]) from None


def _whose(severities: str) -> str:
    if severities != "official":
        from einvoice_validators import scope  # noqa: PLC0415 - only where others are asked for

        scope.known(severities)
    return severities


def _limit(max_size: int | None) -> int:
    """The most bytes, decided here, so that a worker elsewhere does not decide otherwise."""
    from einvoice import settings  # noqa: PLC0415 - where it is asked for

    return settings.current().documents.max_size if max_size is None else max_size
