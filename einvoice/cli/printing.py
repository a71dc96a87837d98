"""JSON as it is printed, and files as they are written: whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from einvoice.errors import EInvoiceError


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON; characters beyond ASCII stand for themselves where the output can hold them."""
    from json import dumps

    plain = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return dumps(value, indent=indent, ensure_ascii=not plain, default=str)


def save(data: bytes, output: str | None, *, force: bool) -> None:
    """Writes to the file, or to standard output where none is named.

    Raises EInvoiceError where the file is there already and may not be replaced, or cannot be written.
    """
    if output in (None, "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    assert output
    path = Path(output)
    if path.exists() and not force:
        raise EInvoiceError(f"{path} is there already; name another file, or replace it with --force")
    _replace(path, data)


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as fault:
        raise EInvoiceError(f"{path} cannot be written: {fault.strerror}") from None


def is_folder(output: str | None) -> bool:
    """Whether the output names a folder: one that is there, or a name that ends like one."""
    return output is not None and (output.endswith(("/", "\\")) or Path(output).is_dir())
