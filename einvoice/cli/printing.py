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


def save(data: bytes, output: str | None, *, force: bool, taken: set[str] | None = None) -> None:
    """Writes to the file, or to standard output where none is named; `taken` is what this command has written to already.

    Raises EInvoiceError where the file is there already and may not be replaced, or cannot be written.
    """
    if output in (None, "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    assert output
    path = Path(output)
    if taken is not None and output in taken:
        raise EInvoiceError(f"{path} was written a moment ago from another document of that name; name a folder for each")
    if path.is_file() and not force:
        raise EInvoiceError(f"{path} is there already; name another file, or replace it with --force")
    try:
        _write(path, data)
    except OSError as fault:
        raise EInvoiceError(f"{path} cannot be written: {fault.strerror}") from None
    if taken is not None:
        taken.add(output)


def _write(path: Path, data: bytes) -> None:
    """Writes beside the file and then takes its place; what is no file, such as a device, is written to."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def inside(output: str | None, name: str) -> str | None:
    """The file of that name in the output, where the output is a folder: one that is there, or a name that ends like one."""
    if output is None or not (output.endswith(("/", "\\")) or Path(output).is_dir()):
        return None
    return str(Path(output) / "".join("_" if sign in '/\\:*?"<>|' or sign < " " else sign for sign in name).lstrip("."))
