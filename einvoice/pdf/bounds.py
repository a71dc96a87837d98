"""Bounds on what qpdf takes of this process while a PDF from outside is open; they hold for the whole process, so they end with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from pikepdf import settings

ITEMS = 1_000_000
"""The most members of one array or dictionary."""
WARNINGS = 1_000
NESTING = 200

_MEMORY = ("flate_max_memory", "run_length_max_memory", "png_max_memory", "tiff_max_memory", "dct_max_memory")
_MOST = 2**32 - 1

_lock = Lock()
_open: list[int] = []
_before: dict[str, Any] = {}


@contextmanager
def applied(size: int) -> Iterator[None]:
    """No stream that qpdf unpacks by itself becomes larger than `size` bytes; where several PDFs are open the largest size counts."""
    with _lock:
        if not _open:
            _before.update(settings.get_qpdf_limits())
        _open.append(size)
        _set(max(_open))
    try:
        yield
    finally:
        with _lock:
            _open.remove(size)
            if _open:
                _set(max(_open))
            else:
                settings.set_qpdf_limits(**_before)


def _set(size: int) -> None:
    """The bounds, and whoever uses this process keeps stricter ones of its own."""
    wanted: dict[str, Any] = dict.fromkeys(_MEMORY, min(size, _MOST))
    wanted |= {"parser_max_container_size": ITEMS, "doc_max_warnings": WARNINGS, "parser_max_nesting": NESTING}
    settings.set_qpdf_limits(**{key: min(value, _before[key] or value) for key, value in wanted.items()})
