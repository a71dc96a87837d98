"""Hands what came over to a folder: a file a document, which is whole once its name is there.

The name says sender, instance id and content, so that the same message makes the same file, however often it is tried: a program that
takes files away and sees a name again has taken that document already.
"""

from __future__ import annotations

import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from einvoice.errors import PeppolError
from einvoice_peppol.bodies import synchronise
from einvoice_peppol.inbox.handlers import KINDS
from einvoice_peppol.inbox.incoming import Incoming

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_READABLE = 60


class FolderHandler:
    """Writes documents, without their envelopes, into a folder; every kind unless told."""

    def __init__(self, folder: Path, kinds: frozenset[str] = KINDS) -> None:
        self._folder = folder
        self.kinds = kinds

    def prepare(self, incoming: Incoming) -> None:
        """Writes the file before the transaction begins: a large document keeps nobody waiting.

        Raises PeppolError where the folder cannot be written to.
        """
        write(self._folder, incoming)

    def handle(self, connection: Connection, incoming: Incoming) -> None:
        """Sees that the file has been written: it was, before."""


def write(folder: Path, incoming: Incoming) -> Path:
    """Writes a document, without its envelope, into a folder that is made where it is missing; the file.

    A file of its name is left as it is, for it holds the same. Raises PeppolError where the folder cannot be written to.
    """
    file = folder / name(incoming)
    if file.exists():
        return file
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=".part-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as into:
                _fill(into, incoming)
            Path(aside).replace(file)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
        synchronise(folder)
    except OSError as fault:
        raise PeppolError(f"{folder} cannot be written to: {fault.strerror}; see [peppol] inbox") from None
    return file


def name(incoming: Incoming) -> str:
    """The name of a document's file: its kind, its sender and instance id as far as a name can hold them, and what tells it apart."""
    exact = f"{incoming.access_point}\n{incoming.instance_id}\n{incoming.body.sha256}"
    readable = _UNFIT.sub("_", f"{incoming.kind}-{incoming.sender.id}-{incoming.instance_id}")[:_READABLE].strip("._-")
    return f"{readable}-{sha256(exact.encode()).hexdigest()[:16]}.xml"


def _fill(into: BinaryIO, incoming: Incoming) -> None:
    incoming.unwrap(into)
    into.flush()
    os.fsync(into.fileno())
