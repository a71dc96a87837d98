"""Writes the document of a message that came, as its sender made it; or what proves it.

--part wrapped is the document in its envelope (SBDH), soap the SOAP envelope with the sender's signature, receipt our signed answer,
certificate the sender's access point's (PEM)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from sqlalchemy import Row

USAGE = "MESSAGE"
EXAMPLES = """\
  einvoice inbox export 17 -o invoice.xml
  einvoice inbox export 17 | einvoice show -
  einvoice inbox export 17 --part receipt -o receipt.xml
"""
_PARTS = ("document", "wrapped", "soap", "receipt", "certificate")


def options(parser: ArgumentParser) -> None:
    """What `inbox export` understands."""
    from einvoice.cli.inbox.common import message_argument

    message_argument(parser)
    parser.add_argument("--part", choices=_PARTS, default="document", help="what to write; the document unless told")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to; standard output unless told")
    parser.add_argument("--force", action="store_true", help="replace what is there already")


def run(options: Namespace) -> int:
    """Writes it."""
    from pathlib import Path

    from einvoice.cli.inbox.common import looking
    from einvoice.errors import PeppolError
    from einvoice_peppol.inbox import browsing

    with looking() as connection:
        row = browsing.find(connection, options.message)
    if options.output in (None, "-"):
        import sys

        sys.stdout.flush()
        _write(row, options.part, sys.stdout.buffer)
        return 0
    file = Path(options.output)
    if file.exists() and not options.force:
        raise PeppolError(f"{file} is there already; name another file, or replace it with --force")
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as into:
            _write(row, options.part, into)
        part.replace(file)
    except OSError as fault:
        raise PeppolError(f"{file} cannot be written: {fault.strerror}; name a file in a folder that is there") from None
    finally:
        part.unlink(missing_ok=True)
    return 0


def _write(row: Row[Any], part: str, into: BinaryIO) -> None:
    from shutil import copyfileobj

    from einvoice.errors import PeppolError
    from einvoice.settings import current
    from einvoice_peppol.bodies import spool
    from einvoice_peppol.inbox.incoming import incoming

    if part in ("document", "wrapped"):
        found = incoming(row, spool(current()))
        if part == "document":
            found.unwrap(into)
            return
        with found.wrapped() as data:
            copyfileobj(data, into)
        return
    data = {"soap": row.envelope, "receipt": row.receipt, "certificate": row.certificate}[part]
    if data is None:
        raise PeppolError(f"message {row.id} has no {part}: it came by {row.via}, which keeps what proves it")
    into.write(data.encode("ascii") if isinstance(data, str) else data)
