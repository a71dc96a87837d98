"""A hundred megabytes put into an envelope and taken out again, in a process of its own: `python -m tests.peppol.envelopes_large KIND`.

Prints JSON: seconds of the processor for each way, and the memory above what the process had before, in bytes. KIND is `text` (one
text node of base64), `elements` (small elements), `binary` (a file that is no XML).
"""

from __future__ import annotations

import base64
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from einvoice_peppol.sbdh.header import Header
from einvoice_peppol.sbdh.unwrapping import unwrap
from einvoice_peppol.sbdh.wrapping import wrap
from tests.peppol.envelopes import EDIFACT, HEADER, INVOICE, Counting, long, wrapped

_SIZE = 100_000_000
_START, _END = f'<Invoice xmlns="{INVOICE}" xmlns:c="urn:c">'.encode(), b"</Invoice>"
_PARTS = {"text": b"QUJD" * 16_384, "elements": b'<c:Amount currencyID="EUR">1.00</c:Amount>' * 1_500, "binary": bytes(range(256)) * 256}


def main(kind: str) -> dict[str, float]:
    """The measurement."""
    part = _PARTS[kind]
    times = _SIZE // len(part)
    header = HEADER._replace(document=EDIFACT, mime="application/octet-stream") if kind == "binary" else HEADER
    base = _forget_peak()
    made = Counting()
    started = time.process_time()
    wrap(_document(kind, part, times), header, made)
    there = time.process_time() - started
    taken = Counting()
    envelope = _envelope(kind, header, part, times)
    started = time.process_time()
    unwrap(envelope, taken)
    back = time.process_time() - started
    expected = len(part) * times + (0 if kind == "binary" else len(_START) + len(_END))
    return {"wrap": there, "unwrap": back, "memory": _memory("VmHWM") - base, "bytes": made.size, "right": taken.size == expected}


def _document(kind: str, part: bytes, times: int) -> BinaryIO:
    return long(b"", part, times, b"") if kind == "binary" else long(_START, part, times, _END)


def _envelope(kind: str, header: Header, part: bytes, times: int) -> BinaryIO:
    """The envelope as it would be written, made while it is read."""
    if kind == "binary":
        head, tail = wrapped(b"abc", header).split(b"YWJj")
        part = base64.b64encode(part * 3)
        return long(head, part, times // 3, base64.b64encode(_PARTS[kind] * (times % 3)) + tail)
    head, tail = wrapped(_START + b"@" + _END).split(b"@")
    return long(head, part, times, tail)


def _forget_peak() -> int:
    """Makes the kernel forget the peak of the memory; what the process has now, in bytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
