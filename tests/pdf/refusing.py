"""Extracts from one file and prints what came of it, the seconds of processor it took, and the peak of this process's memory in MB."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from einvoice.errors import EInvoiceError
from einvoice.pdf.extract import extract
from tests.speed.memory import peak


def answer(path: Path) -> str:
    """The kind of the error, or how much was extracted."""
    try:
        return f"{len(extract(path))}-bytes"
    except EInvoiceError as refused:
        return type(refused).__name__


if __name__ == "__main__":
    started = time.process_time()
    print(answer(Path(sys.argv[1])), time.process_time() - started, peak())
