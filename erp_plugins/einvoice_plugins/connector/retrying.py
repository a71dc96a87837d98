"""Refused files are handed in again: moved back into IN, over none that is there."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from einvoice.errors import EInvoiceError
from einvoice_plugins.connector.folders import SOURCES, Folders, marker_of
from einvoice_plugins.connector.overview import refused


def retry(home: Path, names: Collection[str] = ()) -> list[Path]:
    """Moves these files, or all, from REFUSED into IN, with a marker that says they are whole; where each is now.

    Raises EInvoiceError for a name that was not refused.
    """
    folders = Folders(home)
    there = [(source, path) for source in SOURCES for path in refused(home, source)]
    if unknown := [name for name in names if name not in [path.name for _, path in there]]:
        raise EInvoiceError(f"{unknown[0]} is not in REFUSED; einvoice-connector status lists what is")
    moved = []
    for source, path in there:
        if not names or path.name in names:
            place = folders.put_back(source, path)
            marker_of(place).touch()
            for kind in ("json", "txt"):
                with suppress(FileNotFoundError):
                    path.with_name(f"{path.name}.reasons.{kind}").unlink()
            moved.append(place)
    return moved
