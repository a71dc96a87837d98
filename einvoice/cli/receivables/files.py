"""What verbs that make a file share: where it goes, and that nothing is written by halves."""

from __future__ import annotations

import sys
from pathlib import Path

from einvoice.errors import ReceivablesError


def put(data: bytes, path: Path | None, *, text: bool = False) -> None:
    """Writes a file, whole or not at all; without a path to standard output, which takes bytes only where nobody looks at it.

    Raises ReceivablesError where it cannot be written, with the mend.
    """
    if path is None:
        if not text and sys.stdout.isatty():
            raise ReceivablesError("this is no text to look at; name a file with -o FILE")
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise ReceivablesError(f"{path}: {fault.strerror}; name a file in a folder that is there") from None
