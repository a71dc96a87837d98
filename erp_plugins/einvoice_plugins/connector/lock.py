"""One connector a folder: a lock of the operating system, which it takes back itself when the process is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from einvoice.errors import EInvoiceError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder's lock.

    Raises EInvoiceError where another process has it.
    """
    (folder / ".work").mkdir(parents=True, exist_ok=True)
    with (folder / ".work" / "lock").open("a+b") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise EInvoiceError(f"another connector works in {folder}; end it first, or let it do the work") from None
        yield


def _lock(handle: int) -> None:
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415 - of this system alone

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl  # noqa: PLC0415 - the same

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
